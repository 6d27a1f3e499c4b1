//! Rewrites RTP headers, pure: one slot as one listener receives it. Whoever's voice is on it, numbers go up by one and time goes on.

use super::command::SoundPacket;

/// RTP timestamps in a millisecond of sound (RFC 7587 section 4.1: Opus counts at 48 kHz).
const TICKS_PER_MS: u64 = 48;
/// A frame's ticks: at least so far apart stand the last packet of one voice and the first of the next.
const FRAME_TICKS: u32 = 960;

/// A gap of more than so many packets, 20 s of sound, is a new beginning.
const LEAP: u64 = 1_000;
/// Who comes later than so many packets, 2 s of sound, comes too late.
const LATE: u64 = 100;

/// A stretch of packets of one voice on one slot. Within it the sender's own gaps and order are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub u64);

/// What one listener was sent on one slot.
#[derive(Debug, Clone, Default)]
pub struct RtpRewriter {
    source: Option<Source>,
    /// The highest number sent; the first packet is 1, which is below 65,536 as SRTP wants it (RFC 3711 section 3.3.1).
    highest: u64,
    last_time: u32,
    last_ms: u64,
}

#[derive(Debug, Clone, Copy)]
struct Source {
    epoch: Epoch,
    first_seq: u64,
    /// The sender's number that was last passed on.
    last_seq: u64,
    /// What to add to the sender's, wrapping.
    seq_offset: u64,
    time_offset: u32,
}

/// The header of a packet after rewriting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RewrittenHeader {
    pub seq: u64,
    pub time: u32,
    /// The first packet of an epoch: the receiver may adapt its buffer.
    pub begins: bool,
}

impl RtpRewriter {
    /// The stamp of `sound` after rewriting; `None` for a packet that was overtaken by the epoch's first one.
    pub fn rewrite(&mut self, epoch: Epoch, sound: &SoundPacket, now_ms: u64) -> Option<RewrittenHeader> {
        // Who leaps begins anew: taken over, a leap of many thousands would lose the receiver's count (RFC 3711 section
        // 3.3.1), on a slot that is everybody's.
        let leaps = |source: Source| sound.seq.saturating_sub(source.last_seq) > LEAP;
        let begins = self.source.is_none_or(|source| source.epoch != epoch || leaps(source));
        if begins {
            self.begin(epoch, sound, now_ms);
        }
        let is_in_time =
            |source: &&mut Source| sound.seq >= source.first_seq && source.last_seq.saturating_sub(sound.seq) <= LATE;
        let source = self.source.as_mut().filter(is_in_time)?;
        source.last_seq = source.last_seq.max(sound.seq);
        let seq = sound.seq.wrapping_add(source.seq_offset);
        let time = sound.time.wrapping_add(source.time_offset);
        if seq > self.highest {
            (self.highest, self.last_time, self.last_ms) = (seq, time, now_ms);
        }
        Some(RewrittenHeader { seq, time, begins })
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
    fn what_the_network_lost_or_swapped_stays_so() {
        let mut rewriter = RtpRewriter::default();
        assert_eq!(seqs(&mut rewriter, 1, &[10, 13, 12]), [1, 4, 3]);
        assert_eq!(seqs(&mut rewriter, 1, &[9, 14]), [5], "9 came before the run");
        assert_eq!(seqs(&mut rewriter, 2, &[3]), [6]);
    }

    #[test]
    fn time_goes_on_as_the_clock_does() {
        let mut rewriter = RtpRewriter::default();
        let first = rewriter
            .rewrite(Epoch(1), &sound(1, u32::MAX - 100), 1_000)
            .expect("a stamp");
        let second = rewriter
            .rewrite(Epoch(1), &sound(2, (u32::MAX - 100).wrapping_add(960)), 1_020)
            .expect("a stamp");
        assert_eq!(second.time.wrapping_sub(first.time), 960);
        let other = rewriter.rewrite(Epoch(2), &sound(900, 77), 2_020).expect("a stamp");
        assert_eq!(other.time.wrapping_sub(second.time), 48_000);
        assert!(first.begins && !second.begins && other.begins);
    }

    #[test]
    fn whoever_leaps_or_counts_backwards_harms_no_listener() {
        let mut rewriter = RtpRewriter::default();
        assert_eq!(
            seqs(&mut rewriter, 1, &[10, 11, 40_000, 80_000, 80_001]),
            [1, 2, 3, 4, 5]
        );
        assert_eq!(seqs(&mut rewriter, 2, &[u64::MAX - 1, u64::MAX, 0, 1]), [6, 7]);
        assert_eq!(seqs(&mut rewriter, 3, &[1_000, 850, 1_001]), [8, 9]);
    }
}
