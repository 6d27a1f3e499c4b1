//! Records the shapes of the answers to a scenario's requests.

use super::{
    browser::{Browser, Reply},
    shape::Shape,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Record {
    /// The answers with status 200, by endpoint.
    pub answers: BTreeMap<String, Shape>,
    /// The addresses in the `Location` headers of those answers, by endpoint.
    pub leads_to: BTreeMap<String, BTreeSet<String>>,
    /// The answers with an error.
    pub error: Shape,
    /// The HTTP status of each kind of error.
    pub kinds: BTreeMap<String, u16>,
    /// The links that Snug gave to people: the purpose of each link, and its address without secrets.
    pub links: Vec<(&'static str, String)>,
}

impl Record {
    /// Calls an endpoint, asserts status 200, and records the answer.
    #[track_caller]
    pub fn call<'a>(
        &'a mut self,
        browser: &'a Browser,
        endpoint: &'a str,
        fields: &'a [(&'a str, &'a str)],
    ) -> impl Future<Output = Value> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let reply = browser.call(endpoint, fields).await;
            assert_eq!(reply.status, 200, "{endpoint} at {caller}: {}", reply.text());
            let value = reply.json();
            self.answers.entry(endpoint.to_owned()).or_default().add(&value);
            if let Some(location) = reply.header("location") {
                let all = self.leads_to.entry(endpoint.to_owned()).or_default();
                all.insert(without_secrets(location));
            }
            value
        }
    }

    /// Calls an endpoint that must refuse with an error of this kind.
    pub async fn refuse(&mut self, browser: &Browser, endpoint: &str, fields: &[(&str, &str)], kind: &str) {
        let reply = browser.call(endpoint, fields).await;
        self.note_refusal(&reply, kind);
    }

    pub fn note_refusal(&mut self, reply: &Reply, kind: &str) {
        let value = reply.json();
        assert_eq!(value["kind"], kind, "{value}");
        self.error.add(&value);
        self.kinds.insert(kind.to_owned(), reply.status);
    }

    pub fn give_link(&mut self, purpose: &'static str, link: &str) {
        self.links.push((purpose, without_secrets(link)));
    }
}

/// The path and query of an address, with placeholders for ids and tokens.
pub fn without_secrets(address: &str) -> String {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => address,
    };
    let (path, query) = path
        .split_once('?')
        .map_or((path, None), |(path, query)| (path, Some(query)));
    let mut hidden: Vec<String> = Vec::new();
    for part in path.split('/') {
        let after = hidden.last().map(String::as_str);
        hidden.push(match after {
            Some("rooms") if !part.is_empty() => "{id}".to_owned(),
            Some("invite" | "owner") if !part.is_empty() => "{token}".to_owned(),
            _ => part.to_owned(),
        });
    }
    let pair = |pair: &str| match pair.split_once('=') {
        Some(("token", _)) => "token={token}".to_owned(),
        _ => pair.to_owned(),
    };
    let query = query.map(|query| query.split('&').map(pair).collect::<Vec<_>>().join("&"));
    [Some(hidden.join("/")), query]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("?")
}

#[test]
fn secrets_in_addresses_become_placeholders() {
    assert_eq!(without_secrets("http://localhost:3000/rooms/abc"), "/rooms/{id}");
    assert_eq!(
        without_secrets("/link?token=abc&next=%2Frooms"),
        "/link?token={token}&next=%2Frooms"
    );
    assert_eq!(without_secrets("/sign-in?left=1"), "/sign-in?left=1");
    assert_eq!(without_secrets("/rooms"), "/rooms");
}
