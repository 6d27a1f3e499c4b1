//! Tells the operator in the log about a proxy that is missing in `public.proxies`. Snug must ignore what such a proxy says, so
//! everybody behind it shares the limits of one address, and nothing else would show why.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// How many addresses are named in the log before the rest is left out.
const NAMED_MAX: usize = 8;

/// The addresses that were named in the log already, each once.
#[derive(Clone, Default)]
pub struct UntrustedProxies(Arc<Mutex<Vec<String>>>);

impl UntrustedProxies {
    /// Logs, once for each address, that `peer` sent `X-Forwarded-For` although it is not a configured proxy.
    pub fn header_was_ignored(&self, peer: IpAddr) {
        if let Some(from) = self.first_time(peer) {
            tracing::warn!(
                %from,
                "X-Forwarded-For was ignored, because it came from an address that is not a configured proxy; if this is your \
                 proxy, add its address to snug.public.proxies (SNUG_PUBLIC_PROXIES), or all people behind it share the \
                 limits of one address"
            );
        }
    }

    fn first_time(&self, peer: IpAddr) -> Option<String> {
        let from = name(peer.to_canonical());
        let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = named.len() < NAMED_MAX && !named.contains(&from);
        is_new.then(|| {
            named.push(from.clone());
            from
        })
    }
}

/// The address as the log names it. A public address is not shown, because it can be that of a visitor who has sent this header, and
/// the log must not contain addresses of people.
fn name(address: IpAddr) -> String {
    let is_internal = match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            // 100.64.0.0/10 is for networks inside providers and for private networks such as Tailscale (RFC 6598).
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    match is_internal {
        true => address.to_string(),
        false => "a public address".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(proxies: &UntrustedProxies, peer: &str) -> Option<String> {
        proxies.first_time(peer.parse().expect("an address"))
    }

    #[test]
    fn each_internal_address_is_named_once_and_no_public_address_is_named() {
        let proxies = UntrustedProxies::default();
        assert_eq!(named(&proxies, "172.17.0.1").as_deref(), Some("172.17.0.1"));
        assert_eq!(named(&proxies, "172.17.0.1"), None);
        assert_eq!(named(&proxies, "::ffff:172.17.0.1"), None);
        assert_eq!(named(&proxies, "203.0.113.7").as_deref(), Some("a public address"));
        for public in ["198.51.100.9", "2001:db8::1", "100.128.0.1", "172.32.0.1"] {
            assert_eq!(named(&proxies, public), None, "{public}");
        }
        for internal in ["127.0.0.1", "::1", "fd00::1", "fe80::1", "100.64.0.1"] {
            assert_eq!(named(&proxies, internal).as_deref(), Some(internal));
        }
        for number in 0..100 {
            named(&proxies, &format!("10.0.0.{number}"));
        }
        assert_eq!(proxies.0.lock().expect("free").len(), NAMED_MAX);
    }
}
