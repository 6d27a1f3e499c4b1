//! The names of this Snug in a request: the host that the request is for, and whether a page of this Snug has sent it.
//!
//! Pages also work under other names than the public URL: `127.0.0.1`, a forwarded port, or a name of `public.hosts`. A page there has
//! an origin that differs from the public URL, but it equals the host of its own requests.

use crate::server::config::{Config, PublicUrl};
use axum::http::{HeaderMap, HeaderValue, Uri, header, header::AsHeaderName};

/// The host that a request is for, without its port: from the request's URI if that has one (HTTP/2), or else from `Host`.
pub fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    Some(without_port(authority(uri, headers)?))
}

/// The host and the port of a request that names this Snug in another way than the public URL. `None` if it is the public URL, or a
/// host that is not ours.
pub fn other_name<'a>(uri: &'a Uri, headers: &'a HeaderMap, config: &Config) -> Option<&'a str> {
    let name = authority(uri, headers)?;
    let origin = config.public_url.origin();
    let (_, own_name) = origin.split_once("://")?;
    let (host, port) = (without_port(name), &name[without_port(name).len()..]);
    let has_plain_port = port.bytes().all(|byte| byte == b':' || byte.is_ascii_digit());
    let is_other = has_plain_port && config.answers_to(host) && !name.eq_ignore_ascii_case(own_name);
    is_other.then_some(name)
}

/// Whether the header `Origin` says that a page of this Snug has sent the request: a page under the public URL, or a page under
/// another name, if the request is for the same name.
pub fn origin_is_ours(uri: &Uri, headers: &HeaderMap, config: &Config) -> bool {
    let Some(origin) = only(headers, header::ORIGIN).and_then(|origin| origin.to_str().ok()) else {
        return false;
    };
    origin == config.public_url.origin()
        || other_name(uri, headers, config).is_some_and(|name| is_origin_of(origin, name))
}

/// The header's value if the header occurs exactly once. If it occurs twice, a proxy in front of us may have checked the
/// other value.
pub fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).into_iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether a page with this origin is a page under `name`. `PublicUrl` accepts only origins that browsers treat as secure: on a page
/// without TLS, somebody in the network could have written the page.
fn is_origin_of(origin: &str, name: &str) -> bool {
    let Ok(page) = PublicUrl::parse(origin) else {
        return false;
    };
    let scheme = if page.is_https() { "https" } else { "http" };
    page.origin() == origin && PublicUrl::parse(&format!("{scheme}://{name}")) == Ok(page)
}

fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    match uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => only(headers, header::HOST)?.to_str().ok(),
    }
}

fn without_port(authority: &str) -> &str {
    let port = authority.rfind(':').filter(|colon| !authority[*colon..].contains(']'));
    port.map_or(authority, |colon| &authority[..colon])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect()
    }

    fn config(public_url: &str, hosts: &[&str]) -> Config {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::for_tests(folder.path());
        config.public_url = PublicUrl::parse(public_url).expect("an address");
        config.hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        config
    }

    #[test]
    fn the_host_of_a_request_is_read_without_its_port() {
        for (wanted, address, said) in [
            (Some("localhost"), "/", "localhost:3000"),
            (Some("snug.lan"), "/", "snug.lan"),
            (Some("[::1]"), "/", "[::1]:3000"),
            (Some("[::1]"), "/", "[::1]"),
            (Some("evil.example"), "http://evil.example/", "localhost"),
        ] {
            let uri: Uri = address.parse().expect("an address");
            assert_eq!(host(&uri, &headers(&[("host", said)])), wanted, "{said}");
        }
        assert_eq!(host(&Uri::from_static("/"), &HeaderMap::new()), None);
    }

    #[test]
    fn a_header_that_occurs_twice_is_ignored() {
        let mut twice = headers(&[("origin", "null")]);
        assert!(only(&twice, "origin").is_some());
        twice.append("origin", HeaderValue::from_static("https://evil.example"));
        assert_eq!(only(&twice, "origin"), None);
    }

    #[test]
    fn a_page_under_another_name_may_ask_that_name_only() {
        let here = config("http://localhost:3000", &["snug.lan"]);
        let public = config("https://snug.example.org", &["voices.example.org", "snug.lan"]);
        for (config, host, origin, wanted) in [
            (&here, "127.0.0.1:3000", "http://127.0.0.1:3000", true),
            (&here, "localhost:8080", "http://localhost:8080", true),
            (&here, "[::1]:3000", "http://[::1]:3000", true),
            (&here, "snug.lan", "https://snug.lan", true),
            (&here, "127.0.0.1:3000", "http://localhost:3000", true),
            (&here, "localhost:3000", "http://localhost:8080", false),
            (&here, "localhost:3000", "http://127.0.0.1:3000", false),
            (&here, "127.0.0.1:3000", "http://127.0.0.1:8080", false),
            (&here, "evil.example", "http://evil.example", false),
            (&here, "snug.lan", "http://snug.lan", false),
            (&public, "voices.example.org", "https://voices.example.org", true),
            (&public, "voices.example.org:443", "https://voices.example.org", true),
            (&public, "voices.example.org", "https://snug.example.org", true),
            (&public, "snug.example.org", "https://voices.example.org", false),
            (&public, "snug.example.org", "http://snug.example.org", false),
            (&public, "snug.lan", "http://snug.lan", false),
            (&public, "127.0.0.1:3000", "http://127.0.0.1:3000", false),
            (&public, "snug.lan", "https://snug.lan/", false),
            (&public, "snug.lan", "null", false),
        ] {
            let (uri, headers) = (
                Uri::from_static("/ws/rooms"),
                headers(&[("host", host), ("origin", origin)]),
            );
            assert_eq!(origin_is_ours(&uri, &headers, config), wanted, "{origin} asks {host}");
        }
    }

    #[test]
    fn only_another_name_with_a_plain_port_is_one() {
        let here = config("http://localhost:3000", &[]);
        for (host, wanted) in [
            ("localhost:3000", None),
            ("LOCALHOST:3000", None),
            ("127.0.0.1:3000", Some("127.0.0.1:3000")),
            ("localhost", Some("localhost")),
            ("localhost:; script-src *", None),
            ("evil.example", None),
        ] {
            assert_eq!(
                other_name(&Uri::from_static("/"), &headers(&[("host", host)]), &here),
                wanted,
                "{host}"
            );
        }
    }
}
