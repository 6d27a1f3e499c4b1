//! The addresses of this machine in its network, for `snug serve --lan` and `snug doctor`.

use super::config::LanSetup;
use anyhow::bail;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// Any address outside of every local network (RFC 5737). Nothing is sent to it.
const OUTSIDE: (Ipv4Addr, u16) = (Ipv4Addr::new(203, 0, 113, 1), 9);

/// Finds the address that others in the network use: the one from which packets leave, or else the first one that is not loopback.
///
/// # Errors
/// If the machine is in no network.
pub fn find() -> anyhow::Result<LanSetup> {
    let interfaces = if_addrs::get_if_addrs()?;
    let all: Vec<IpAddr> = interfaces
        .iter()
        .map(|interface| interface.ip())
        .filter(is_usable)
        .collect();
    let leaving = address_of_route().filter(|address| all.contains(address));
    let address = leaving.or_else(|| {
        all.iter()
            .find(|address| !address.is_loopback() && address.is_ipv4())
            .copied()
    });
    let Some(address) = address else {
        bail!("this machine has no address in a network: connect it to a Wi-Fi or a cable, and start Snug again");
    };
    Ok(LanSetup { address, all })
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
