//! Counts what goes through one voice connection, for people who ask why somebody is not heard.

use super::{command::SoundPacket, way::Way};
use crate::model::voice_facts::{VoiceFacts, VoicePath};
use std::{collections::VecDeque, net::IpAddr};

/// For how many seconds the loudest level counts.
const LEVEL_SECONDS: u64 = 5;
/// A longer gap is not a loss: the browser has begun again with other numbers, or it lies.
const GAP_MAX: u64 = 1_000;
/// The first octet of RTP and RTCP is in this range (RFC 7983 section 7).
const FIRST_OCTET_OF_RTP: std::ops::RangeInclusive<u8> = 128..=191;

/// What has gone through so far. Times are milliseconds of the peer's own clock.
#[derive(Debug, Default)]
pub struct PeerFacts {
    /// By which way, and to which address of the browser, sound and reports went last.
    way: Option<(Way, IpAddr)>,
    stream: Option<StreamCount>,
    /// The packets of earlier streams, as `stream` counts them.
    received_before: u64,
    lost_before: u64,
    packets_out: u64,
    lost_out: Option<f32>,
    last_in_ms: Option<u64>,
    /// The loudest level of each of the last seconds: the number of the second, and the level in dBov.
    levels: VecDeque<(u64, i8)>,
}

/// How a packet came, compared with the newest packet of its stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderOfArrival {
    /// How many packets are missing between the newest packet so far and this one.
    pub missing: u64,
    /// Whether the packet came after a later one.
    pub is_late: bool,
}

/// The packets of one RTP stream (one SSRC).
#[derive(Debug, Clone, Copy)]
struct StreamCount {
    ssrc: u32,
    first_seq: u64,
    highest_seq: u64,
    received: u64,
}

impl StreamCount {
    /// How many packets between the first and the newest one have not arrived. A packet that arrives twice can hide one that is lost.
    fn lost(self) -> u64 {
        let expected = self.highest_seq - self.first_seq + 1;
        expected.saturating_sub(self.received)
    }

    fn order(self, seq: u64) -> OrderOfArrival {
        let ahead = seq.checked_sub(self.highest_seq);
        let gap = ahead.map_or(0, |ahead| ahead.saturating_sub(1));
        OrderOfArrival {
            missing: if gap < GAP_MAX { gap } else { 0 },
            is_late: ahead.is_none(),
        }
    }
}

impl PeerFacts {
    /// Notes a packet of sound from the browser, before copies in it are unpacked. Returns how it came.
    pub fn note_in(&mut self, sound: &SoundPacket, now_ms: u64) -> OrderOfArrival {
        self.last_in_ms = Some(now_ms);
        self.note_level(sound.level, now_ms);
        match &mut self.stream {
            Some(stream) if stream.ssrc == sound.ssrc => {
                let order = stream.order(sound.seq);
                stream.received += 1;
                stream.first_seq = stream.first_seq.min(sound.seq);
                stream.highest_seq = stream.highest_seq.max(sound.seq);
                order
            }
            before => {
                self.received_before += before.map_or(0, |stream| stream.received);
                self.lost_before += before.map_or(0, StreamCount::lost);
                *before = Some(StreamCount {
                    ssrc: sound.ssrc,
                    first_seq: sound.seq,
                    highest_seq: sound.seq,
                    received: 1,
                });
                OrderOfArrival::default()
            }
        }
    }

    /// Notes a packet of somebody's sound to the browser.
    pub fn note_out(&mut self) {
        self.packets_out += 1;
    }

    /// Notes the share of our packets that the browser has lost, from 0 to 1.
    pub fn note_loss_out(&mut self, lost: f32) {
        self.lost_out = Some(lost);
    }

    /// Notes the way of a datagram to the browser. Answers to STUN requests do not count: a browser tries several ways, and only sound and
    /// reports go by the one in use.
    pub fn note_way(&mut self, datagram: &[u8], way: Way, to: IpAddr) {
        if datagram.first().is_some_and(|first| FIRST_OCTET_OF_RTP.contains(first)) {
            self.way = Some((way, to));
        }
    }

    /// The way of sound and reports to the browser, and the browser's address; `None` if nothing was sent yet.
    pub fn way(&self) -> Option<(Way, IpAddr)> {
        self.way
    }

    /// What has gone through, with the loudest level of the last `level_for_ms` milliseconds, and at most of the last seconds. Levels are
    /// kept by the second, so a second that began earlier does not count. The connection has no number yet.
    pub fn read(&self, now_ms: u64, level_for_ms: u64) -> VoiceFacts {
        let stream = self.stream;
        let first_allowed = now_ms.saturating_sub(level_for_ms).div_ceil(1_000);
        let first_second = (now_ms / 1_000).saturating_sub(LEVEL_SECONDS - 1).max(first_allowed);
        let recent = self.levels.iter().filter(|(second, _)| *second >= first_second);
        VoiceFacts {
            connection: 0,
            path: self.way.map(|(way, _)| match way {
                Way::Udp => VoicePath::Udp,
                Way::Tcp => VoicePath::Tcp,
            }),
            packets_in: self.received_before + stream.map_or(0, |stream| stream.received),
            lost_in: self.lost_before + stream.map_or(0, StreamCount::lost),
            packets_out: self.packets_out,
            lost_out_percent: self.lost_out.map(|lost| (lost.clamp(0.0, 1.0) * 100.0).round() as u8),
            last_in_ms: self.last_in_ms.map(|at_ms| now_ms.saturating_sub(at_ms)),
            loudest_dbov: recent.map(|(_, level)| *level).max(),
        }
    }

    fn note_level(&mut self, level: Option<i8>, now_ms: u64) {
        let (Some(level), second) = (level, now_ms / 1_000) else {
            return;
        };
        match self.levels.back_mut() {
            Some((of, loudest)) if *of == second => *loudest = level.max(*loudest),
            _ => self.levels.push_back((second, level)),
        }
        if self.levels.len() > LEVEL_SECONDS as usize {
            self.levels.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sound(ssrc: u32, seq: u64, level: i8) -> SoundPacket {
        SoundPacket {
            ssrc,
            seq,
            time: 0,
            marker: false,
            level: Some(level),
            bytes: 60,
            is_recovered: false,
        }
    }

    #[test]
    fn gaps_count_as_lost_over_all_streams_and_late_packets_do_not() {
        let mut facts = PeerFacts::default();
        for seq in [10, 11, 15, 14] {
            facts.note_in(&sound(1, seq, -60), 0);
        }
        facts.note_in(&sound(2, 1_000, -60), 100);
        facts.note_in(&sound(2, 1_002, -60), 140);
        let read = facts.read(640, u64::MAX);
        assert_eq!((read.packets_in, read.lost_in), (6, 2 + 1));
        assert_eq!(read.last_in_ms, Some(500));
    }

    #[test]
    fn a_packet_is_late_or_shows_how_many_are_missing_before_it() {
        let mut facts = PeerFacts::default();
        let mut arrive = |ssrc, seq| {
            let order = facts.note_in(&sound(ssrc, seq, -60), 0);
            (order.missing, order.is_late)
        };
        assert_eq!(arrive(1, 10), (0, false));
        assert_eq!(arrive(1, 11), (0, false));
        assert_eq!(arrive(1, 15), (3, false));
        assert_eq!(arrive(1, 13), (0, true));
        assert_eq!(arrive(1, 15), (0, false), "a copy of the newest packet");
        assert_eq!(arrive(2, 9_000), (0, false), "another stream");
        assert_eq!(arrive(2, 9_000 + GAP_MAX), (GAP_MAX - 1, false));
        assert_eq!(arrive(2, 90_000), (0, false), "no loss is that long");
    }

    #[test]
    fn the_loudest_level_counts_for_five_seconds() {
        let mut facts = PeerFacts::default();
        facts.note_in(&sound(1, 1, -20), 500);
        facts.note_in(&sound(1, 2, -80), 520);
        for second in 1..5_u32 {
            facts.note_in(&sound(1, 2 + u64::from(second), -90), u64::from(second) * 1_000);
        }
        assert_eq!(facts.read(4_900, u64::MAX).loudest_dbov, Some(-20));
        assert_eq!(facts.read(5_100, u64::MAX).loudest_dbov, Some(-90));
        assert_eq!(facts.read(60_000, u64::MAX).loudest_dbov, None);
    }

    #[test]
    fn a_level_from_before_the_allowed_time_is_not_told() {
        let mut facts = PeerFacts::default();
        facts.note_in(&sound(1, 1, -5), 2_100);
        facts.note_in(&sound(1, 2, -30), 3_100);
        facts.note_in(&sound(1, 3, -40), 4_100);
        for (level_for_ms, loudest) in [
            (2_100, Some(-5)),
            (2_000, Some(-30)),
            (1_000, Some(-40)),
            (50, None),
            (0, None),
        ] {
            assert_eq!(facts.read(4_100, level_for_ms).loudest_dbov, loudest, "{level_for_ms}");
        }
    }

    #[test]
    fn the_way_is_that_of_sound_and_reports_and_not_that_of_checks() {
        let mut facts = PeerFacts::default();
        let [of_sound, of_checks] = [7, 8].map(|last| IpAddr::from([192, 0, 2, last]));
        facts.note_way(&[0x80, 0], Way::Tcp, of_sound);
        facts.note_way(&[1, 1], Way::Udp, of_checks);
        facts.note_way(&[], Way::Udp, of_checks);
        assert_eq!(facts.read(0, u64::MAX).path, Some(VoicePath::Tcp));
        assert_eq!(facts.way(), Some((Way::Tcp, of_sound)));
        facts.note_loss_out(0.126);
        facts.note_out();
        assert_eq!(
            (
                facts.read(0, u64::MAX).lost_out_percent,
                facts.read(0, u64::MAX).packets_out
            ),
            (Some(13), 1)
        );
    }

    proptest! {
        #[test]
        fn packets_that_arrive_and_packets_that_are_lost_are_those_between_the_first_and_the_last(arrived in prop::collection::btree_set(0_u64..5_000, 1..200)) {
            let mut facts = PeerFacts::default();
            for seq in &arrived {
                facts.note_in(&sound(1, *seq, -50), 0);
            }
            let (first, last) = (arrived.first().expect("one"), arrived.last().expect("one"));
            let read = facts.read(0, u64::MAX);
            prop_assert_eq!(read.packets_in, arrived.len() as u64);
            prop_assert_eq!(read.packets_in + read.lost_in, last - first + 1);
        }
    }
}
