//! Decides which datagrams of a peer reach str0m: a budget for each kind of datagram, and a limit on RTP streams.
//!
//! str0m keeps a record for each SSRC (the number of an RTP stream) that it sees, for the life of the peer, even if the packets
//! of the stream are never forwarded. A browser uses one SSRC for its microphone. A peer that uses many SSRCs could fill the
//! memory, so it is ended before a packet with one SSRC too many reaches str0m.

use super::token_bucket::TokenBucket;
use std::collections::HashSet;

/// How many datagrams of sound, RTCP and DTLS together a peer may send in a second. The forwarder drops voice above
/// [`PACKETS_PER_SECOND`](super::forwarder::PACKETS_PER_SECOND) and warns the sender. This limit is twice as high, so that the
/// forwarder still sees that somebody sends too much.
const DATAGRAMS_PER_SECOND: u64 = 200;
/// How many STUN requests of a peer are answered in a second. A browser sends about 20 a second for each of its addresses while it
/// connects, and one every few seconds afterwards.
const CHECKS_PER_SECOND: u64 = 100;
/// How many SSRCs a peer may use in its life. A browser chooses a new SSRC for a new connection, but not when the person
/// unmutes.
pub const SSRCS_MAX: usize = 64;

/// What to do with a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakeVerdict {
    /// Give the datagram to str0m.
    Take,
    /// Drop the datagram without reading it.
    Drop,
    /// End the peer: it has used more than [`SSRCS_MAX`] SSRCs.
    End,
}

/// The budgets and the SSRCs of one peer. Times are milliseconds of a monotonic clock.
#[derive(Debug)]
pub struct RtpIntake {
    datagrams: TokenBucket,
    checks: TokenBucket,
    ssrcs: HashSet<u32>,
}

/// The kinds of datagrams on a port that WebRTC uses (RFC 7983 section 7, RFC 5761 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DatagramKind {
    Stun,
    Dtls,
    Rtp {
        ssrc: u32,
    },
    Rtcp,
    /// Nothing that str0m can read.
    Unknown,
}

impl RtpIntake {
    pub fn new(now_ms: u64) -> Self {
        Self {
            datagrams: TokenBucket::new(DATAGRAMS_PER_SECOND, now_ms),
            checks: TokenBucket::new(CHECKS_PER_SECOND, now_ms),
            ssrcs: HashSet::new(),
        }
    }

    /// Decides about a datagram from an address that belongs to this peer. `is_connected` says whether the DTLS handshake is done.
    ///
    /// Before the handshake is done, sound can't be decrypted. Such sound is dropped, and its SSRC does not count: otherwise somebody
    /// could end a peer with forged sound before the peer has its keys.
    pub fn check(&mut self, datagram: &[u8], is_connected: bool, now_ms: u64) -> IntakeVerdict {
        let kind = DatagramKind::of(datagram);
        let budget = match kind {
            DatagramKind::Unknown => return IntakeVerdict::Drop,
            DatagramKind::Rtp { .. } | DatagramKind::Rtcp if !is_connected => return IntakeVerdict::Drop,
            DatagramKind::Stun => &mut self.checks,
            DatagramKind::Dtls | DatagramKind::Rtp { .. } | DatagramKind::Rtcp => &mut self.datagrams,
        };
        if !budget.spend(1, now_ms) {
            return IntakeVerdict::Drop;
        }
        match kind {
            DatagramKind::Rtp { ssrc } if !self.admit(ssrc) => IntakeVerdict::End,
            _ => IntakeVerdict::Take,
        }
    }

    fn admit(&mut self, ssrc: u32) -> bool {
        if self.ssrcs.contains(&ssrc) {
            return true;
        }
        self.ssrcs.len() < SSRCS_MAX && self.ssrcs.insert(ssrc)
    }
}

impl DatagramKind {
    /// Tells the kinds apart in the same way as str0m, by the first two octets.
    fn of(datagram: &[u8]) -> Self {
        match datagram {
            [0..=1, ..] if datagram.len() >= 20 => Self::Stun,
            [20..=63, ..] => Self::Dtls,
            // RFC 5761 section 4: these payload types can't be RTP if RTP and RTCP share a port.
            [128..=191, second, ..] if matches!(second & 0x7f, 64..=95) => Self::Rtcp,
            // RFC 3550 section 5.1: the SSRC is in the octets 8 to 11.
            [128..=191, _, _, _, _, _, _, _, a, b, c, d, ..] => Self::Rtp {
                ssrc: u32::from_be_bytes([*a, *b, *c, *d]),
            },
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(ssrc: u32) -> Vec<u8> {
        let mut packet = vec![0x80, 111, 0, 1, 0, 0, 0, 9];
        packet.extend(ssrc.to_be_bytes());
        packet.extend([7; 20]);
        packet
    }

    #[test]
    fn the_65th_ssrc_ends_the_peer_and_known_ones_go_on() {
        let mut intake = RtpIntake::new(0);
        for ssrc in 0..SSRCS_MAX as u32 {
            assert_eq!(
                intake.check(&sound(ssrc), true, u64::from(ssrc) * 20),
                IntakeVerdict::Take
            );
        }
        assert_eq!(intake.check(&sound(63), true, 10_000), IntakeVerdict::Take);
        assert_eq!(intake.check(&sound(64), true, 10_020), IntakeVerdict::End);
        assert_eq!(intake.ssrcs.len(), SSRCS_MAX);
    }

    #[test]
    fn sound_before_dtls_is_done_is_dropped_and_its_ssrcs_do_not_count() {
        let mut intake = RtpIntake::new(0);
        for ssrc in 0..1_000 {
            assert_eq!(intake.check(&sound(ssrc), false, 0), IntakeVerdict::Drop);
        }
        assert!(intake.ssrcs.is_empty());
        assert_eq!(intake.check(&sound(1_000), true, 0), IntakeVerdict::Take);
    }

    #[test]
    fn a_flood_is_dropped_before_it_is_read_and_a_voice_passes() {
        let mut intake = RtpIntake::new(0);
        let taken = |step: &u64| intake.check(&sound(1), true, step / 10) == IntakeVerdict::Take;
        let passed = (0..10_000).filter(taken).count() as u64;
        assert!(
            (DATAGRAMS_PER_SECOND..=DATAGRAMS_PER_SECOND * 3 / 2).contains(&passed),
            "{passed} of 10,000 in a second"
        );
        let mut intake = RtpIntake::new(0);
        assert!((0..500).all(|step| intake.check(&sound(1), true, step * 20) == IntakeVerdict::Take));
    }

    #[test]
    fn a_flood_above_the_budget_shows_no_more_ssrcs() {
        let mut intake = RtpIntake::new(0);
        while intake.check(&sound(1), true, 0) == IntakeVerdict::Take {}
        assert_eq!(intake.check(&sound(2), true, 0), IntakeVerdict::Drop);
        assert_eq!(intake.ssrcs.len(), 1);
    }

    #[test]
    fn the_kinds_are_told_apart_as_in_rfc_7983_and_rfc_5761() {
        let stun = [&[0, 1, 0, 0][..], &[0; 16]].concat();
        assert_eq!(DatagramKind::of(&stun), DatagramKind::Stun);
        assert_eq!(DatagramKind::of(&stun[..19]), DatagramKind::Unknown);
        assert_eq!(DatagramKind::of(&[22, 254, 253]), DatagramKind::Dtls);
        assert_eq!(DatagramKind::of(&[0x81, 201, 0, 1, 0, 0, 0, 1]), DatagramKind::Rtcp);
        assert_eq!(
            DatagramKind::of(&sound(0x0102_0304)),
            DatagramKind::Rtp { ssrc: 0x0102_0304 }
        );
        // The marker bit is not a part of the payload type.
        let mut marked = sound(5);
        marked[1] |= 0x80;
        assert_eq!(DatagramKind::of(&marked), DatagramKind::Rtp { ssrc: 5 });
        assert_eq!(DatagramKind::of(&sound(5)[..11]), DatagramKind::Unknown);
        assert_eq!(DatagramKind::of(&[]), DatagramKind::Unknown);
    }

    #[test]
    fn requests_do_not_use_up_the_budget_for_sound() {
        let mut intake = RtpIntake::new(0);
        let request = [&[0, 1, 0, 0][..], &[0; 16]].concat();
        while intake.check(&request, true, 0) == IntakeVerdict::Take {}
        assert_eq!(intake.check(&sound(1), true, 0), IntakeVerdict::Take);
    }
}
