//! How much sound one voice connection may send.

use super::token_bucket::TokenBucket;

/// The largest number of packets that a sender may send in a second. A voice needs 50 packets a second and 32 kbit/s.
pub const PACKETS_PER_SECOND: u64 = 100;
/// The largest number of bits of payload that a sender may send in a second.
pub const BITS_PER_SECOND: u64 = 160_000;

/// The packets and bits that are left. Times are milliseconds of a monotonic clock.
#[derive(Debug)]
pub struct SoundBudget {
    packets: TokenBucket,
    bits: TokenBucket,
}

impl SoundBudget {
    pub fn new(now_ms: u64) -> Self {
        Self {
            packets: TokenBucket::new(PACKETS_PER_SECOND, now_ms),
            bits: TokenBucket::new(BITS_PER_SECOND, now_ms),
        }
    }

    /// Spends a packet with this many bytes of payload; false if too little is left.
    pub fn spend(&mut self, bytes: usize, now_ms: u64) -> bool {
        self.packets.spend(1, now_ms) && self.bits.spend(bytes as u64 * 8, now_ms)
    }
}
