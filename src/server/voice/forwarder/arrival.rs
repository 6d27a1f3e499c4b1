//! Whether the voice of one connection arrives: notices that it has stopped, and that the packets of a gap arrive late.

/// A voice that was silent sends a packet every 400 ms, because browsers use discontinuous transmission (RFC 7587 section 3.1.3). Two
/// packets in a row may get lost.
const SILENT_VOICE_ABSENT_AFTER_MS: u64 = 1_600;
/// A voice that was talking sends a packet every 20 ms, and goes over to silence without a pause.
const VOICE_ABSENT_AFTER_MS: u64 = 1_000;
/// A pause of this length between two packets shows that the voice is in silence, or that many packets get lost.
const PAUSE_MS: u64 = 200;
/// A voice with such pauses is absent after this. Five packets of silence in a row may get lost: a wrong alarm costs a restart.
const PAUSING_VOICE_ABSENT_AFTER_MS: u64 = 2_500;
/// How many packets a voice sends in a second.
const PACKETS_PER_SECOND: u64 = 50;
/// A pause of this length between two packets is a gap, in which packets may have waited somewhere in the network.
const GAP_MS: u64 = 500;
/// How long after a gap its packets may arrive.
const LATE_FOR_MS: u64 = 3_000;
/// A gap that was longer counts as a gap of this length. After about this time, the page makes another voice connection anyway.
const GAP_MAX_MS: u64 = 20_000;

/// When the packets of a voice arrived. Times are milliseconds of the registry's clock.
#[derive(Debug, Default)]
pub struct VoiceArrival {
    last: Option<LastPacket>,
    is_absent: bool,
    /// What was last reported by [`VoiceArrival::take_change`].
    told_absent: bool,
    /// How many packets of the last gap may still arrive.
    late: u64,
    late_until_ms: u64,
}

#[derive(Debug, Clone, Copy)]
struct LastPacket {
    at_ms: u64,
    voiced: bool,
    /// How long before it the packet before it arrived.
    pause_ms: u64,
}

impl LastPacket {
    /// If nothing has arrived by then, the voice is absent.
    fn absent_at_ms(self) -> u64 {
        let most_ms = match (self.pause_ms >= PAUSE_MS, self.voiced) {
            (true, _) => PAUSING_VOICE_ABSENT_AFTER_MS,
            (false, true) => VOICE_ABSENT_AFTER_MS,
            (false, false) => SILENT_VOICE_ABSENT_AFTER_MS,
        };
        self.at_ms + most_ms
    }
}

impl VoiceArrival {
    /// Notes that the microphone was opened, so that packets must arrive from now on. Some browsers send nothing before.
    pub fn begin(&mut self, now_ms: u64) {
        self.last = Some(LastPacket {
            at_ms: now_ms,
            voiced: false,
            pause_ms: 0,
        });
        self.is_absent = false;
    }

    /// Notes that a packet has arrived.
    pub fn note(&mut self, voiced: bool, now_ms: u64) {
        let pause_ms = self.last.map_or(0, |last| now_ms.saturating_sub(last.at_ms));
        if pause_ms >= GAP_MS {
            let of_gap = pause_ms.min(GAP_MAX_MS) * PACKETS_PER_SECOND / 1_000;
            // The packets of the gap before may still be on their way.
            let before = if now_ms < self.late_until_ms { self.late } else { 0 };
            self.late = of_gap.max(before);
            self.late_until_ms = now_ms + LATE_FOR_MS;
        }
        self.last = Some(LastPacket {
            at_ms: now_ms,
            voiced,
            pause_ms,
        });
        self.is_absent = false;
    }

    /// Whether a packet above the limits can be one of the packets that waited in the last gap. Counts the packet.
    pub fn take_late_packet(&mut self, now_ms: u64) -> bool {
        let is_late = now_ms < self.late_until_ms && self.late > 0;
        self.late -= u64::from(is_late);
        is_late
    }

    /// Whether the voice arrives, if that has changed since the last call. While the microphone is closed (`is_open` is false), nothing has
    /// to arrive, so then the only change is that it is not absent any more.
    pub fn take_change(&mut self, is_open: bool, now_ms: u64) -> Option<bool> {
        self.is_absent = is_open && (self.is_absent || self.last.is_some_and(|last| now_ms >= last.absent_at_ms()));
        let has_changed = self.is_absent != self.told_absent;
        self.told_absent = self.is_absent;
        has_changed.then_some(!self.is_absent)
    }

    /// Forgets what was reported: the page has another socket, and knows nothing of earlier reports. If the voice is absent, the next
    /// [`VoiceArrival::take_change`] reports it again.
    pub fn forget_reports(&mut self) {
        self.told_absent = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_that_stops_is_reported_once_and_its_return_too() {
        let mut arrival = VoiceArrival::default();
        assert_eq!(arrival.take_change(true, 60_000), None, "it never arrived");
        arrival.note(true, 980);
        arrival.note(true, 1_000);
        assert_eq!(arrival.take_change(true, 1_999), None);
        assert_eq!(
            (arrival.take_change(true, 2_000), arrival.take_change(true, 9_000)),
            (Some(false), None)
        );
        arrival.note(false, 9_100);
        arrival.note(false, 9_120);
        assert_eq!(
            (arrival.take_change(true, 9_120), arrival.take_change(true, 10_700)),
            (Some(true), None)
        );
        assert_eq!(
            arrival.take_change(true, 10_720),
            Some(false),
            "silence has longer pauses"
        );
    }

    #[test]
    fn a_voice_whose_packets_have_pauses_may_lose_several_in_a_row() {
        let mut arrival = VoiceArrival::default();
        arrival.note(false, 0);
        arrival.note(true, 400);
        assert_eq!(arrival.take_change(true, 2_899), None);
        assert_eq!(arrival.take_change(true, 2_900), Some(false));
    }

    #[test]
    fn a_microphone_that_is_opened_and_sends_nothing_is_reported() {
        let mut arrival = VoiceArrival::default();
        arrival.begin(5_000);
        assert_eq!(arrival.take_change(true, 6_599), None);
        assert_eq!(arrival.take_change(true, 6_600), Some(false));
        arrival.begin(7_000);
        assert_eq!(
            arrival.take_change(true, 7_000),
            Some(true),
            "there is nothing to hear yet"
        );
    }

    #[test]
    fn a_closed_microphone_is_not_absent_and_another_socket_is_told_again() {
        let mut arrival = VoiceArrival::default();
        arrival.begin(0);
        assert_eq!(arrival.take_change(true, 2_000), Some(false));
        arrival.forget_reports();
        assert_eq!(arrival.take_change(true, 2_100), Some(false));
        assert_eq!(
            (arrival.take_change(false, 2_200), arrival.take_change(false, 90_000)),
            (Some(true), None)
        );
    }

    #[test]
    fn a_second_gap_does_not_forget_the_packets_of_the_first_one() {
        let mut arrival = VoiceArrival::default();
        arrival.note(true, 0);
        arrival.note(true, 5_000);
        arrival.note(true, 5_600);
        let late = (0..10_000).filter(|_| arrival.take_late_packet(5_600)).count();
        assert_eq!(late, 250);
    }

    #[test]
    fn only_the_packets_of_a_gap_are_late() {
        let mut arrival = VoiceArrival::default();
        arrival.note(true, 0);
        arrival.note(true, 20);
        assert!(!arrival.take_late_packet(20), "there was no gap");
        arrival.note(true, 5_020);
        let late = (0..10_000).filter(|_| arrival.take_late_packet(5_030)).count();
        assert_eq!(late, 250, "a voice sends this many packets in 5 s");
        arrival.note(true, 60_000);
        assert!(arrival.take_late_packet(60_000) && !arrival.take_late_packet(60_000 + LATE_FOR_MS));
    }
}
