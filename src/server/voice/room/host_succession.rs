//! Who owns a room and who hosts it while the owner is away: how long a host may be away, and which rank a stand-in had
//! before.

use crate::{
    model::{id::UserId, room::Person, stage::HOST_AWAY_SECONDS},
    server::voice::roles::Rank,
};

#[derive(Debug)]
pub struct HostSuccession {
    /// The person who opened the room, made it permanent or got it handed over. When nobody is inside, the owner is
    /// host again.
    owner: Person,
    /// The person who hosts while the owner is away.
    stand_in: Option<StandIn>,
    /// Since when people are inside and the host is not.
    host_away_since_ms: Option<u64>,
}

#[derive(Debug)]
struct StandIn {
    user: UserId,
    rank_before: Rank,
}

impl HostSuccession {
    pub fn new(owner: Person) -> Self {
        Self {
            owner,
            stand_in: None,
            host_away_since_ms: None,
        }
    }

    pub fn owner(&self) -> &Person {
        &self.owner
    }

    pub fn is_owner(&self, user: &UserId) -> bool {
        self.owner.id == *user
    }

    /// Sets the owner. The owner also hosts, so there is no stand-in any more.
    pub fn set_owner(&mut self, owner: Person) {
        self.owner = owner;
        self.stand_in = None;
    }

    /// Updates the name and face of `person` if they are the owner.
    pub fn rename(&mut self, person: &Person) {
        if self.is_owner(&person.id) {
            self.owner = person.clone();
        }
    }

    /// Notes whether the host is away while others are inside. If they have just left, `since_ms` is when.
    pub fn track_absence(&mut self, is_away: bool, since_ms: u64) {
        self.host_away_since_ms = is_away.then(|| self.host_away_since_ms.unwrap_or(since_ms));
    }

    /// Whether the host has been away for [`HOST_AWAY_SECONDS`], so that somebody else must host.
    pub fn is_due(&self, now_ms: u64) -> bool {
        let limit_ms = u64::from(HOST_AWAY_SECONDS) * 1_000;
        self.host_away_since_ms.is_some_and(|since| now_ms >= since + limit_ms)
    }

    /// Makes `user` the stand-in for `gone`. If `gone` was a stand-in too, returns the rank that they had before.
    pub fn stand_in(&mut self, user: UserId, rank_before: Rank, gone: &UserId) -> Option<Rank> {
        self.host_away_since_ms = None;
        let before = self.stand_in.replace(StandIn { user, rank_before });
        rank_of(before, gone)
    }

    /// The owner hosts again. Returns the rank that the stand-in `stood_in` had before.
    pub fn take_back(&mut self, stood_in: &UserId) -> Rank {
        self.host_away_since_ms = None;
        rank_of(self.stand_in.take(), stood_in).unwrap_or(Rank::Listener)
    }

    /// Forgets the stand-in and the host's absence, when nobody is inside.
    pub fn reset(&mut self) {
        self.stand_in = None;
        self.host_away_since_ms = None;
    }
}

fn rank_of(stand_in: Option<StandIn>, user: &UserId) -> Option<Rank> {
    stand_in.filter(|one| one.user == *user).map(|one| one.rank_before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Person {
        Person::named(UserId::parse(&format!("user-{name:a<10}")).expect("an id"), name)
    }

    #[test]
    fn an_absence_counts_from_its_first_moment_and_ends_when_the_host_is_back() {
        let mut succession = HostSuccession::new(person("Ada"));
        let away_ms = u64::from(HOST_AWAY_SECONDS) * 1_000;
        succession.track_absence(true, 10);
        succession.track_absence(true, 500);
        assert!(!succession.is_due(away_ms + 9) && succession.is_due(away_ms + 10));
        succession.track_absence(false, 600);
        assert!(!succession.is_due(away_ms * 2));
    }

    #[test]
    fn a_stand_in_gets_their_old_rank_back() {
        let (ada, ben, cem) = (person("Ada"), person("Ben").id, person("Cem").id);
        let mut succession = HostSuccession::new(ada.clone());
        assert_eq!(succession.stand_in(ben.clone(), Rank::Speaker, &ada.id), None);
        assert_eq!(
            succession.stand_in(cem.clone(), Rank::CoHost, &ben),
            Some(Rank::Speaker)
        );
        assert_eq!(succession.take_back(&cem), Rank::CoHost);
        assert_eq!(
            succession.take_back(&cem),
            Rank::Listener,
            "the rank before is not known"
        );
    }
}
