//! How much sound one voice connection may send.

use super::token_bucket::TokenBucket;

/// The largest number of packets that a sender may send in a second. A voice needs 50 packets a second and 32 kbit/s.
pub const PACKETS_PER_SECOND: u64 = 100;
/// The largest number of bits of payload that a sender may send in a second.
pub const BITS_PER_SECOND: u64 = 160_000;
/// The limits on packets that were lost and came as copies are these limits, divided by this number. A voice does not need more: if
/// packets have one copy, at most a quarter of the 50 packets a second come as copies, at a random loss of 50 %.
const RECOVERED_DIVISOR: u64 = 4;

/// The packets and bits that are left. Times are milliseconds of a monotonic clock.
#[derive(Debug)]
pub struct SoundBudget {
    packets: TokenBucket,
    bits: TokenBucket,
}

impl SoundBudget {
    pub fn new(now_ms: u64) -> Self {
        Self::divided(1, now_ms)
    }

    /// The budget of packets that were lost and came as copies. It is separate, so that a bad network can't make a sender exceed a
    /// limit. It is small, so that a sender who pretends losses gets little more heard.
    pub fn for_recovered(now_ms: u64) -> Self {
        Self::divided(RECOVERED_DIVISOR, now_ms)
    }

    fn divided(by: u64, now_ms: u64) -> Self {
        Self {
            packets: TokenBucket::new(PACKETS_PER_SECOND / by, now_ms),
            bits: TokenBucket::new(BITS_PER_SECOND / by, now_ms),
        }
    }

    /// Spends a packet with this many bytes of payload; false if too little is left.
    pub fn spend(&mut self, bytes: usize, now_ms: u64) -> bool {
        self.packets.spend(1, now_ms) && self.bits.spend(bytes as u64 * 8, now_ms)
    }
}
