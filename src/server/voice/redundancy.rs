//! Decides how many copies of earlier packets a listener gets in each packet, by the size of the room and by the losses that the
//! listener's browser reports.

/// In rooms of up to this many people, everybody always gets copies, so that not even the first loss is heard.
const ALWAYS_UP_TO: usize = 12;
/// In larger rooms, nobody gets copies. If the server's own line were full, everybody would report losses, and copies for hundreds
/// of listeners would make it worse.
const NEVER_ABOVE: usize = 50;
/// In rooms between these sizes, a listener without a loss for this long gets no copies until the next loss.
const QUIET_MS: u64 = 30_000;
/// A listener who reports this share of lost packets or more gets two copies. With one copy, at a random loss p a share of p² stays
/// lost; with two copies, p³.
const HIGH_LOSS: f32 = 0.1;

/// What a listener has reported. Times are milliseconds of a monotonic clock.
#[derive(Debug)]
pub struct Redundancy {
    /// When the last loss was reported. A new listener may have losses that nobody knows of yet, so it begins with copies.
    lost_ms: u64,
    lost_much_ms: Option<u64>,
}

impl Redundancy {
    pub fn new(now_ms: u64) -> Self {
        Self {
            lost_ms: now_ms,
            lost_much_ms: None,
        }
    }

    /// Notes the share of packets that a report says were lost, from 0 to 1.
    pub fn on_report(&mut self, lost: f32, now_ms: u64) {
        if lost > 0.0 {
            self.lost_ms = now_ms;
        }
        if lost >= HIGH_LOSS {
            self.lost_much_ms = Some(now_ms);
        }
    }

    /// How many copies the listener gets now, in a room with this many people.
    pub fn copies(&self, people: usize, now_ms: u64) -> usize {
        let is_lossy = people <= ALWAYS_UP_TO || now_ms < self.lost_ms + QUIET_MS;
        if people > NEVER_ABOVE || !is_lossy {
            return 0;
        }
        let loses_much = self.lost_much_ms.is_some_and(|lost_ms| now_ms < lost_ms + QUIET_MS);
        1 + usize::from(loses_much)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_rooms_always_get_copies_and_large_rooms_never() {
        let mut redundancy = Redundancy::new(0);
        assert_eq!(redundancy.copies(ALWAYS_UP_TO, 1_000_000), 1);
        redundancy.on_report(0.5, 1_000_000);
        assert_eq!(redundancy.copies(NEVER_ABOVE, 1_000_000), 2);
        assert_eq!(redundancy.copies(NEVER_ABOVE + 1, 1_000_000), 0);
    }

    #[test]
    fn thirty_seconds_without_loss_turn_copies_off_in_rooms_between() {
        let mut redundancy = Redundancy::new(0);
        let people = ALWAYS_UP_TO + 1;
        assert_eq!(redundancy.copies(people, QUIET_MS - 1), 1);
        redundancy.on_report(0.0, QUIET_MS);
        assert_eq!(redundancy.copies(people, QUIET_MS), 0);
        redundancy.on_report(0.004, QUIET_MS + 1);
        assert_eq!(redundancy.copies(people, QUIET_MS + 1), 1);
        assert_eq!(redundancy.copies(people, 2 * QUIET_MS), 1);
        assert_eq!(redundancy.copies(people, 2 * QUIET_MS + 1), 0);
    }

    #[test]
    fn high_loss_gets_a_second_copy() {
        let mut redundancy = Redundancy::new(0);
        redundancy.on_report(0.09, 0);
        assert_eq!(redundancy.copies(2, 0), 1);
        redundancy.on_report(HIGH_LOSS, 10);
        redundancy.on_report(0.05, 20);
        assert_eq!(redundancy.copies(2, QUIET_MS), 2);
        assert_eq!(redundancy.copies(2, QUIET_MS + 10), 1);
    }
}
