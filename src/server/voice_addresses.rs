//! What the start of the program says about the addresses at which voices are expected.

use super::config::PublicUrl;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The ports and addresses that browsers are told, in one line.
pub fn describe(udp_port: u16, tcp_port: Option<u16>, addresses: &[IpAddr]) -> String {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let tcp = match tcp_port {
        Some(port) => format!("TCP {port}"),
        None => "no TCP".to_owned(),
    };
    format!("are expected on UDP {udp_port} and {tcp} at {}", addresses.join(", "))
}

/// A warning if people open this Snug under a name of the internet, but only its own network can reach the voice port.
pub fn warning(public_url: &PublicUrl, addresses: &[IpAddr]) -> Option<String> {
    let host = public_url.host();
    let is_here = public_url.is_loopback() || is_private_host(host);
    (!is_here && addresses.iter().all(|address| is_private(*address))).then(|| {
        format!(
            "browsers are told only private addresses for voices, so people outside your network will hear nothing at {}. Set \
             SNUG_VOICE_ADVERTISE to the public address of this machine and auto, such as 203.0.113.7,auto",
            public_url.origin()
        )
    })
}

/// Whether a host of a URL is in a private network: a private address, a name without a dot, or a name under a domain that is never
/// public (RFC 6762 section 3, RFC 8375, and names that home routers use).
pub fn is_private_host(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let has_private_domain = [".local", ".home.arpa", ".internal", ".lan", ".localhost"]
        .iter()
        .any(|domain| host.ends_with(domain));
    address.map_or(!host.contains('.') || has_private_domain, is_private)
}

/// Whether only a private network, or this machine, can reach an address.
pub fn is_private(address: IpAddr) -> bool {
    // 100.64.0.0/10 is for providers that share one public address among customers (RFC 6598).
    let is_shared = |v4: Ipv4Addr| v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local() || is_shared(v4),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || Ipv6Addr::is_unicast_link_local(&v6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warns(url: &str, addresses: &[&str]) -> bool {
        let url = PublicUrl::parse(url).expect(url);
        let addresses: Vec<IpAddr> = addresses.iter().map(|one| one.parse().expect("an address")).collect();
        warning(&url, &addresses).is_some()
    }

    #[test]
    fn private_addresses_are_a_mistake_only_if_the_public_url_is_on_the_internet() {
        let private = ["192.168.1.5", "172.17.0.1", "100.100.1.1", "fd00::5", "127.0.0.1"];
        assert!(warns("https://snug.example.org", &private));
        assert!(warns("https://203.0.113.7", &private));
        assert!(!warns("https://snug.example.org", &["192.168.1.5", "203.0.113.7"]));
        assert!(!warns("https://snug.example.org", &["2001:db8::7", "127.0.0.1"]));
        for here in [
            "http://localhost:3000",
            "https://192.168.1.5",
            "https://snug.lan",
            "https://pub",
            "https://[fd00::5]",
        ] {
            assert!(!warns(here, &private), "{here}");
        }
    }

    #[test]
    fn the_description_names_ports_and_addresses() {
        let addresses = [IpAddr::from([203, 0, 113, 7]), IpAddr::from([192, 168, 1, 5])];
        assert_eq!(
            describe(3478, Some(443), &addresses),
            "are expected on UDP 3478 and TCP 443 at 203.0.113.7, 192.168.1.5"
        );
        assert_eq!(
            describe(3478, None, &addresses[..1]),
            "are expected on UDP 3478 and no TCP at 203.0.113.7"
        );
    }
}
