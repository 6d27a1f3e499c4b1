//! The addresses of this machine in its network, for `snug serve --lan` and `snug doctor`.

use super::config::LanSetup;
use anyhow::bail;
use if_addrs::{IfAddr, Interface};
use std::{
    fs,
    net::{IpAddr, Ipv4Addr, UdpSocket},
};

/// Any address outside of every local network (RFC 5737). Nothing is sent to it.
const OUTSIDE: (Ipv4Addr, u16) = (Ipv4Addr::new(203, 0, 113, 1), 9);

/// The flag of an interface with only one other end, such as a VPN (`IFF_POINTOPOINT`, netdevice(7)).
const POINT_TO_POINT: u32 = 0x10;

/// Finds the address that others in the network use.
///
/// # Errors
/// If the machine is in no network, or in one that has only IPv6.
pub fn find() -> anyhow::Result<LanSetup> {
    let interfaces = if_addrs::get_if_addrs()?;
    let all: Vec<IpAddr> = interfaces
        .iter()
        .map(|interface| interface.ip())
        .filter(is_usable)
        .collect();
    let candidates: Vec<LanCandidate> = interfaces.iter().filter_map(LanCandidate::of).collect();
    if let Some(address) = choose(&candidates, address_of_route()) {
        return Ok(LanSetup { address, all });
    }
    if all.iter().any(|address| !address.is_loopback()) {
        bail!(
            "this machine has only IPv6 addresses in its network, and phones are shown an IPv4 address: turn on IPv4 (DHCP) in the router, \
             and start Snug again. For a network without IPv4, use a host name and --domain, or a certificate of your own \
             (snug.public.tls_cert, SNUG_PUBLIC_TLS_CERT)"
        );
    }
    bail!("this machine has no address in a network: connect it to a Wi-Fi or a cable, and start Snug again")
}

/// An IPv4 address of this machine that is not loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LanCandidate {
    address: Ipv4Addr,
    /// Whether its interface leads to one other machine only. Phones in the same Wi-Fi can't reach such an address.
    is_point_to_point: bool,
}

impl LanCandidate {
    fn of(interface: &Interface) -> Option<Self> {
        let IfAddr::V4(v4) = &interface.addr else {
            return None;
        };
        // Only Linux has this file. An address in a network of many usually has an address for broadcasts.
        let is_point_to_point =
            read_flags(&interface.name).map_or(v4.broadcast.is_none(), |flags| flags & POINT_TO_POINT != 0);
        (!v4.ip.is_loopback()).then_some(Self {
            address: v4.ip,
            is_point_to_point,
        })
    }

    fn is_in_a_network(self) -> bool {
        !self.is_point_to_point && !self.address.is_link_local()
    }
}

/// The address from which packets leave, unless it belongs to a VPN and there is another one in a network.
fn choose(candidates: &[LanCandidate], leaving: Option<IpAddr>) -> Option<IpAddr> {
    let of_route = candidates.iter().find(|one| Some(IpAddr::V4(one.address)) == leaving);
    let networks = || candidates.iter().filter(|one| one.is_in_a_network());
    let chosen = of_route
        .filter(|one| one.is_in_a_network())
        .or_else(|| networks().find(|one| one.address.is_private()))
        .or_else(|| networks().next())
        .or(of_route)
        .or_else(|| candidates.first());
    chosen.map(|one| one.address.into())
}

/// The flags of an interface. A name such as `eth0:1` is a second name of `eth0`.
fn read_flags(interface: &str) -> Option<u32> {
    let name = interface.split(':').next()?;
    let text = fs::read_to_string(format!("/sys/class/net/{name}/flags")).ok()?;
    u32::from_str_radix(text.trim().strip_prefix("0x")?, 16).ok()
}

/// The addresses of all network interfaces, also loopback. Empty if the system does not tell.
pub fn addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.iter().map(|interface| interface.ip()).collect()
}

/// The address from which the system would send to the internet. To connect a UDP socket chooses a route and sends nothing.
fn address_of_route() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(OUTSIDE).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback()).then_some(address)
}

/// Link-local addresses of IPv6 need the name of an interface, which a URL can't have in browsers.
fn is_usable(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(v6) => !v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(address: &str, is_point_to_point: bool) -> LanCandidate {
        LanCandidate {
            address: address.parse().expect("an address"),
            is_point_to_point,
        }
    }

    fn read(address: &str) -> Option<IpAddr> {
        Some(address.parse().expect("an address"))
    }

    #[test]
    fn the_address_of_a_vpn_is_not_shown_if_there_is_one_in_a_network() {
        let wifi = candidate("192.168.1.5", false);
        let vpn = candidate("10.8.0.2", true);
        assert_eq!(choose(&[vpn, wifi], read("10.8.0.2")), read("192.168.1.5"));
        assert_eq!(choose(&[vpn], read("10.8.0.2")), read("10.8.0.2"));
        assert_eq!(choose(&[], None), None);
    }

    #[test]
    fn the_address_from_which_packets_leave_comes_before_others_and_private_ones_before_the_rest() {
        let docker = candidate("172.17.0.1", false);
        let wifi = candidate("192.168.1.5", false);
        let public = candidate("203.0.113.7", false);
        let alone = candidate("169.254.3.4", false);
        assert_eq!(choose(&[docker, wifi], read("192.168.1.5")), read("192.168.1.5"));
        assert_eq!(choose(&[alone, public, wifi], None), read("192.168.1.5"));
        assert_eq!(choose(&[alone, public], None), read("203.0.113.7"));
        assert_eq!(choose(&[alone], None), read("169.254.3.4"));
    }
}
