//! The addresses at which browsers reach the voice port: which ones are offered, and at which one a datagram has arrived.

use super::way::Way;
use std::net::{IpAddr, SocketAddr};

/// The addresses that browsers are told to send to. Each one is an ICE candidate for UDP and, if TCP is on, one for TCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateAddresses {
    ips: Vec<IpAddr>,
    udp_port: u16,
    /// The port of our own listener, if there is one, and then the one that is shared with the site.
    tcp_ports: Vec<u16>,
}

impl CandidateAddresses {
    /// `tcp_port` is `None` if nothing listens for TCP.
    pub fn new(ips: Vec<IpAddr>, udp_port: u16, tcp_port: Option<u16>) -> Self {
        Self {
            ips,
            udp_port,
            tcp_ports: tcp_port.into_iter().collect(),
        }
    }

    /// Also offers the port of the site, on which voices over TCP are told apart by their first byte.
    pub fn with_shared_tcp_port(mut self, port: Option<u16>) -> Self {
        self.tcp_ports
            .extend(port.filter(|port| !self.tcp_ports.contains(port)));
        self
    }

    pub fn ips(&self) -> &[IpAddr] {
        &self.ips
    }

    /// All candidates, UDP first: a browser prefers the first one of a kind.
    pub fn all(&self) -> impl Iterator<Item = (SocketAddr, Way)> {
        let tcp = self.tcp_ports.iter().flat_map(|port| self.all_of(Way::Tcp, *port));
        self.all_of(Way::Udp, self.udp_port).chain(tcp)
    }

    fn all_of(&self, way: Way, port: u16) -> impl Iterator<Item = (SocketAddr, Way)> {
        self.ips.iter().map(move |ip| (SocketAddr::new(*ip, port), way))
    }

    /// The candidate that a datagram was sent to. If this machine is behind a NAT, the datagram arrives at an address that is not a
    /// candidate. Then the result is the first candidate of the same family (IPv4 or IPv6). A router may also forward the port of the
    /// site from another one, so a port of TCP that is not offered counts as that one.
    pub fn nearest(&self, destination: SocketAddr, way: Way) -> Option<SocketAddr> {
        let port = match way {
            Way::Udp => self.udp_port,
            Way::Tcp => {
                let same = self.tcp_ports.iter().find(|port| **port == destination.port());
                *same.or(self.tcp_ports.last())?
            }
        };
        let of_family = |ip: &&IpAddr| ip.is_ipv4() == destination.is_ipv4();
        let same = self.ips.iter().find(|ip| **ip == destination.ip());
        let ip = same.or_else(|| self.ips.iter().find(of_family))?;
        Some(SocketAddr::new(*ip, port))
    }
}

/// The addresses to offer, each of them once: first those that the operator has named, then those of the interfaces, from which people
/// in the operator's own network may reach us sooner. Loopback addresses come last, and IPv4 comes before IPv6.
pub fn select(named: &[IpAddr], of_interfaces: &[IpAddr], has_ipv6: bool) -> Vec<IpAddr> {
    let mut selected: Vec<IpAddr> = vec![];
    let reachable = of_interfaces.iter().filter(|address| is_reachable(**address));
    for address in named.iter().chain(reachable) {
        if (address.is_ipv4() || has_ipv6) && !selected.contains(address) {
            selected.push(*address);
        }
    }
    selected.sort_by_key(|address| (address.is_loopback(), address.is_ipv6()));
    selected
}

/// Whether to tell browsers this address of the machine. Unspecified and link-local addresses would be useless to them.
fn is_reachable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_unspecified() && !v4.is_link_local(),
        IpAddr::V6(v6) => !v6.is_unspecified() && !v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn ips<const N: usize>(texts: [&str; N]) -> Vec<IpAddr> {
        texts.map(ip).to_vec()
    }

    #[test]
    fn named_addresses_come_first_and_loopback_comes_last() {
        let named = ips(["2001:db8::7", "203.0.113.7"]);
        let interfaces = ips([
            "127.0.0.1",
            "192.168.1.5",
            "203.0.113.7",
            "169.254.0.9",
            "fe80::1",
            "::1",
            "fd00::5",
        ]);
        assert_eq!(
            select(&named, &interfaces, true),
            ips([
                "203.0.113.7",
                "192.168.1.5",
                "2001:db8::7",
                "fd00::5",
                "127.0.0.1",
                "::1"
            ])
        );
        assert_eq!(select(&named, &[], false), ips(["203.0.113.7"]));
        assert_eq!(
            select(&ips(["169.254.0.9"]), &[], true),
            ips(["169.254.0.9"]),
            "an operator may name any address"
        );
    }

    #[test]
    fn each_address_is_a_candidate_for_udp_and_then_for_tcp() {
        let addresses = CandidateAddresses::new(ips(["203.0.113.7", "::1"]), 7, Some(8));
        let all: Vec<String> = addresses.all().map(|(at, way)| format!("{at} {way:?}")).collect();
        assert_eq!(
            all,
            ["203.0.113.7:7 Udp", "[::1]:7 Udp", "203.0.113.7:8 Tcp", "[::1]:8 Tcp"]
        );
        let without_tcp = CandidateAddresses::new(ips(["203.0.113.7"]), 7, None);
        assert_eq!(without_tcp.all().count(), 1);
    }

    #[test]
    fn the_port_of_the_site_is_offered_last_and_stands_for_ports_that_a_router_forwards() {
        let addresses = CandidateAddresses::new(ips(["203.0.113.7"]), 7, Some(8)).with_shared_tcp_port(Some(443));
        let all: Vec<String> = addresses.all().map(|(at, way)| format!("{at} {way:?}")).collect();
        assert_eq!(all, ["203.0.113.7:7 Udp", "203.0.113.7:8 Tcp", "203.0.113.7:443 Tcp"]);
        for (arrived, offered) in [(8, 8), (443, 443), (8_443, 443)] {
            let destination = ([203, 0, 113, 7], arrived).into();
            let wanted = Some(([203, 0, 113, 7], offered).into());
            assert_eq!(addresses.nearest(destination, Way::Tcp), wanted, "{arrived}");
        }
        let same = CandidateAddresses::new(ips(["203.0.113.7"]), 7, Some(443)).with_shared_tcp_port(Some(443));
        assert_eq!(same.all().count(), 2, "each address is offered once");
    }

    #[test]
    fn a_datagram_for_another_address_counts_as_sent_to_the_first_candidate_of_its_family() {
        let addresses = CandidateAddresses::new(ips(["203.0.113.7", "192.168.1.5", "2001:db8::7"]), 7, None);
        let nearest = |to: &str, way| addresses.nearest(to.parse().expect("an address"), way);
        assert_eq!(nearest("192.168.1.5:7", Way::Udp), Some(([192, 168, 1, 5], 7).into()));
        assert_eq!(nearest("10.0.0.9:7", Way::Udp), Some(([203, 0, 113, 7], 7).into()));
        assert_eq!(nearest("[::1]:7", Way::Udp), Some((ip("2001:db8::7"), 7).into()));
        assert_eq!(nearest("192.168.1.5:7", Way::Tcp), None, "nothing listens for TCP");
        assert_eq!(
            CandidateAddresses::new(vec![], 7, None).nearest(([10, 0, 0, 9], 7).into(), Way::Udp),
            None
        );
    }
}
