//! The access token of one request, verified once. A page calls several endpoints while it is rendered, each of them asks who sent
//! the request, and checking a signature takes longer than all the rest of the question.

use super::token::Claims;
use std::sync::{Arc, OnceLock};

/// The first valid access token of a request, and its claims. In the extensions of the request; copies share the token.
#[derive(Debug, Clone, Default)]
pub struct VerifiedToken(Arc<OnceLock<(String, Claims)>>);

impl VerifiedToken {
    /// The claims of `token`, from memory if `verify` has accepted exactly this text before.
    pub fn claims(&self, token: &str, verify: impl FnOnce() -> Option<Claims>) -> Option<Claims> {
        if let Some((known, claims)) = self.0.get()
            && known == token
        {
            return Some(claims.clone());
        }
        let claims = verify()?;
        // If another token came first, that one stays: a request has only one, or a second one after a refresh.
        let _ = self.0.set((token.to_owned(), claims.clone()));
        Some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{SessionId, UserId};

    fn claims(generation: i64) -> Claims {
        Claims {
            iss: String::new(),
            aud: String::new(),
            sub: UserId::parse("AAAAAAAAAAAAAAAAAAAAAA").expect("an id"),
            sid: SessionId::parse("BBBBBBBBBBBBBBBBBBBBBB").expect("an id"),
            generation,
            iat: 0,
            exp: 0,
            era: String::new(),
        }
    }

    #[test]
    fn only_the_text_that_was_verified_is_known() {
        let verified = VerifiedToken::default();
        assert_eq!(verified.claims("a", || None), None, "a bad token is not remembered");
        assert_eq!(verified.claims("a", || Some(claims(1))), Some(claims(1)));
        let copy = verified.clone();
        assert_eq!(copy.claims("a", || None), Some(claims(1)));
        assert_eq!(copy.claims("b", || None), None);
        assert_eq!(copy.claims("b", || Some(claims(2))), Some(claims(2)));
        assert_eq!(copy.claims("b", || None), None, "only the first is remembered");
    }
}
