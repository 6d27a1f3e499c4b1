//! Whether the voice of one connection arrives: notices that it has stopped, and that the packets of a gap arrive late.

/// A voice that was silent sends a packet every 400 ms, because browsers use discontinuous transmission (RFC 7587 section 3.1.3). Two
/// packets in a row may get lost.
const SILENT_VOICE_ABSENT_AFTER_MS: u64 = 1_600;
/// A voice that was talking sends a packet every 20 ms, and goes over to silence without a pause.
const VOICE_ABSENT_AFTER_MS: u64 = 1_000;
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
}

impl VoiceArrival {
    /// Notes that a packet has arrived.
    pub fn note(&mut self, voiced: bool, now_ms: u64) {
        let gap_ms = self.last.map_or(0, |last| now_ms.saturating_sub(last.at_ms));
        if gap_ms >= GAP_MS {
            self.late = gap_ms.min(GAP_MAX_MS) * PACKETS_PER_SECOND / 1_000;
            self.late_until_ms = now_ms + LATE_FOR_MS;
        }
        self.last = Some(LastPacket { at_ms: now_ms, voiced });
        self.is_absent = false;
    }

    /// Whether a packet above the limits can be one of the packets that waited in the last gap. Counts the packet.
    pub fn take_late_packet(&mut self, now_ms: u64) -> bool {
        let is_late = now_ms < self.late_until_ms && self.late > 0;
        self.late -= u64::from(is_late);
        is_late
    }

    /// Whether the voice arrives, if that has changed since the last call. A voice that never arrived has not changed.
    pub fn take_change(&mut self, now_ms: u64) -> Option<bool> {
        let last = self.last?;
        let most_ms = match last.voiced {
            true => VOICE_ABSENT_AFTER_MS,
            false => SILENT_VOICE_ABSENT_AFTER_MS,
        };
        self.is_absent |= now_ms >= last.at_ms + most_ms;
        let has_changed = self.is_absent != self.told_absent;
        self.told_absent = self.is_absent;
        has_changed.then_some(!self.is_absent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_that_stops_is_reported_once_and_its_return_too() {
        let mut arrival = VoiceArrival::default();
        assert_eq!(arrival.take_change(60_000), None, "it never arrived");
        arrival.note(true, 1_000);
        assert_eq!(arrival.take_change(1_999), None);
        assert_eq!(
            (arrival.take_change(2_000), arrival.take_change(9_000)),
            (Some(false), None)
        );
        arrival.note(false, 9_100);
        assert_eq!(
            (arrival.take_change(9_100), arrival.take_change(10_600)),
            (Some(true), None)
        );
        assert_eq!(arrival.take_change(10_700), Some(false), "silence has longer pauses");
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
