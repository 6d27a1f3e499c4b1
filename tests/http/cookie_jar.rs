//! A browser's cookies. A test can read them, copy them, and put old ones back.

use reqwest::{Url, cookie::CookieStore, header::HeaderValue};
use std::{collections::BTreeMap, sync::Mutex};

/// The cookies of one browser. The jar sends `Secure` cookies over plain http too, because tests talk to the server directly,
/// without a TLS proxy.
#[derive(Debug, Default)]
pub struct CookieJar(Mutex<BTreeMap<String, String>>);

impl CookieJar {
    /// The value of the cookie `name`.
    pub fn get(&self, name: &str) -> Option<String> {
        self.cookies().get(name).cloned()
    }

    pub fn set(&self, name: &str, value: &str) {
        self.cookies().insert(name.to_owned(), value.to_owned());
    }

    pub fn remove(&self, name: &str) {
        self.cookies().remove(name);
    }

    /// A copy of all cookies, for [`CookieJar::restore`].
    pub fn copy(&self) -> BTreeMap<String, String> {
        self.cookies().clone()
    }

    /// Replaces all cookies with those of a copy.
    pub fn restore(&self, copy: BTreeMap<String, String>) {
        *self.cookies() = copy;
    }

    /// The `Cookie` header; empty if there are no cookies.
    pub fn header(&self) -> String {
        let pairs: Vec<String> = self
            .cookies()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&self, set_cookie: &str) {
        let (pair, flags) = set_cookie.split_once(';').unwrap_or((set_cookie, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a name and a value");
        if flags
            .split(';')
            .any(|flag| flag.trim().eq_ignore_ascii_case("max-age=0"))
        {
            self.remove(name);
        } else {
            self.set(name, value);
        }
    }

    fn cookies(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().expect("no test panics while it holds the jar")
    }
}

impl CookieStore for CookieJar {
    fn set_cookies(&self, set_cookies: &mut dyn Iterator<Item = &HeaderValue>, _url: &Url) {
        set_cookies.for_each(|value| self.keep(value.to_str().expect("cookies are ASCII")));
    }

    fn cookies(&self, _url: &Url) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.header())
            .ok()
            .filter(|header| !header.is_empty())
    }
}
