//! Our addresses and the ways of datagrams, in the terms of str0m.

use crate::server::voice::{candidate_addresses::CandidateAddresses, way::Way};
use str0m::{
    Candidate, Rtc,
    net::{Protocol, TcpType},
};

/// Adds our addresses to an `Rtc`. str0m gives TCP a lower priority than UDP, so browsers use it only if UDP does not get through.
pub fn add_candidates(rtc: &mut Rtc, candidates: &CandidateAddresses) {
    for (address, way) in candidates.all() {
        let candidate = match way {
            Way::Udp => Candidate::builder().udp().host(address).build(),
            // The browser opens the connection (RFC 6544 section 4.5).
            Way::Tcp => Candidate::builder()
                .tcp()
                .host(address)
                .tcptype(TcpType::Passive)
                .build(),
        };
        if let Ok(candidate) = candidate {
            rtc.add_local_candidate(candidate);
        }
    }
}

/// The protocol of a way.
pub fn protocol_of(way: Way) -> Protocol {
    match way {
        Way::Udp => Protocol::Udp,
        Way::Tcp => Protocol::Tcp,
    }
}

/// The way of a protocol.
pub fn way_of(protocol: Protocol) -> Way {
    match protocol {
        Protocol::Tcp => Way::Tcp,
        _ => Way::Udp,
    }
}
