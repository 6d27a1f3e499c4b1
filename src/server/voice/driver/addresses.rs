//! The addresses of this machine, and the addresses that browsers are told to send to.

use std::net::{IpAddr, SocketAddr};

/// The addresses that browsers are told to send to: those in `advertise`, or this machine's own addresses if `advertise` is
/// empty.
pub fn reachable_at(advertise: &[IpAddr], port: u16, has_ipv6: bool) -> Vec<SocketAddr> {
    let mut addresses: Vec<IpAddr> = match advertise {
        [] => own_addresses().filter(|address| is_reachable(*address)).collect(),
        advertise => advertise.to_vec(),
    };
    addresses.retain(|address| address.is_ipv4() || has_ipv6);
    // Loopback addresses come last, and IPv4 comes before IPv6. Otherwise the order does not change.
    addresses.sort_by_key(|address| (address.is_loopback(), address.is_ipv6()));
    addresses.dedup();
    addresses
        .into_iter()
        .map(|address| SocketAddr::new(address, port))
        .collect()
}

/// The addresses of all interfaces.
pub fn own_addresses() -> impl Iterator<Item = IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.into_iter().map(|interface| interface.ip())
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

    #[test]
    fn loopback_comes_last_and_only_if_no_address_is_configured() {
        let message = reachable_at(&[], 7, true);
        assert!(message.contains(&SocketAddr::from(([127, 0, 0, 1], 7))), "{message:?}");
        let first_loopback = message.iter().position(|address| address.ip().is_loopback());
        let last_other = message.iter().rposition(|address| !address.ip().is_loopback());
        assert!(last_other < first_loopback, "{message:?}");
        let outer = IpAddr::from([203, 0, 113, 7]);
        assert_eq!(reachable_at(&[outer], 7, true), [SocketAddr::new(outer, 7)]);
    }
}
