//! Fuzzes the path of a datagram to its peer: our own reading of STUN requests, and str0m's parser of datagrams. Whatever arrives, a
//! datagram must reach only the peer that it names, or the peer that has verified its source address.
//!
//! The input is a list of steps. A step has three octets (what to do, the port of the source, the length) and then a datagram of
//! this length.
#![no_main]

#[path = "../../src/server/voice/command.rs"]
#[allow(dead_code, reason = "`demux` needs only the ids of connections")]
mod command;
#[path = "../../src/server/voice/demux.rs"]
#[allow(dead_code, reason = "the target reads no DTLS")]
mod demux;
#[path = "../../src/model/mod.rs"]
#[allow(dead_code, unused_imports, reason = "`command` needs only some of these types")]
mod model;
#[path = "../../src/server/voice/roles.rs"]
#[allow(dead_code, reason = "`command` needs only the records")]
mod roles;
#[path = "../../src/server/voice/wall_clock.rs"]
#[allow(dead_code, reason = "`roles` needs only the type")]
mod wall_clock;
#[path = "../../src/server/voice/way.rs"]
mod way;

use command::ConnectionId;
use demux::{Demux, is_binding_request};
use libfuzzer_sys::fuzz_target;
use std::{
    collections::{HashMap, HashSet},
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
};
use str0m::net::{Protocol, Receive};
use way::Way;

/// The user names of the two peers. The seeds contain both.
const NAMES: [&str; 2] = ["abcd", "efgh"];

/// An address that no peer of this target has.
const ELSEWHERE: (SocketAddr, Way) = (
    SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(198, 51, 100, 1), 1)),
    Way::Udp,
);

fuzz_target!(|octets: &[u8]| {
    let mut demux = Demux::default();
    let mut connected = HashSet::new();
    // The peer that last verified each address.
    let mut verified: HashMap<(SocketAddr, Way), ConnectionId> = HashMap::new();
    let mut rest = octets;
    while let [action, port, length, tail @ ..] = rest {
        let (datagram, after) = tail.split_at(tail.len().min(usize::from(*length)));
        rest = after;
        let address = SocketAddr::from(([192, 0, 2, 1], u16::from(*port)));
        // The same address by TCP is somebody else.
        let way = if action & 4 == 0 { Way::Udp } else { Way::Tcp };
        let source = (address, way);
        let peer = usize::from(action >> 7);
        let connection = ConnectionId(peer as u64);
        match action % 4 {
            0 => {
                demux.expect(connection, NAMES[peer].to_owned());
                connected.insert(connection);
                verified.retain(|_, owner| *owner != connection);
            }
            1 => {
                demux.forget(connection);
                connected.remove(&connection);
                verified.retain(|_, owner| *owner != connection);
            }
            _ => {}
        }
        let _ = Receive::new(Protocol::Udp, address, address, datagram);
        let found = demux.find(source, datagram);
        let named = found.filter(|_| is_binding_request(datagram));
        assert!(named.is_none() || demux.find(ELSEWHERE, datagram) == named);
        if let Some(named) = named {
            let name = NAMES[named.0 as usize].as_bytes();
            assert!(connected.contains(&named));
            assert!(datagram.windows(name.len()).any(|part| part == name));
        }
        if let Some(found) = found.filter(|found| Some(*found) != named) {
            assert_eq!(
                verified.get(&source),
                Some(&found),
                "an address that this peer never verified"
            );
        }
        // As in the engine, only the peer that was found can verify the address, and only by a STUN request.
        if action % 4 == 3
            && let Some(found) = found.filter(|_| is_binding_request(datagram))
        {
            demux.prove(found, source);
            verified.insert(source, found);
            assert_eq!(demux.find(source, b"not STUN"), Some(found));
        }
    }
});
