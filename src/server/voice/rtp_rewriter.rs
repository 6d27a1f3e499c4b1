//! Rewrites RTP headers, for one slot of one listener: when another voice takes the slot, the listener still receives
//! one unbroken stream. Sequence numbers go on by one, and timestamps go on with the clock.
//!
//! Each listener has rewriters of their own. People don't receive their own voice. So if all listeners shared one
//! numbering, a speaker would see a gap as long as their own speech.

use super::command::SoundPacket;

/// RTP timestamps in a millisecond of sound (RFC 7587 section 4.1: Opus counts at 48 kHz).
const TICKS_PER_MS: u64 = 48;
/// The ticks of one frame of 20 ms: the least distance between the last packet of one voice and the first of the next.
const FRAME_TICKS: u32 = 960;

/// A gap of more packets than this (20 s of sound) begins a new [`Epoch`].
const LEAP: u64 = 1_000;
/// A packet whose number is more than this far below the newest one (2 s of sound) is dropped.
const LATE: u64 = 100;

/// An unbroken run of packets of one voice on one slot. Within it, the sender's own gaps and order are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub u64);

/// What one listener has received on one slot so far.
#[derive(Debug, Clone, Default)]
pub struct RtpRewriter {
    source: Option<Source>,
    /// The highest number sent. The first packet gets the number 1: a receiver assumes that the rollover counter is 0, so the
    /// first number must be below 65,536 (RFC 3711 section 3.3.1).
    highest: u64,
    last_time: u32,
    last_ms: u64,
}

#[derive(Debug, Clone, Copy)]
struct Source {
    epoch: Epoch,
    first_seq: u64,
    /// The highest of the sender's numbers that was passed on.
    last_seq: u64,
    /// What to add to the sender's number, wrapping.
    seq_offset: u64,
    /// What to add to the sender's timestamp, wrapping.
    time_offset: u32,
}

/// The header of a packet after rewriting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RewrittenHeader {
    pub seq: u64,
    pub time: u32,
    /// Whether this is the first packet of an epoch. The receiver may adapt its buffer then.
    pub begins: bool,
    /// The sender's number of the first packet of the epoch.
    pub first_seq: u64,
}

impl RtpRewriter {
    /// The header of `sound` after rewriting. `None` for a packet that is too late, or older than the epoch's first
    /// one.
    pub fn rewrite(&mut self, epoch: Epoch, sound: &SoundPacket, now_ms: u64) -> Option<RewrittenHeader> {
        // A leap in the sender's numbers begins a new epoch. If a leap of many thousands were passed on, the receiver
        // would guess a wrong rollover counter (RFC 3711 section 3.3.1). Then the slot would stay silent, also for the
        // voices that use it later.
        let leaps = |source: Source| sound.seq.saturating_sub(source.last_seq) > LEAP;
        let begins = self.source.is_none_or(|source| source.epoch != epoch || leaps(source));
        if begins {
            self.begin(epoch, sound, now_ms);
        }
        let is_in_time =
            |source: &&mut Source| sound.seq >= source.first_seq && source.last_seq.saturating_sub(sound.seq) <= LATE;
        let source = self.source.as_mut().filter(is_in_time)?;
        source.last_seq = source.last_seq.max(sound.seq);
        let first_seq = source.first_seq;
        let seq = sound.seq.wrapping_add(source.seq_offset);
        let time = sound.time.wrapping_add(source.time_offset);
        if seq > self.highest {
            (self.highest, self.last_time, self.last_ms) = (seq, time, now_ms);
        }
        Some(RewrittenHeader {
            seq,
            time,
            begins,
            first_seq,
        })
    }

    fn begin(&mut self, epoch: Epoch, sound: &SoundPacket, now_ms: u64) {
        let passed = now_ms.saturating_sub(self.last_ms).saturating_mul(TICKS_PER_MS);
        let ticks = if self.highest == 0 {
            FRAME_TICKS
        } else {
            (passed as u32).max(FRAME_TICKS)
        };
        self.source = Some(Source {
            epoch,
            first_seq: sound.seq,
            last_seq: sound.seq,
            seq_offset: (self.highest + 1).wrapping_sub(sound.seq),
            time_offset: self.last_time.wrapping_add(ticks).wrapping_sub(sound.time),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(seq: u64, time: u32) -> SoundPacket {
        SoundPacket {
            ssrc: 1,
            seq,
            time,
            marker: false,
            level: Some(-20),
            bytes: 80,
            is_recovered: false,
        }
    }

    fn seqs(rewriter: &mut RtpRewriter, epoch: u64, sent: &[u64]) -> Vec<u64> {
        let rewrite = |seq: &u64| {
            rewriter
                .rewrite(
                    Epoch(epoch),
                    &sound(*seq, (*seq as u32).wrapping_mul(960)),
                    seq.wrapping_mul(20),
                )
                .map(|rewrite| rewrite.seq)
        };
        sent.iter().filter_map(rewrite).collect()
    }

    #[test]
    fn numbers_go_on_from_voice_to_voice() {
        let mut rewriter = RtpRewriter::default();
        assert_eq!(seqs(&mut rewriter, 1, &[70_000, 70_001]), [1, 2]);
        assert_eq!(seqs(&mut rewriter, 2, &[5, 6, 7]), [3, 4, 5]);
    }

    #[test]
    fn gaps_and_swapped_packets_are_passed_on_as_they_are() {
        let mut rewriter = RtpRewriter::default();
        assert_eq!(seqs(&mut rewriter, 1, &[10, 13, 12]), [1, 4, 3]);
        assert_eq!(
            seqs(&mut rewriter, 1, &[9, 14]),
            [5],
            "9 is older than the epoch's first packet"
        );
        assert_eq!(seqs(&mut rewriter, 2, &[3]), [6]);
    }

    #[test]
    fn timestamps_go_on_with_the_clock_from_voice_to_voice() {
        let mut rewriter = RtpRewriter::default();
        let first = rewriter
            .rewrite(Epoch(1), &sound(1, u32::MAX - 100), 1_000)
            .expect("a header");
        let second = rewriter
            .rewrite(Epoch(1), &sound(2, (u32::MAX - 100).wrapping_add(960)), 1_020)
            .expect("a stamp");
        assert_eq!(second.time.wrapping_sub(first.time), 960);
        let other = rewriter.rewrite(Epoch(2), &sound(900, 77), 2_020).expect("a header");
        assert_eq!(other.time.wrapping_sub(second.time), 48_000);
        assert!(first.begins && !second.begins && other.begins);
    }

    #[test]
    fn a_sender_who_leaps_or_counts_backwards_harms_no_listener() {
        let mut rewriter = RtpRewriter::default();
        assert_eq!(
            seqs(&mut rewriter, 1, &[10, 11, 40_000, 80_000, 80_001]),
            [1, 2, 3, 4, 5]
        );
        assert_eq!(seqs(&mut rewriter, 2, &[u64::MAX - 1, u64::MAX, 0, 1]), [6, 7]);
        assert_eq!(seqs(&mut rewriter, 3, &[1_000, 850, 1_001]), [8, 9]);
    }
}
