//! Sockets for voices that are open already: systemd has opened them, and keeps them open while Snug restarts.

use socket2::SockRef;
use std::{
    io,
    net::{TcpListener, UdpSocket},
};

/// The sockets for voices that are open already. The voice thread opens those that are missing.
#[derive(Debug, Default)]
pub struct VoiceSockets {
    pub udp: Vec<UdpSocket>,
    pub tcp: Vec<TcpListener>,
}

/// At most one UDP socket for each family, on the same port.
#[derive(Debug, Default)]
pub struct UdpPair {
    pub v4: Option<UdpSocket>,
    pub v6: Option<UdpSocket>,
    /// `None` if there are no sockets.
    pub port: Option<u16>,
}

/// Why voices can't use the UDP sockets of systemd, and what to change.
#[derive(Debug, thiserror::Error)]
pub enum UnfitSockets {
    #[error(
        "systemd has opened more than one UDP socket of the same family, and voices use one for IPv4 and one for IPv6; leave one line \
         ListenDatagram= for each in snug.socket"
    )]
    TooMany,
    #[error(
        "the UDP sockets that systemd has opened have different ports, and voices use one port; give all lines ListenDatagram= in \
         snug.socket the same port"
    )]
    TwoPorts,
    #[error(
        "the UDP socket that systemd has opened for IPv6 takes datagrams of IPv4 too; write BindIPv6Only=ipv6-only in snug.socket, and a \
         line ListenDatagram=0.0.0.0:PORT for IPv4"
    )]
    BothFamilies,
    #[error("a UDP socket that systemd has opened can't be used")]
    Unusable(#[from] io::Error),
}

impl UdpPair {
    /// Sorts sockets by their family.
    ///
    /// # Errors
    /// `UnfitSockets`.
    pub fn of(sockets: Vec<UdpSocket>) -> Result<Self, UnfitSockets> {
        let mut pair = Self::default();
        for socket in sockets {
            let address = socket.local_addr()?;
            if pair.port.is_some_and(|port| port != address.port()) {
                return Err(UnfitSockets::TwoPorts);
            }
            // Only a socket on the unspecified address can take both families.
            let may_take_both = address.is_ipv6() && address.ip().is_unspecified();
            if may_take_both && !SockRef::from(&socket).only_v6()? {
                return Err(UnfitSockets::BothFamilies);
            }
            pair.port = Some(address.port());
            let place = match address.is_ipv4() {
                true => &mut pair.v4,
                false => &mut pair.v6,
            };
            if place.replace(socket).is_some() {
                return Err(UnfitSockets::TooMany);
            }
        }
        Ok(pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use socket2::{Domain, Socket, Type};
    use std::net::{Ipv6Addr, SocketAddr};

    fn v4(address: &str) -> UdpSocket {
        UdpSocket::bind(address).expect("a free port")
    }

    /// `None` on a machine without IPv6.
    fn v6(only_v6: bool) -> Option<UdpSocket> {
        let socket = Socket::new(Domain::IPV6, Type::DGRAM, None).ok()?;
        socket.set_only_v6(only_v6).expect("an option");
        let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
        socket.bind(&any.into()).ok()?;
        Some(socket.into())
    }

    #[test]
    fn one_socket_of_a_family_is_taken_with_its_port_and_none_is_fine_too() {
        let none = UdpPair::of(vec![]).expect("nothing is wrong");
        assert!(none.v4.is_none() && none.v6.is_none() && none.port.is_none());
        let given = v4("127.0.0.1:0");
        let port = given.local_addr().expect("the port").port();
        let pair = UdpPair::of(vec![given]).expect("one of IPv4");
        assert!(pair.v4.is_some() && pair.v6.is_none());
        assert_eq!(pair.port, Some(port));
    }

    #[test]
    fn two_ports_two_of_a_family_and_one_for_both_families_are_refused() {
        let two_ports = UdpPair::of(vec![v4("127.0.0.1:0"), v4("127.0.0.1:0")]);
        assert!(matches!(two_ports, Err(UnfitSockets::TwoPorts)), "{two_ports:?}");
        let first = v4("127.0.0.1:0");
        let second = first.try_clone().expect("a second handle");
        let too_many = UdpPair::of(vec![first, second]);
        assert!(matches!(too_many, Err(UnfitSockets::TooMany)), "{too_many:?}");
        if let Some(both) = v6(false) {
            let both = UdpPair::of(vec![both]);
            assert!(matches!(both, Err(UnfitSockets::BothFamilies)), "{both:?}");
        }
        if let Some(one) = v6(true) {
            assert!(UdpPair::of(vec![one]).expect("IPv6 only").v6.is_some());
        }
    }
}
