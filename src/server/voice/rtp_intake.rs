//! Decides which datagrams of a peer reach str0m: a budget for each kind of datagram, and a limit on RTP streams.
//!
//! str0m keeps a record for each SSRC (the number of an RTP stream) that it maps to the microphone, for the life of the peer, even
//! before it has authenticated a packet of that stream. A browser uses one SSRC for its microphone. A peer that uses many SSRCs
//! could fill the memory, so both the proven and the unproven SSRCs have a limit. An SSRC is proven if str0m has authenticated a packet
//! with it, so only the peer itself can prove one.
//!
//! Somebody who forges the peer's address can send any SSRC. Such datagrams must neither end the peer nor use up the budget of its
//! voice. So unproven SSRCs are only dropped if there are too many, and proven ones have a budget of their own.

use super::token_bucket::TokenBucket;
use std::collections::HashSet;

/// How many packets of proven streams a peer may send in a second. The forwarder drops voice above
/// [`PACKETS_PER_SECOND`](super::sound_budget::PACKETS_PER_SECOND) and warns the sender. This limit is twice as high, so that the
/// forwarder still sees that somebody sends too much.
const VOICE_PER_SECOND: u64 = 200;
/// How many datagrams of RTCP, DTLS and unproven streams together a peer may send in a second.
const OTHERS_PER_SECOND: u64 = 200;
/// How many STUN requests of a peer are answered in a second. A browser sends about 20 a second for each of its addresses while it
/// connects, and one every few seconds afterwards.
const CHECKS_PER_SECOND: u64 = 100;
/// How many SSRCs a peer may prove in its life. A browser chooses a new SSRC for a new connection, but not when the person
/// unmutes.
pub const SSRCS_MAX: usize = 64;
/// How many unproven SSRCs str0m may keep for a peer.
const UNPROVEN_MAX: usize = 64;

/// What to do with a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakeVerdict {
    /// Give the datagram to str0m.
    Take,
    /// Give the datagram to str0m, and call [`RtpIntake::remember`] if str0m keeps a record for this new SSRC.
    Try { ssrc: u32 },
    /// Drop the datagram without reading it.
    Drop,
}

/// The budgets and the SSRCs of one peer. Times are milliseconds of a monotonic clock.
#[derive(Debug)]
pub struct RtpIntake {
    voice: TokenBucket,
    others: TokenBucket,
    checks: TokenBucket,
    proven: HashSet<u32>,
    unproven: HashSet<u32>,
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
            voice: TokenBucket::new(VOICE_PER_SECOND, now_ms),
            others: TokenBucket::new(OTHERS_PER_SECOND, now_ms),
            checks: TokenBucket::new(CHECKS_PER_SECOND, now_ms),
            proven: HashSet::new(),
            unproven: HashSet::new(),
        }
    }

    /// Decides about a datagram from an address that belongs to this peer. `is_connected` says whether the DTLS handshake is done.
    /// Sound is dropped before that, because it can't be decrypted yet.
    pub fn check(&mut self, datagram: &[u8], is_connected: bool, now_ms: u64) -> IntakeVerdict {
        let kind = DatagramKind::of(datagram);
        let budget = match kind {
            DatagramKind::Unknown => return IntakeVerdict::Drop,
            DatagramKind::Rtp { .. } | DatagramKind::Rtcp if !is_connected => return IntakeVerdict::Drop,
            DatagramKind::Stun => &mut self.checks,
            DatagramKind::Rtp { ssrc } if self.proven.contains(&ssrc) => &mut self.voice,
            DatagramKind::Dtls | DatagramKind::Rtp { .. } | DatagramKind::Rtcp => &mut self.others,
        };
        if !budget.spend(1, now_ms) {
            return IntakeVerdict::Drop;
        }
        match kind {
            DatagramKind::Rtp { ssrc } if !self.proven.contains(&ssrc) && !self.unproven.contains(&ssrc) => {
                match self.unproven.len() < UNPROVEN_MAX {
                    true => IntakeVerdict::Try { ssrc },
                    false => IntakeVerdict::Drop,
                }
            }
            _ => IntakeVerdict::Take,
        }
    }

    /// Notes that str0m keeps a record for this SSRC, although no packet with it is authenticated yet.
    pub fn remember(&mut self, ssrc: u32) {
        self.unproven.insert(ssrc);
    }

    /// Notes that str0m has authenticated a packet with this SSRC. False if the peer has proven more than [`SSRCS_MAX`] SSRCs, so that
    /// it must end.
    pub fn prove(&mut self, ssrc: u32) -> bool {
        if self.proven.contains(&ssrc) {
            return true;
        }
        self.unproven.remove(&ssrc);
        self.proven.len() < SSRCS_MAX && self.proven.insert(ssrc)
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

    /// An intake that has seen an authenticated packet of each of these streams.
    fn with_proven(mut ssrcs: std::ops::Range<u32>) -> RtpIntake {
        let mut intake = RtpIntake::new(0);
        assert!(ssrcs.all(|ssrc| intake.prove(ssrc)));
        intake
    }

    #[test]
    fn the_65th_proven_ssrc_ends_the_peer_and_known_ones_go_on() {
        let mut intake = with_proven(0..SSRCS_MAX as u32);
        assert_eq!(intake.check(&sound(64), true, 0), IntakeVerdict::Try { ssrc: 64 });
        intake.remember(64);
        assert!(intake.prove(63) && !intake.prove(64));
        assert_eq!(intake.check(&sound(63), true, 0), IntakeVerdict::Take);
        assert_eq!(intake.proven.len(), SSRCS_MAX);
    }

    #[test]
    fn the_65th_unproven_ssrc_is_dropped_and_ends_nothing() {
        let mut intake = with_proven(0..1);
        for ssrc in 1..=UNPROVEN_MAX as u32 {
            let now_ms = u64::from(ssrc) * 20;
            assert_eq!(intake.check(&sound(ssrc), true, now_ms), IntakeVerdict::Try { ssrc });
            intake.remember(ssrc);
            assert_eq!(intake.check(&sound(ssrc), true, now_ms), IntakeVerdict::Take);
        }
        assert_eq!(intake.check(&sound(1_000), true, 5_000), IntakeVerdict::Drop);
        assert_eq!(intake.check(&sound(0), true, 5_000), IntakeVerdict::Take);
        // A stream that is proven after all makes room for another one.
        assert!(intake.prove(7));
        assert_eq!(
            intake.check(&sound(1_000), true, 5_000),
            IntakeVerdict::Try { ssrc: 1_000 }
        );
    }

    #[test]
    fn an_ssrc_that_str0m_does_not_keep_takes_no_place() {
        let mut intake = RtpIntake::new(0);
        for ssrc in 0..1_000 {
            let verdict = intake.check(&sound(ssrc), true, u64::from(ssrc) * 20);
            assert_eq!(verdict, IntakeVerdict::Try { ssrc });
        }
    }

    #[test]
    fn sound_before_dtls_is_done_is_dropped() {
        let mut intake = RtpIntake::new(0);
        assert_eq!(intake.check(&sound(1), false, 0), IntakeVerdict::Drop);
        assert_eq!(intake.check(&sound(1), true, 0), IntakeVerdict::Try { ssrc: 1 });
    }

    #[test]
    fn a_flood_is_dropped_before_it_is_read_and_a_voice_passes() {
        for (mut intake, ssrc) in [(with_proven(1..2), 1), (with_proven(1..2), 2)] {
            let taken = |step: &u64| intake.check(&sound(ssrc), true, step / 10) != IntakeVerdict::Drop;
            let passed = (0..10_000).filter(taken).count() as u64;
            assert!(
                (VOICE_PER_SECOND..=VOICE_PER_SECOND * 3 / 2).contains(&passed),
                "{passed} of 10,000 in a second"
            );
        }
        let mut intake = with_proven(1..2);
        assert!((0..500).all(|step| intake.check(&sound(1), true, step * 20) == IntakeVerdict::Take));
    }

    #[test]
    fn forged_streams_rtcp_and_dtls_do_not_use_up_the_budget_of_a_proven_voice() {
        let mut intake = with_proven(1..2);
        let forged = [sound(2), vec![0x81, 200, 0, 6], vec![22, 254, 253]];
        for datagram in forged.iter().cycle().take(3_000) {
            intake.check(datagram, true, 0);
        }
        for datagram in &forged {
            assert_eq!(intake.check(datagram, true, 0), IntakeVerdict::Drop);
        }
        assert_eq!(intake.check(&sound(1), true, 0), IntakeVerdict::Take);
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
        assert_eq!(intake.check(&sound(1), true, 0), IntakeVerdict::Try { ssrc: 1 });
    }
}
