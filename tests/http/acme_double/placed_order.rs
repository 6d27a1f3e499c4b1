//! An order at a test authority: what was ordered, and how far it is.

use serde_json::{Value, json};

/// An order.
#[derive(Debug, Clone)]
pub struct PlacedOrder {
    /// Such as `dns talk.example.org` or `ip 127.0.0.1`.
    pub identifiers: Vec<String>,
    pub profile: Option<String>,
    pub replaces: Option<String>,
    /// How the names were checked: `tls-alpn-01` or `http-01`.
    pub checked_by: Vec<String>,
    /// For each name, the outcome of its check; `None` before the check.
    pub outcomes: Vec<Option<Result<(), String>>>,
    /// The certificate and that of its issuer, in PEM, once there is one.
    pub chain: Option<String>,
}

impl PlacedOrder {
    /// Reads the payload of a request (RFC 8555 section 7.4).
    pub fn read(wanted: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let describe = |one: &Value| {
            let (kind, value) = (one["type"].as_str(), one["value"].as_str());
            format!("{} {}", kind.expect("a type"), value.expect("a value"))
        };
        let identifiers = wanted["identifiers"].as_array().expect("identifiers");
        let identifiers: Vec<String> = identifiers.iter().map(describe).collect();
        Self {
            outcomes: vec![None; identifiers.len()],
            identifiers,
            profile: text(&wanted["profile"]),
            replaces: text(&wanted["replaces"]),
            checked_by: vec![],
            chain: None,
        }
    }

    /// The order as the authority shows it. `url` makes the address of a path.
    pub fn as_json(&self, number: usize, url: impl Fn(&str) -> String) -> Value {
        let check = |index: usize| url(&format!("check/{number}/{index}"));
        let mut json = json!({
            "status": self.status(),
            "authorizations": (0..self.identifiers.len()).map(check).collect::<Vec<_>>(),
            "finalize": url(&format!("finalize/{number}")),
        });
        if self.chain.is_some() {
            json["certificate"] = url(&format!("certificate/{number}")).into();
        }
        if let Some(replaces) = &self.replaces {
            json["replaces"] = replaces.clone().into();
        }
        json
    }

    fn status(&self) -> &'static str {
        let has_failed = self.outcomes.iter().any(|outcome| matches!(outcome, Some(Err(_))));
        let are_valid = self.outcomes.iter().all(|outcome| matches!(outcome, Some(Ok(()))));
        match (self.chain.is_some(), has_failed, are_valid) {
            (true, ..) => "valid",
            (_, true, _) => "invalid",
            (.., true) => "ready",
            _ => "pending",
        }
    }
}
