//! The settings of TURN servers: their addresses, and the secret that Snug shares with them.

use std::fmt;

/// A secret of fewer characters could be found by trying.
const SECRET_MIN_CHARACTERS: usize = 16;

/// The secret of the TURN servers (`static-auth-secret` in coturn). `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnSecret(String);

impl TurnSecret {
    /// # Errors
    /// The rest of a sentence that begins with the key's label.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.chars().count() >= SECRET_MIN_CHARACTERS && !text.contains(char::is_control) {
            true => Ok(Self(text.into())),
            false => Err("should be a secret of at least 16 characters, such as `openssl rand -hex 32` prints".into()),
        }
    }

    /// The secret itself, for making credentials only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TurnSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TurnSecret(..)")
    }
}

/// The address of a TURN server in the form of RFC 7065: `turn:host:port?transport=udp` or `turns:host:port`, where the port and the
/// transport may be left out. `None` if the text has another form.
pub(super) fn turn_url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once(':')?;
    let (host_and_port, query) = rest
        .split_once('?')
        .map_or((rest, None), |(host, query)| (host, Some(query)));
    let is_known =
        matches!(scheme, "turn" | "turns") && matches!(query, None | Some("transport=udp" | "transport=tcp"));
    // The parser of `http` knows how a host and a port are written, also for IPv6.
    let authority: http::uri::Authority = host_and_port.parse().ok()?;
    let is_host = !authority.host().is_empty() && !host_and_port.contains('@');
    let has_port = authority.as_str().len() > authority.host().len();
    let is_port = !has_port || authority.port_u16().is_some_and(|port| port != 0);
    (is_known && is_host && is_port).then(|| text.to_owned())
}

/// The host in the address of a TURN server, without its port and without the brackets of IPv6.
pub(super) fn turn_host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once(':')?;
    let host_and_port = rest.split('?').next()?;
    let authority: http::uri::Authority = host_and_port.parse().ok()?;
    Some(authority.host().trim_matches(['[', ']']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turn_servers_have_a_scheme_a_host_and_perhaps_a_port_and_a_transport() {
        for good in [
            "turn:turn.example.org",
            "turn:203.0.113.9:3478?transport=udp",
            "turn:turn.example.org:80?transport=tcp",
            "turns:turn.example.org:5349",
            "turns:[2001:db8::9]:443?transport=tcp",
        ] {
            assert_eq!(turn_url(good).as_deref(), Some(good));
        }
        for wrong in [
            "turn.example.org",
            "https://turn.example.org",
            "turn://turn.example.org",
            "turn:",
            "turn:host:0",
            "turn:host:99999",
            "turn:host?transport=sctp",
            "turn:user@host",
            "stun:stun.example.org",
        ] {
            assert_eq!(turn_url(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_host_of_a_turn_server_has_no_port_and_no_brackets() {
        for (url, host) in [
            ("turn:turn.example.org", "turn.example.org"),
            ("turn:203.0.113.9:3478?transport=udp", "203.0.113.9"),
            ("turns:[2001:db8::9]:443?transport=tcp", "2001:db8::9"),
        ] {
            assert_eq!(turn_host(url).as_deref(), Some(host));
        }
    }

    #[test]
    fn a_secret_is_long_and_never_shown() {
        let secret = TurnSecret::parse("0123456789abcdef").expect("a secret");
        assert_eq!(format!("{secret:?}"), "TurnSecret(..)");
        assert!(TurnSecret::parse("0123456789abcde").is_err());
    }
}
