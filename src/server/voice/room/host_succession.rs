//! Who owns a room, how long its host may be away before somebody else hosts, and how long the owner has been away.

use crate::{
    model::{host_kind::OWNER_AWAY_HOURS, id::UserId, room::Person, stage::HOST_AWAY_SECONDS},
    server::voice::wall_clock::WallClock,
};

#[derive(Debug)]
pub struct HostSuccession {
    /// The person who opened the room, or to whom the room was handed over. The owner hosts whenever they are inside, and
    /// when nobody is.
    owner: Person,
    /// Since when the owner is not inside; `None` while they are.
    owner_absence: Option<OwnerAbsence>,
    /// The unix time, in seconds, of the absence that is stored; `None` if none is.
    stored_s: Option<i64>,
    /// Whether `stored_s` has changed since it was last taken.
    is_unsaved: bool,
    /// Since when people are inside and the host is not.
    host_away_since_ms: Option<u64>,
}

/// An absence lasts in milliseconds of the registry's clock, because the wall clock can jump while it lasts.
#[derive(Debug, Clone, Copy)]
struct OwnerAbsence {
    since_ms: u64,
    /// How long the absence had lasted at `since_ms`: before a restart.
    earlier_ms: u64,
    /// The stored unix time, in seconds, at which an absence began that has outlasted a restart.
    left_at_s: Option<i64>,
}

impl OwnerAbsence {
    fn lasts_ms(self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.since_ms).saturating_add(self.earlier_ms)
    }

    /// When the absence began, in unix seconds, as this wall clock shows it.
    fn began_at_s(self, wall_clock: WallClock) -> i64 {
        let earlier_s = i64::try_from(self.earlier_ms / 1_000).unwrap_or(i64::MAX);
        wall_clock.unix_s(self.since_ms).saturating_sub(earlier_s)
    }
}

impl HostSuccession {
    /// The succession in a room that is empty. `left_at_s` is the stored unix time, in seconds, at which the owner left; if
    /// there is none, the absence begins now.
    pub fn new(owner: Person, left_at_s: Option<i64>, wall_clock: WallClock, now_ms: u64) -> Self {
        let absence = OwnerAbsence {
            since_ms: now_ms,
            earlier_ms: left_at_s.map_or(0, |left_at_s| earlier_ms(left_at_s, now_ms, wall_clock)),
            left_at_s,
        };
        Self {
            owner,
            owner_absence: Some(absence),
            stored_s: left_at_s,
            is_unsaved: false,
            host_away_since_ms: None,
        }
    }

    pub fn owner(&self) -> &Person {
        &self.owner
    }

    pub fn is_owner(&self, user: &UserId) -> bool {
        self.owner.id == *user
    }

    pub fn set_owner(&mut self, owner: Person) {
        self.owner = owner;
        // The absence was that of the owner before.
        self.owner_absence = None;
        self.store(None);
    }

    /// Updates the name and face of `person` if they are the owner.
    pub fn rename(&mut self, person: &Person) {
        if self.is_owner(&person.id) {
            self.owner = person.clone();
        }
    }

    /// Notes whether the owner is inside. If they have just left, `since_ms` is when.
    pub fn track_owner(&mut self, is_inside: bool, since_ms: u64) {
        if is_inside {
            self.owner_absence = None;
            self.store(None);
            return;
        }
        self.owner_absence.get_or_insert(OwnerAbsence {
            since_ms,
            earlier_ms: 0,
            left_at_s: None,
        });
    }

    /// Whether the owner has been away for [`OWNER_AWAY_HOURS`].
    pub fn is_owner_long_away(&self, now_ms: u64) -> bool {
        let limit_ms = u64::from(OWNER_AWAY_HOURS) * 3_600_000;
        self.owner_absence
            .is_some_and(|absence| absence.lasts_ms(now_ms) >= limit_ms)
    }

    /// Has the beginning of the owner's absence stored, as this wall clock shows it. This happens when somebody else begins
    /// to host, so that a short absence is no write to the database.
    pub fn store_absence(&mut self, wall_clock: WallClock) {
        self.store(self.owner_absence.map(|absence| absence.began_at_s(wall_clock)));
    }

    /// Uses this new reading of the wall clock, because the clock has jumped. If it was ahead when the server started, an absence from
    /// before the restart was shorter than it seemed. It never becomes longer: a jump ahead may be the wrong one.
    pub fn set_wall_clock(&mut self, wall_clock: WallClock) {
        if let Some(absence) = &mut self.owner_absence
            && let Some(left_at_s) = absence.left_at_s
        {
            let earlier_ms = earlier_ms(left_at_s, absence.since_ms, wall_clock);
            absence.earlier_ms = absence.earlier_ms.min(earlier_ms);
        }
        if self.stored_s.is_some() {
            self.store_absence(wall_clock);
        }
    }

    pub fn has_unsaved(&self) -> bool {
        self.is_unsaved
    }

    /// When the owner left, in unix seconds, if this must be stored now. The inner `None` means that the owner is inside.
    pub fn take_unsaved(&mut self) -> Option<Option<i64>> {
        std::mem::take(&mut self.is_unsaved).then_some(self.stored_s)
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

    /// Forgets the host's absence: another person who is inside hosts now, or nobody is inside.
    pub fn reset(&mut self) {
        self.host_away_since_ms = None;
    }

    fn store(&mut self, left_at_s: Option<i64>) {
        self.is_unsaved |= self.stored_s != left_at_s;
        self.stored_s = left_at_s;
    }
}

/// How long an absence that began at the unix time `left_at_s` had lasted at `since_ms`, as this wall clock shows it.
fn earlier_ms(left_at_s: i64, since_ms: u64, wall_clock: WallClock) -> u64 {
    let earlier_s = wall_clock.unix_s(since_ms).saturating_sub(left_at_s);
    u64::try_from(earlier_s).unwrap_or(0).saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH_S: i64 = 1_700_000_000;
    const LONG_MS: u64 = OWNER_AWAY_HOURS as u64 * 3_600_000;

    fn succession(left_at_s: Option<i64>) -> HostSuccession {
        let ada = Person::named(UserId::parse("user-Adaaaaaaaa").expect("an id"), "Ada");
        HostSuccession::new(ada, left_at_s, WallClock::new(EPOCH_S, 0), 0)
    }

    #[test]
    fn an_absence_counts_from_its_first_moment_and_ends_when_the_host_is_back() {
        let mut succession = succession(None);
        let away_ms = u64::from(HOST_AWAY_SECONDS) * 1_000;
        succession.track_absence(true, 10);
        succession.track_absence(true, 500);
        assert!(!succession.is_due(away_ms + 9) && succession.is_due(away_ms + 10));
        succession.track_absence(false, 600);
        assert!(!succession.is_due(away_ms * 2));
    }

    #[test]
    fn an_owner_is_long_away_24_h_after_they_left() {
        let mut succession = succession(None);
        succession.track_owner(true, 0);
        assert!(!succession.is_owner_long_away(LONG_MS * 2));
        succession.track_owner(false, 10);
        succession.track_owner(false, 500);
        assert!(!succession.is_owner_long_away(LONG_MS + 9) && succession.is_owner_long_away(LONG_MS + 10));
        succession.track_owner(true, LONG_MS + 20);
        assert!(!succession.is_owner_long_away(LONG_MS * 3));
    }

    #[test]
    fn an_absence_goes_on_over_a_restart_and_is_stored_when_it_matters() {
        let mut before = succession(None);
        before.track_owner(true, 0);
        before.track_owner(false, 3_000);
        assert!(!before.has_unsaved());
        before.store_absence(WallClock::new(EPOCH_S, 0));
        let stored_s = before.take_unsaved().expect("unsaved");
        assert_eq!(stored_s, Some(EPOCH_S + 3));
        assert!(!before.has_unsaved());

        let hour_ms = 3_600_000;
        let mut after = succession(Some(EPOCH_S - 3_600));
        assert!(!after.is_owner_long_away(LONG_MS - hour_ms - 1) && after.is_owner_long_away(LONG_MS - hour_ms));
        after.track_owner(true, 5);
        assert_eq!(after.take_unsaved(), Some(None), "the owner is back");
    }

    #[test]
    fn a_stored_time_in_the_future_is_no_absence_before_the_restart() {
        let succession = succession(Some(EPOCH_S + 86_400 * 365));
        assert!(!succession.is_owner_long_away(LONG_MS - 1) && succession.is_owner_long_away(LONG_MS));
    }
}
