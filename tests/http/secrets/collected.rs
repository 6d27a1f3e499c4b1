//! Collects the secrets of a walk through the program. None of them must be found anywhere afterwards.

use crate::visitor::Visitor;
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Secrets {
    /// Tokens, whole cookies, and the parts of cookies that are secret by themselves.
    pub tokens: BTreeSet<String>,
    pub codes: BTreeSet<String>,
    pub addresses: BTreeSet<String>,
}

impl Secrets {
    pub fn keep_cookies(&mut self, visitor: &Visitor) {
        for (name, value) in visitor.jar.copy() {
            // This cookie has no secret, only a time that scripts read.
            if name == "access-expires" {
                continue;
            }
            let parts: Vec<&str> = value.split('.').collect();
            match (name.as_str(), parts.as_slice()) {
                ("access", [_, _, signature]) => self.keep(signature),
                // The id of the session is not secret. Only the last two parts of the token are: the secret and its tag.
                ("refresh", ["v1", _, _, secret, tag]) => {
                    self.keep(secret);
                    self.keep(tag);
                }
                ("access" | "refresh", other) => panic!("{name} now has {} parts", other.len()),
                _ => {}
            }
            self.keep(&value);
        }
    }

    pub fn keep(&mut self, token: &str) {
        assert!(token.len() >= 16, "too short to search for");
        self.tokens.insert(token.to_owned());
    }
}
