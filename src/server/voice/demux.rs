//! Finds the peer that a datagram is for. A STUN request contains the ICE user name of its peer. Any other datagram is for the peer
//! that has verified a STUN request from the same address.
//!
//! A datagram that no peer accepts gets no answer. So nobody can use the port to amplify an attack, and a stranger's
//! DTLS ClientHello is never taken for a peer's.

use super::{command::ConnectionId, way::Way};
use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
};

/// How many addresses of one peer are remembered. A phone that changes networks needs two or three, but a browser that tries TCP opens a
/// connection from each of its addresses to each of ours.
const ADDRESSES_MAX: usize = 32;
/// A peer that uses more addresses than this is ended, because str0m forgets addresses only at an ICE restart and searches through all
/// of them.
const PROVEN_MAX: usize = 64;

/// Maps source addresses and ICE user names to connections.
#[derive(Debug, Default)]
pub struct Demux {
    by_address: HashMap<(SocketAddr, Way), ConnectionId>,
    by_ufrag: HashMap<String, ConnectionId>,
    of: HashMap<ConnectionId, PeerAddresses>,
}

#[derive(Debug, Default)]
struct PeerAddresses {
    ufrag: String,
    /// The address that has sent a verified request last is at the end.
    addresses: VecDeque<(SocketAddr, Way)>,
    /// How many addresses were verified since the last ICE restart.
    proven: usize,
}

impl Demux {
    /// Adds a peer. Its browser will send this ICE user name in its STUN requests.
    pub fn expect(&mut self, connection: ConnectionId, ufrag: String) {
        self.forget(connection);
        self.by_ufrag.insert(ufrag.clone(), connection);
        self.of.insert(
            connection,
            PeerAddresses {
                ufrag,
                ..Default::default()
            },
        );
    }

    /// The peer has restarted ICE, and its browser will send this ICE user name from now on. The addresses that were verified stay: the
    /// browser goes on sending sound from them until it has found a new path. The old name is forgotten, because str0m answers no
    /// request with it any more.
    pub fn expect_after_restart(&mut self, connection: ConnectionId, ufrag: String) {
        if let Some(known) = self.of.get_mut(&connection).filter(|known| known.ufrag != ufrag) {
            self.by_ufrag.remove(&known.ufrag);
            known.ufrag.clone_from(&ufrag);
            known.proven = 0;
            self.by_ufrag.insert(ufrag, connection);
        }
    }

    /// Gives the peer of `from` to the connection `to`.
    pub fn move_connection(&mut self, from: ConnectionId, to: ConnectionId) {
        let Some(known) = self.of.remove(&from) else {
            return;
        };
        self.by_ufrag.insert(known.ufrag.clone(), to);
        for address in &known.addresses {
            self.by_address.insert(*address, to);
        }
        self.of.insert(to, known);
    }

    /// The peer that a datagram is probably for. This is only a guess: the peer itself must still accept the datagram.
    ///
    /// A STUN request is for the peer that it names, wherever it comes from: a NAT reuses its ports, so the address may have belonged to
    /// another peer before.
    pub fn find(&self, source: (SocketAddr, Way), datagram: &[u8]) -> Option<ConnectionId> {
        match is_binding_request(datagram) {
            true => self.find_named(datagram),
            false => self.by_address.get(&source).copied(),
        }
    }

    /// The peer that a STUN request names.
    fn find_named(&self, datagram: &[u8]) -> Option<ConnectionId> {
        self.by_ufrag.get(requested_ufrag(datagram)?).copied()
    }

    /// Remembers an address from which the peer has verified a STUN request. False if the peer has used too many
    /// addresses.
    pub fn prove(&mut self, connection: ConnectionId, source: (SocketAddr, Way)) -> bool {
        if !self.of.contains_key(&connection) {
            return true;
        }
        match self.by_address.insert(source, connection) {
            Some(before) if before == connection => {
                self.set_newest(connection, source);
                return true;
            }
            // The address belonged to another peer before, because a NAT reuses its ports.
            Some(before) => {
                if let Some(other) = self.of.get_mut(&before) {
                    other.addresses.retain(|address| *address != source);
                }
            }
            None => {}
        }
        let Some(known) = self.of.get_mut(&connection) else {
            return true;
        };
        known.proven += 1;
        known.addresses.push_back(source);
        if known.addresses.len() > ADDRESSES_MAX
            && let Some(oldest) = known.addresses.pop_front()
        {
            self.by_address.remove(&oldest);
        }
        self.of.get(&connection).is_none_or(|known| known.proven <= PROVEN_MAX)
    }

    /// Moves an address to the end, so that the address that was not used for the longest time is forgotten first.
    fn set_newest(&mut self, connection: ConnectionId, source: (SocketAddr, Way)) {
        if let Some(known) = self.of.get_mut(&connection)
            && known.addresses.back() != Some(&source)
        {
            known.addresses.retain(|address| *address != source);
            known.addresses.push_back(source);
        }
    }

    /// Whether a peer that has not ended has verified a STUN request from this address, and the address is not forgotten yet.
    pub fn is_proven(&self, source: (SocketAddr, Way)) -> bool {
        self.by_address.contains_key(&source)
    }

    pub fn forget(&mut self, connection: ConnectionId) {
        let Some(known) = self.of.remove(&connection) else {
            return;
        };
        self.by_ufrag.remove(&known.ufrag);
        for address in known.addresses {
            self.by_address.remove(&address);
        }
    }
}

/// Whether a datagram is a STUN binding request (RFC 8489 section 5; RFC 7983 section 7: the first octet is 0 to 3).
pub fn is_binding_request(datagram: &[u8]) -> bool {
    datagram.len() >= 20 && datagram[..2] == [0, 1] && datagram[4..8] == [0x21, 0x12, 0xa4, 0x42]
}

/// Whether a datagram is a part of a DTLS handshake (RFC 7983 section 7: the first octet is 20 to 63).
pub fn is_dtls(datagram: &[u8]) -> bool {
    matches!(datagram, [20..=63, ..])
}

/// Whether a datagram can be STUN, DTLS, RTP or RTCP (RFC 7983 section 7).
pub fn is_webrtc(datagram: &[u8]) -> bool {
    matches!(datagram, [0..=3 | 20..=63 | 128..=191, ..])
}

/// The receiver's ICE user name: the part before the colon in the USERNAME of a STUN binding request (RFC 8445 section
/// 7.2.2).
fn requested_ufrag(datagram: &[u8]) -> Option<&str> {
    const USERNAME: u16 = 6;
    if !is_binding_request(datagram) {
        return None;
    }
    let mut rest = &datagram[20..];
    while let [kind_high, kind_low, length_high, length_low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        let value = tail.get(..length)?;
        if u16::from_be_bytes([*kind_high, *kind_low]) == USERNAME {
            return std::str::from_utf8(value).ok()?.split(':').next();
        }
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(username: &str) -> Vec<u8> {
        let mut datagram = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
        datagram.extend([7; 12]);
        // PRIORITY comes first, so that the search for USERNAME has to skip an attribute.
        datagram.extend([0, 0x24, 0, 4, 1, 2, 3, 4]);
        datagram.extend([0, 6, 0, username.len() as u8]);
        datagram.extend(username.as_bytes());
        datagram.resize(datagram.len().next_multiple_of(4), 0);
        datagram
    }

    fn address(port: u16) -> (SocketAddr, Way) {
        (SocketAddr::from(([192, 0, 2, 1], port)), Way::Udp)
    }

    #[test]
    fn a_name_finds_a_peer_at_once_and_an_address_only_after_verification() {
        let mut demux = Demux::default();
        demux.expect(ConnectionId(1), "abcd".into());
        assert_eq!(demux.find(address(1), &request("abcd:xyz")), Some(ConnectionId(1)));
        assert_eq!(demux.find(address(1), &request("other:abcd")), None);
        assert_eq!(demux.find(address(1), b"\x16\xfe\xfd a ClientHello"), None);
        demux.prove(ConnectionId(1), address(1));
        assert_eq!(
            demux.find(address(1), b"\x16\xfe\xfd a ClientHello"),
            Some(ConnectionId(1))
        );
        assert!(demux.is_proven(address(1)));
        demux.expect(ConnectionId(2), "efgh".into());
        assert_eq!(
            demux.find(address(1), &request("efgh:xyz")),
            Some(ConnectionId(2)),
            "a request is for the peer that it names"
        );
        assert_eq!(demux.find(address(1), &request("nobody:xyz")), None);
        let by_tcp = (address(1).0, Way::Tcp);
        assert_eq!(
            demux.find(by_tcp, b"\x16\xfe\xfd a ClientHello"),
            None,
            "the same address by TCP may be another browser behind the same NAT"
        );
        demux.forget(ConnectionId(1));
        assert!(!demux.is_proven(address(1)));
        assert_eq!(demux.find(address(1), &request("abcd:xyz")), None);
    }

    #[test]
    fn after_a_restart_the_new_name_and_the_old_addresses_find_the_peer_and_a_moved_peer_keeps_both() {
        let mut demux = Demux::default();
        demux.expect(ConnectionId(1), "old".into());
        demux.prove(ConnectionId(1), address(1));
        demux.expect_after_restart(ConnectionId(1), "new".into());
        assert_eq!(demux.find(address(2), &request("new:xyz")), Some(ConnectionId(1)));
        assert_eq!(demux.find(address(2), &request("old:xyz")), None);
        assert_eq!(demux.find(address(1), b"sound"), Some(ConnectionId(1)));
        demux.move_connection(ConnectionId(1), ConnectionId(7));
        demux.forget(ConnectionId(1));
        assert_eq!(demux.find(address(2), &request("new:xyz")), Some(ConnectionId(7)));
        assert_eq!(demux.find(address(1), b"sound"), Some(ConnectionId(7)));
        demux.forget(ConnectionId(7));
        assert_eq!(demux.find(address(1), &request("new:xyz")), None);
        assert!(demux.by_address.is_empty() && demux.by_ufrag.is_empty());
    }

    #[test]
    fn a_peer_has_a_limited_number_of_addresses_and_an_address_has_one_peer() {
        let mut demux = Demux::default();
        demux.expect(ConnectionId(1), "one".into());
        demux.expect(ConnectionId(2), "two".into());
        let fine = (0..100)
            .filter(|port| demux.prove(ConnectionId(1), address(*port)))
            .count();
        assert_eq!(fine, PROVEN_MAX, "the addresses after that are too many");
        assert_eq!(demux.by_address.len(), ADDRESSES_MAX);
        demux.prove(ConnectionId(2), address(99));
        demux.forget(ConnectionId(1));
        assert_eq!(demux.find(address(99), b""), Some(ConnectionId(2)));
        assert_eq!(demux.by_address.len(), 1);
    }

    #[test]
    fn the_address_that_was_not_used_for_the_longest_time_is_forgotten_first() {
        let mut demux = Demux::default();
        demux.expect(ConnectionId(1), "one".into());
        for port in 0..ADDRESSES_MAX as u16 {
            demux.prove(ConnectionId(1), address(port));
        }
        demux.prove(ConnectionId(1), address(0));
        demux.prove(ConnectionId(1), address(1_000));
        assert!(demux.is_proven(address(0)) && !demux.is_proven(address(1)) && demux.is_proven(address(1_000)));
    }

    #[test]
    fn a_peer_that_restarts_may_use_as_many_addresses_as_before() {
        let mut demux = Demux::default();
        demux.expect(ConnectionId(1), "one".into());
        let mut ports = 0..;
        let mut prove = |demux: &mut Demux, count: usize| {
            let ports = ports.by_ref().take(count);
            ports
                .filter(|port| demux.prove(ConnectionId(1), address(*port)))
                .count()
        };
        assert_eq!(prove(&mut demux, PROVEN_MAX), PROVEN_MAX);
        demux.expect_after_restart(ConnectionId(1), "one".into());
        assert_eq!(prove(&mut demux, 1), 0, "the same name: nothing was restarted");
        demux.expect_after_restart(ConnectionId(1), "two".into());
        assert_eq!(prove(&mut demux, PROVEN_MAX), PROVEN_MAX);
    }

    #[test]
    fn malformed_requests_name_no_peer() {
        let whole = request("abcd:xyz");
        for length in 0..whole.len() {
            let _ = requested_ufrag(&whole[..length]);
        }
        let mut lying = whole.clone();
        lying[31] = 250;
        assert_eq!(requested_ufrag(&lying), None);
    }
}
