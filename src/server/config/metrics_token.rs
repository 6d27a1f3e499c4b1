//! The token with which programs on other machines may read the metrics.

use std::fmt;

/// A shorter token could be found by trying.
const TOKEN_MIN_CHARACTERS: usize = 16;

/// The token in the header `Authorization: Bearer` of requests for `/metrics`. `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken(String);

impl MetricsToken {
    /// # Errors
    /// The rest of a sentence that begins with the key's label.
    pub fn parse(text: &str) -> Result<Self, String> {
        // A header can carry other characters too, but not every program can send them.
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        match text.len() >= TOKEN_MIN_CHARACTERS && is_plain {
            true => Ok(Self(text.into())),
            false => Err(
                "should be a secret of at least 16 letters, digits and signs, such as `openssl rand -hex 32` prints"
                    .into(),
            ),
        }
    }

    /// The token itself, for comparing only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_plain_and_never_shown() {
        let token = MetricsToken::parse("0123456789abcdef").expect("a token");
        assert_eq!(format!("{token:?}"), "MetricsToken(..)");
        for wrong in ["0123456789abcde", "0123456789 abcdef", "0123456789abcdéf"] {
            assert!(MetricsToken::parse(wrong).is_err(), "{wrong}");
        }
    }
}
