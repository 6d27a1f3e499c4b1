//! A network that loses a share of the packets of sound, the same ones in each run.

/// Loses packets of one direction at random.
#[derive(Debug)]
pub struct PacketLoss {
    /// How many packets of a hundred are lost.
    pub percent: u64,
    /// The state of the generator of random numbers (xorshift64). It begins with a fixed seed.
    state: u64,
}

impl PacketLoss {
    pub fn new(percent: u64) -> Self {
        Self {
            percent,
            state: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// Whether this datagram gets lost. Only packets of sound do, so that connecting takes as long as always.
    pub fn loses(&mut self, datagram: &[u8]) -> bool {
        if !is_sound(datagram) {
            return false;
        }
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33) % 100 < self.percent
    }
}

/// Whether the datagram is RTP and not RTCP (RFC 5761 section 4, RFC 7983 section 7).
pub fn is_sound(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, second, ..] if !(64..96).contains(&(second & 0x7f)))
}
