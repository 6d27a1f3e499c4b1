//! Numbers the packets of a peer's sound as if the packets in between that have only padding did not exist.
//!
//! Browsers find out how much their network carries by such packets: libwebrtc sends a burst of them when a voice begins, and more every
//! few seconds. They have numbers of the same stream. Without these numbers, listeners would get a stream with gaps. Their browsers would
//! take the gaps for lost sound, and report this.

use std::collections::{
    HashMap, VecDeque,
    hash_map::Entry::{Occupied, Vacant},
};

/// If a packet is more than this many numbers behind the newest one, it may get no number. The rewriters drop packets that are more than
/// 100 numbers behind.
const WINDOW: u64 = 128;

/// The numbers of each stream of a peer, by SSRC. A peer has at most [`SSRCS_MAX`](super::rtp_intake::SSRCS_MAX) streams in its life.
#[derive(Debug, Default)]
pub struct SoundNumbers {
    streams: HashMap<u32, NumberedStream>,
}

#[derive(Debug)]
struct NumberedStream {
    /// The highest of the sender's numbers, of sound or of padding.
    highest: u64,
    /// The sender's numbers of the padding in the window, in order.
    padding: VecDeque<u64>,
    /// How many packets of padding came before those, and the number of the last one.
    older: u64,
    last_older: Option<u64>,
}

impl SoundNumbers {
    /// Notes a packet that has only padding.
    pub fn skip(&mut self, ssrc: u32, seq: u64) {
        match self.streams.entry(ssrc) {
            Occupied(stream) => stream.into_mut().skip(seq),
            Vacant(place) => {
                let mut stream = NumberedStream::new(seq);
                stream.padding.push_back(seq);
                place.insert(stream);
            }
        }
    }

    /// The number of a packet of sound without the padding before it. `None` if the packet is too late. A packet that comes again gets the
    /// same number, and another one never does.
    pub fn number(&mut self, ssrc: u32, seq: u64) -> Option<u64> {
        let stream = self.streams.entry(ssrc);
        stream.or_insert_with(|| NumberedStream::new(seq)).number(seq)
    }
}

impl NumberedStream {
    fn new(seq: u64) -> Self {
        Self {
            highest: seq,
            padding: VecDeque::new(),
            older: 0,
            last_older: None,
        }
    }

    fn skip(&mut self, seq: u64) {
        // If padding comes late, the sound after it has its numbers already. So its own number stays a gap.
        if seq > self.highest {
            self.padding.push_back(seq);
            self.advance(seq);
        }
    }

    fn number(&mut self, seq: u64) -> Option<u64> {
        self.advance(seq);
        if self.last_older.is_some_and(|last| seq <= last) {
            return None;
        }
        let before = self.padding.iter().filter(|padding| **padding < seq).count() as u64;
        Some(seq - self.older - before)
    }

    /// Forgets the single numbers of padding that no packet in the window can come before.
    fn advance(&mut self, seq: u64) {
        self.highest = self.highest.max(seq);
        while let Some(oldest) = self.padding.front().copied()
            && self.highest - oldest > WINDOW
        {
            self.padding.pop_front();
            self.older += 1;
            self.last_older = Some(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sound_goes_on_by_one_over_padding() {
        let mut numbers = SoundNumbers::default();
        assert_eq!(numbers.number(1, 10), Some(10));
        (11..27).for_each(|seq| numbers.skip(1, seq));
        assert_eq!([27, 28].map(|seq| numbers.number(1, seq)), [Some(11), Some(12)]);
        numbers.skip(1, 29);
        assert_eq!([30, 32].map(|seq| numbers.number(1, seq)), [Some(13), Some(15)]);
        assert_eq!(numbers.number(1, 31), Some(14), "a packet that was late");
        assert_eq!(numbers.number(1, 28), Some(12), "a packet that comes again");
        assert_eq!(numbers.number(2, 28), Some(28), "another stream");
    }

    #[test]
    fn a_stream_may_begin_with_padding() {
        let mut numbers = SoundNumbers::default();
        (0..3).for_each(|seq| numbers.skip(1, seq));
        assert_eq!([3, 4].map(|seq| numbers.number(1, seq)), [Some(0), Some(1)]);
    }

    #[test]
    fn padding_that_comes_late_changes_no_number() {
        let mut numbers = SoundNumbers::default();
        assert_eq!([10, 12].map(|seq| numbers.number(1, seq)), [Some(10), Some(12)]);
        numbers.skip(1, 11);
        assert_eq!([12, 13].map(|seq| numbers.number(1, seq)), [Some(12), Some(13)]);
    }

    #[test]
    fn a_packet_from_before_forgotten_padding_gets_no_number() {
        let mut numbers = SoundNumbers::default();
        assert_eq!(numbers.number(1, 10), Some(10));
        numbers.skip(1, 12);
        assert_eq!(numbers.number(1, 12 + WINDOW), Some(11 + WINDOW));
        assert_eq!(numbers.number(1, 11), Some(11));
        assert_eq!(numbers.number(1, 13 + WINDOW), Some(12 + WINDOW));
        assert_eq!(numbers.number(1, 11), None);
        assert_eq!(numbers.number(1, 13), Some(12));
    }

    proptest! {
        /// Sound and padding in any order that a network makes of them: two packets of sound never get the same number, and without
        /// losses and late packets there is no gap.
        #[test]
        fn no_number_is_given_twice(
            kinds in prop::collection::vec(any::<bool>(), 1..600),
            delays in prop::collection::vec(0_u64..20, 600),
            are_late in any::<bool>(),
        ) {
            let mut order: Vec<u64> = (0..kinds.len() as u64).collect();
            if are_late {
                order.sort_by_key(|seq| seq + delays[*seq as usize]);
            }
            let mut numbers = SoundNumbers::default();
            let mut given = vec![];
            for seq in order {
                match kinds[seq as usize] {
                    true => given.extend(numbers.number(7, 1_000 + seq)),
                    false => numbers.skip(7, 1_000 + seq),
                }
            }
            let sounds = kinds.iter().filter(|is_sound| **is_sound).count();
            prop_assert_eq!(given.len(), sounds);
            if !are_late {
                let first = given.first().copied().unwrap_or_default();
                prop_assert_eq!(&given, &(first..).take(sounds).collect::<Vec<u64>>());
            }
            given.sort_unstable();
            given.dedup();
            prop_assert_eq!(given.len(), sounds);
        }
    }
}
