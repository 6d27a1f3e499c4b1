//! Which packets of a peer's stream have arrived. Each packet is passed on once, and a copy of it (see [`red`](super::red)) only if
//! the packet itself was lost.
//!
//! "Once" is also a matter of secrecy: a listener must never get two payloads with the same sequence number, because SRTP would
//! encrypt both with the same key stream (RFC 3711 section 9.1).

use std::collections::{HashMap, hash_map::Entry};

/// How many packets we remember, counted from the newest. The rewriters drop packets that are more than 100 behind.
const WINDOW: u64 = 128;

/// What has arrived of each stream of a peer, by SSRC. A peer has at most [`SSRCS_MAX`](super::rtp_intake::SSRCS_MAX) streams in its life.
#[derive(Debug, Default)]
pub struct ArrivedPackets {
    streams: HashMap<u32, ArrivedStream>,
}

#[derive(Debug)]
struct ArrivedStream {
    highest: u64,
    /// The bit 0 is for the packet `highest`, the bit 1 is for the packet before it, and so on.
    arrived: u128,
    /// The timestamp of each packet that has arrived, at its number modulo [`WINDOW`].
    times: [u32; WINDOW as usize],
}

impl ArrivedPackets {
    /// Notes a packet. False if it must not be passed on: a copy of it was passed on already, or it is too late. Each SSRC is a stream with
    /// numbers of its own, and is remembered when the peer sends another one in between.
    pub fn arrive(&mut self, ssrc: u32, seq: u64, time: u32) -> bool {
        match self.streams.entry(ssrc) {
            Entry::Occupied(stream) => stream.into_mut().arrive(seq, time),
            Entry::Vacant(place) => {
                place.insert(ArrivedStream::new(seq, time));
                true
            }
        }
    }

    /// Notes that a copy takes the place of the packet `seq`. False if the packet is not missing, or if the copy's timestamp is not
    /// between those of the packets around the gap. Then the copy is of another packet, or the sender lies.
    pub fn fill(&mut self, ssrc: u32, seq: u64, time: u32) -> bool {
        let stream = self.streams.get_mut(&ssrc);
        stream.is_some_and(|stream| !stream.has(seq) && stream.is_in_gap(seq, time) && stream.note(seq, time))
    }
}

impl ArrivedStream {
    fn new(seq: u64, time: u32) -> Self {
        let mut stream = Self {
            highest: seq,
            arrived: 0,
            times: [0; WINDOW as usize],
        };
        stream.note(seq, time);
        stream
    }

    fn arrive(&mut self, seq: u64, time: u32) -> bool {
        if let Some(ahead @ 1..) = seq.checked_sub(self.highest) {
            self.arrived = if ahead < WINDOW { self.arrived << ahead } else { 0 };
            self.highest = seq;
        }
        self.note(seq, time)
    }

    /// Notes a packet; true if it is new.
    fn note(&mut self, seq: u64, time: u32) -> bool {
        let bit = self.bit(seq);
        let is_new = bit != 0 && self.arrived & bit == 0;
        if is_new {
            self.arrived |= bit;
            self.times[(seq % WINDOW) as usize] = time;
        }
        is_new
    }

    /// The bit of a packet in `arrived`; 0 if the packet is not in the window.
    fn bit(&self, seq: u64) -> u128 {
        match self.highest.checked_sub(seq) {
            Some(behind) if behind < WINDOW => 1_u128 << behind,
            _ => 0,
        }
    }

    fn has(&self, seq: u64) -> bool {
        self.arrived & self.bit(seq) != 0
    }

    /// Whether a packet with this number and time fits between the nearest packets that have arrived before and after it.
    fn is_in_gap(&self, seq: u64, time: u32) -> bool {
        let time_of = |seq: u64| self.times[(seq % WINDOW) as usize];
        let older = (1..WINDOW)
            .map_while(|back| seq.checked_sub(back))
            .find(|older| self.has(*older));
        let newer = (seq..=self.highest).find(|newer| self.has(*newer));
        let times = older.map(time_of).zip(newer.map(time_of));
        times.is_some_and(|(older, newer)| is_later(time, older) && is_later(newer, time))
    }
}

/// Whether one RTP timestamp is later than another. Timestamps wrap.
fn is_later(time: u32, than: u32) -> bool {
    (1..1 << 31).contains(&time.wrapping_sub(than))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(seq: u64) -> u32 {
        (seq as u32).wrapping_mul(960)
    }

    fn arrive(packets: &mut ArrivedPackets, seq: u64) -> bool {
        packets.arrive(1, seq, time(seq))
    }

    fn fill(packets: &mut ArrivedPackets, seq: u64) -> bool {
        packets.fill(1, seq, time(seq))
    }

    #[test]
    fn a_copy_fills_a_gap_once_and_the_late_packet_is_dropped() {
        let mut packets = ArrivedPackets::default();
        assert!(arrive(&mut packets, 10) && arrive(&mut packets, 12));
        assert!(!fill(&mut packets, 10) && fill(&mut packets, 11) && !fill(&mut packets, 11));
        assert!(!arrive(&mut packets, 11) && arrive(&mut packets, 13));
    }

    #[test]
    fn a_late_packet_without_a_copy_is_passed_on_once() {
        let mut packets = ArrivedPackets::default();
        assert!(arrive(&mut packets, 1_000) && arrive(&mut packets, 1_002));
        assert!(arrive(&mut packets, 1_001) && !arrive(&mut packets, 1_001) && !fill(&mut packets, 1_001));
        assert!(arrive(&mut packets, 1_200) && !arrive(&mut packets, 1_072), "too late");
    }

    #[test]
    fn nothing_is_filled_before_the_first_packet_or_at_a_wrong_time() {
        let mut packets = ArrivedPackets::default();
        assert!(!fill(&mut packets, 9));
        assert!(arrive(&mut packets, 10) && !fill(&mut packets, 9));
        assert!(arrive(&mut packets, 14));
        for (seq, time) in [
            (12, time(14)),
            (12, time(10)),
            (12, time(15)),
            (12, time(2)),
            (15, time(15)),
        ] {
            assert!(!packets.fill(1, seq, time), "{seq} at {time}");
        }
        assert!(!packets.fill(2, 12, time(12)), "another stream");
        assert!(fill(&mut packets, 12) && fill(&mut packets, 13) && fill(&mut packets, 11));
    }

    #[test]
    fn another_ssrc_begins_with_its_own_numbers() {
        let mut packets = ArrivedPackets::default();
        assert!(arrive(&mut packets, 50_000));
        assert!(packets.arrive(2, 3, 77) && packets.arrive(2, 5, 1_997) && packets.fill(2, 4, 1_037));
    }

    #[test]
    fn a_packet_of_another_stream_does_not_let_a_number_pass_twice() {
        let mut packets = ArrivedPackets::default();
        assert!(arrive(&mut packets, 10) && arrive(&mut packets, 12) && fill(&mut packets, 11));
        assert!(packets.arrive(2, 3, 77));
        assert!(!arrive(&mut packets, 11) && !arrive(&mut packets, 12) && arrive(&mut packets, 13));
    }

    proptest! {
        /// Packets arrive in any order and with any copies, and no number is passed on twice.
        #[test]
        fn no_number_is_passed_on_twice(steps in prop::collection::vec((0..300u64, any::<bool>()), 1..400)) {
            let mut packets = ArrivedPackets::default();
            let mut passed = std::collections::BTreeSet::new();
            for (seq, is_copy) in steps {
                let is_passed = if is_copy { fill(&mut packets, seq) } else { arrive(&mut packets, seq) };
                prop_assert!(!is_passed || passed.insert(seq), "{} twice", seq);
            }
        }
    }
}
