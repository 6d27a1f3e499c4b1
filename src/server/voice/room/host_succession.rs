//! Whose a room is and who hosts it while they are away, pure: how long a host may stay away, and what a stand-in was
//! before.

use crate::{
    model::{id::UserId, room::Person, stage::HOST_AWAY_SECONDS},
    server::voice::roles::Rank,
};

#[derive(Debug)]
pub struct HostSuccession {
    /// Who opened the room or was handed it: the host again when the room is idle.
    owner: Person,
    /// Who hosts in the owner's absence.
    stand_in: Option<StandIn>,
    /// Since when people are inside, and the host is not.
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

    /// The room is handed over, so there is no stand-in any more.
    pub fn set_owner(&mut self, owner: Person) {
        self.owner = owner;
        self.stand_in = None;
    }

    /// Shows the owner's new name and face.
    pub fn rename(&mut self, person: &Person) {
        if self.is_owner(&person.id) {
            self.owner = person.clone();
        }
    }

    /// Takes note of whether the host is away while others are inside; `since_ms` is when they may have gone.
    pub fn track_absence(&mut self, is_away: bool, since_ms: u64) {
        self.host_away_since_ms = is_away.then(|| self.host_away_since_ms.unwrap_or(since_ms));
    }

    /// Whether the host has been away for [`HOST_AWAY_SECONDS`], so that somebody else is to host.
    pub fn is_due(&self, now_ms: u64) -> bool {
        let limit_ms = u64::from(HOST_AWAY_SECONDS) * 1_000;
        self.host_away_since_ms.is_some_and(|since| now_ms >= since + limit_ms)
    }

    /// `user` hosts in place of `gone`; the rank that `gone` had before, if they stood in too.
    pub fn stand_in(&mut self, user: UserId, rank_before: Rank, gone: &UserId) -> Option<Rank> {
        self.host_away_since_ms = None;
        let before = self.stand_in.replace(StandIn { user, rank_before });
        rank_of(before, gone)
    }

    /// The owner hosts again; the rank that `stood_in` had before.
    pub fn take_back(&mut self, stood_in: &UserId) -> Rank {
        self.host_away_since_ms = None;
        rank_of(self.stand_in.take(), stood_in).unwrap_or(Rank::Listener)
    }

    /// Nobody is inside, so there is no stand-in and no host is missing.
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
    fn a_host_is_missed_from_the_first_moment_and_not_once_they_are_back() {
        let mut succession = HostSuccession::new(person("Ada"));
        let away_ms = u64::from(HOST_AWAY_SECONDS) * 1_000;
        succession.track_absence(true, 10);
        succession.track_absence(true, 500);
        assert!(!succession.is_due(away_ms + 9) && succession.is_due(away_ms + 10));
        succession.track_absence(false, 600);
        assert!(!succession.is_due(away_ms * 2));
    }

    #[test]
    fn each_who_stood_in_is_what_they_were_before() {
        let (ada, ben, cem) = (person("Ada"), person("Ben").id, person("Cem").id);
        let mut succession = HostSuccession::new(ada.clone());
        assert_eq!(succession.stand_in(ben.clone(), Rank::Speaker, &ada.id), None);
        assert_eq!(
            succession.stand_in(cem.clone(), Rank::CoHost, &ben),
            Some(Rank::Speaker)
        );
        assert_eq!(succession.take_back(&cem), Rank::CoHost);
        assert_eq!(succession.take_back(&cem), Rank::Listener, "nobody knows better");
    }
}
