//! Parses one value. In the file, a value can be a number, a flag, a list or text; in a variable, it is always text.
//! Every `Err` is the rest of a sentence that begins with the key's label.

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use toml::Value;

use super::{days::DAY, ip_network, public_url::canonical_host, settings::Advertise, turn_server::turn_url};
use crate::{
    model::{snug_info::SnugName, user::EmailAddress},
    server::typed_address,
};

pub(super) fn path(value: &Value) -> Result<PathBuf, String> {
    parsed(value, |text| Ok(PathBuf::from(text)))
}

/// An IP address and a port.
pub(super) fn socket_address(value: &Value) -> Result<SocketAddr, String> {
    parsed(value, |text| {
        text.parse()
            .map_err(|_| "should be an IP address and a port such as 0.0.0.0:80 or [::]:80".into())
    })
}

pub(super) fn parsed<T>(value: &Value, parse: fn(&str) -> Result<T, String>) -> Result<T, String> {
    value
        .as_str()
        .ok_or_else(|| "should be text in quotes".to_owned())
        .and_then(|text| parse(text.trim()))
}

pub(super) fn number<T: TryFrom<i64>>(value: &Value, range: RangeInclusive<i64>) -> Result<T, String> {
    let number = match value {
        Value::Integer(number) => Some(*number),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number
        .filter(|number| range.contains(number))
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| format!("should be a whole number from {} to {}", range.start(), range.end()))
}

/// An address that begins with `https://`.
pub(super) fn https_url(value: &Value) -> Result<String, String> {
    parsed(value, |text| {
        let url: Option<http::Uri> = text.parse().ok();
        let is_https = url.is_some_and(|url| url.scheme_str() == Some("https") && url.host().is_some());
        is_https
            .then(|| text.to_owned())
            .ok_or_else(|| "should be an address that begins with https://".into())
    })
}

pub(super) fn email_address(value: &Value) -> Result<EmailAddress, String> {
    parsed(value, |text| {
        typed_address::parse(text).map_err(|_| "should be an e-mail address such as ada@example.org".into())
    })
}

/// A number of seconds, from one second to one day.
pub(super) fn seconds(value: &Value) -> Result<Duration, String> {
    number(value, 1..=86_400).map(Duration::from_secs)
}

/// A number of days, from one day to ten years.
pub(super) fn days(value: &Value) -> Result<Duration, String> {
    number::<u32>(value, 1..=3_650).map(|days| days * DAY)
}

pub(super) fn flag(value: &Value) -> Result<bool, String> {
    let flag = match value {
        Value::Boolean(flag) => Some(*flag),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    flag.ok_or_else(|| "should be true or false".into())
}

pub(super) fn choice<T: Copy>(value: &Value, names: &[(&str, T)]) -> Result<T, String> {
    let text = value.as_str().map(str::trim);
    let chosen = names.iter().find(|(name, _)| text == Some(*name));
    chosen.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<String> = names.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        format!("should be {}", names.join(" or "))
    })
}

/// A list of domains in the form `@example.org`, in lower case and in ASCII.
pub(super) fn domains(value: &Value) -> Result<Vec<String>, String> {
    let domain = |entry: &str| {
        let domain = typed_address::ascii_domain(entry.strip_prefix('@')?)?;
        let address = EmailAddress::parse(&format!("ada@{domain}")).ok()?;
        Some(format!("@{}", address.domain()))
    };
    list(value, domain).ok_or_else(|| r#"should be a list of domains such as ["@example.org", "@example.com"]"#.into())
}

/// The addresses to advertise. What looks like an IP address must be one that browsers can reach.
pub(super) fn advertised(value: &Value) -> Result<Advertise, String> {
    enum Entry {
        Auto,
        Address(IpAddr),
        Name(String),
    }
    let read = |entry: &str| match entry.parse::<IpAddr>() {
        _ if entry == "auto" => Some(Entry::Auto),
        Ok(address) => (!address.is_unspecified()).then_some(Entry::Address(address)),
        // A host without a dot is allowed, but not an address in brackets.
        Err(_) => canonical_host(entry)
            .filter(|host| !host.starts_with('['))
            .map(Entry::Name),
    };
    let entries = list(value, read).ok_or_else(|| {
        r#"should be a list of IP addresses and host names that browsers can reach, such as ["203.0.113.7", "auto"]"#
            .to_owned()
    })?;
    let mut advertise = Advertise::default();
    for entry in entries {
        match entry {
            Entry::Auto => advertise.auto = true,
            Entry::Address(address) => advertise.addresses.push(address),
            Entry::Name(name) => advertise.names.push(name),
        }
    }
    Ok(advertise)
}

pub(super) fn turn_urls(value: &Value) -> Result<Vec<String>, String> {
    list(value, turn_url).ok_or_else(|| {
        r#"should be a list of TURN servers such as ["turns:turn.example.org:443", "turn:turn.example.org?transport=tcp"]"#
            .into()
    })
}

/// A list of hosts, in lower case and without a port: Snug compares the name in the `Host` header and ignores its port.
pub(super) fn hosts(value: &Value) -> Result<Vec<String>, String> {
    list(value, canonical_host)
        .ok_or_else(|| r#"should be a list of hosts without scheme and port, such as ["snug.lan", "192.0.2.7"]"#.into())
}

pub(super) fn networks(value: &Value) -> Result<Vec<IpNet>, String> {
    list(value, ip_network::parse)
        .ok_or_else(|| r#"should be a list of addresses and networks such as ["127.0.0.1", "10.0.0.0/8"]"#.into())
}

/// Reads a list: an array (in the file), or text with commas between the entries (in a variable).
fn list<T>(value: &Value, entry: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    match value {
        Value::Array(entries) => entries.iter().map(|value| entry(value.as_str()?.trim())).collect(),
        Value::String(text) => {
            let entries = text.split(',').map(str::trim).filter(|text| !text.is_empty());
            entries.map(entry).collect()
        }
        _ => None,
    }
}

pub(super) fn sender(value: &Value) -> Result<String, String> {
    parsed(value, |text| match split_sender(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("should be a sender such as Snug <snug@example.org>".into()),
    })
}

pub(super) fn snug_name(value: &Value) -> Result<SnugName, String> {
    parsed(value, |text| {
        SnugName::parse(text).map_err(|_| "should be a name of at most 40 characters, such as \"Ada's Snug\"".into())
    })
}

/// Splits `ada@example.org` or `Ada <ada@example.org>` into the name, if there is one, and the address.
pub(in crate::server) fn split_sender(text: &str) -> Option<(Option<&str>, EmailAddress)> {
    let Some((name, rest)) = text.trim().split_once('<') else {
        return typed_address::parse(text).ok().map(|address| (None, address));
    };
    let name = name.trim().trim_matches('"');
    let address = typed_address::parse(rest.strip_suffix('>')?).ok()?;
    let well_formed = !name.contains(|c: char| c.is_control() || c == '"' || c == '\\');
    well_formed.then_some((Some(name).filter(|name| !name.is_empty()), address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::String(text.into())
    }

    #[test]
    fn numbers_may_be_text_and_must_be_in_range() {
        assert_eq!(number::<u16>(&Value::Integer(3478), 0..=65_535), Ok(3478));
        assert_eq!(number::<u16>(&text(" 3478 "), 0..=65_535), Ok(3478));
        let wanted = Err("should be a whole number from 0 to 65535".to_owned());
        for wrong in [
            text("many"),
            text("-1"),
            Value::Integer(65_536),
            Value::Boolean(true),
            Value::Float(1.5),
        ] {
            assert_eq!(number::<u16>(&wrong, 0..=65_535), wanted);
        }
    }

    #[test]
    fn lists_may_be_arrays_or_text_with_commas() {
        let array = Value::Array(vec![text("@Example.org"), text("@localhost")]);
        let wanted = Ok(vec!["@example.org".to_owned(), "@localhost".to_owned()]);
        assert_eq!(domains(&array), wanted);
        assert_eq!(domains(&text("@example.org, @localhost,")), wanted);
        assert_eq!(
            domains(&text("@Exämple.org")),
            Ok(vec!["@xn--exmple-cua.org".to_owned()])
        );
        for wrong in ["example.org", "ada@example.org", "@", "@exa mple.org", "@a@b.org"] {
            assert!(domains(&text(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn advertised_addresses_are_reachable_addresses_and_names() {
        let read = |entries| advertised(&text(entries)).expect(entries);
        let two = read("203.0.113.7,2001:db8::7");
        assert_eq!((two.addresses.len(), two.names.len(), two.auto), (2, 0, false));
        assert!(!two.includes_interfaces(), "a list of addresses means only these");
        let all = read("203.0.113.7, Home.Example.org, auto, snug");
        assert_eq!(all.names, ["home.example.org", "snug"]);
        assert!(all.includes_interfaces() && read("").includes_interfaces() && read("auto").includes_interfaces());
        assert!(!read("home.example.org").includes_interfaces());
        for wrong in ["0.0.0.0", "::", "203.0.113.7:3478", "[::1]", "https://home.example.org"] {
            assert!(advertised(&text(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn turn_servers_are_a_list() {
        let two = turn_urls(&text("turn:a.example, turns:b.example:443"));
        assert_eq!(
            two,
            Ok(vec!["turn:a.example".to_owned(), "turns:b.example:443".to_owned()])
        );
        assert!(turn_urls(&text("a.example")).is_err());
    }

    #[test]
    fn hosts_are_names_without_scheme_and_port() {
        assert_eq!(
            hosts(&text("Snug.LAN, 192.0.2.7, [::1], pub")),
            Ok(["snug.lan", "192.0.2.7", "[::1]", "pub"].map(String::from).to_vec())
        );
        for wrong in ["https://snug.lan", "snug.lan:3000", "*", "::1", "a_b.org"] {
            assert!(hosts(&text(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        let read = networks(&text("127.0.0.1, 10.0.0.0/8,::1")).expect("three networks");
        assert_eq!(
            read.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]
        );
        for wrong in ["proxy.lan", "10.0.0.7/8", "10.0.0.0/40"] {
            assert!(networks(&text(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_of_a_snug_is_short_and_visible() {
        let read = snug_name(&text(" Ada's  Snug ")).expect("a name");
        assert_eq!(read.as_str(), "Ada's Snug");
        for wrong in [
            text(&"x".repeat(41)),
            text("\u{200B}"),
            text("a\u{7}"),
            Value::Integer(7),
        ] {
            assert!(snug_name(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn flags_are_true_or_false() {
        assert_eq!(flag(&text("false")), Ok(false));
        assert_eq!(flag(&Value::Boolean(true)), Ok(true));
        assert!(flag(&text("no")).is_err());
    }

    #[test]
    fn a_sender_has_an_address_and_perhaps_a_name() {
        let (name, address) = split_sender("St. Mary's Snug <Snug@example.org>").expect("a sender");
        assert_eq!((name, address.as_str()), (Some("St. Mary's Snug"), "snug@example.org"));
        assert_eq!(split_sender("snug@example.org").expect("a sender").0, None);
        let (_, address) = split_sender("Snug <snug@exämple.org>").expect("a sender");
        assert_eq!(address.as_str(), "snug@xn--exmple-cua.org");
        for wrong in [
            "Snug",
            "Snug <snug>",
            "Snug <a@b.org> more",
            "Snug <a@b.org",
            "Sn\r\nug <a@b.org>",
        ] {
            assert!(sender(&text(wrong)).is_err(), "{wrong}");
        }
    }
}
