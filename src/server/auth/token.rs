//! The two tokens of a session. The access token is a JWT (EdDSA, RFC 9068). The refresh token has the form `v1.kid.sid.secret.tag`.

use crate::{
    model::id::{SessionId, UserId},
    server::keyring::{Keyring, Purpose, random, same, sha256_hex},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The claims of an access token (RFC 9068 section 2.2). Snug has added `sid` and `gen`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: UserId,
    pub sid: SessionId,
    /// The session's generation when this token was issued.
    #[serde(rename = "gen")]
    pub generation: i64,
    /// Unix seconds.
    pub iat: i64,
    /// Unix seconds.
    pub exp: i64,
    /// The era of the server's clock in which `iat` and `exp` were read; see [`Clock::era`](crate::server::clock::Clock::era).
    /// The era is in the header of the token, because it says how to read the claims. Empty in a token of an older version.
    #[serde(skip)]
    pub era: String,
}

#[derive(Serialize)]
struct Header<'k> {
    typ: &'static str,
    alg: &'static str,
    kid: &'k str,
    /// A private header parameter (RFC 7515 section 4.3).
    era: &'k str,
}

/// Signs an access token. We don't use `jsonwebtoken::encode`, because it parses the private key for each token, which takes as
/// long as the signature itself.
///
/// # Errors
/// If the claims can't be written as JSON.
pub fn sign_access(keyring: &Keyring, claims: &Claims) -> anyhow::Result<String> {
    let header = Header {
        typ: "at+jwt",
        alg: "EdDSA",
        kid: &keyring.kid,
        era: &claims.era,
    };
    let mut token = BASE64.encode(serde_json::to_vec(&header)?);
    token.push('.');
    BASE64.encode_string(serde_json::to_vec(claims)?, &mut token);
    let signature = keyring.sign(token.as_bytes());
    token.push('.');
    BASE64.encode_string(signature, &mut token);
    Ok(token)
}

/// The claims of `token`, if it is a valid access token for `origin` that has not expired. `is_alive` decides whether it has expired.
pub fn verify_access(
    keyring: &Keyring,
    origin: &str,
    token: &str,
    is_alive: impl FnOnce(&Claims) -> bool,
) -> Option<Claims> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[origin]);
    validation.set_audience(&[origin]);
    // `is_alive` looks at `exp`. jsonwebtoken would use the system's clock, which can jump.
    validation.validate_exp = false;
    let key = DecodingKey::from_ed_der(&keyring.access_public);
    let mut data = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?;
    let era = data.header.extras.inner().get("era");
    data.claims.era = era.and_then(|era| era.as_str()).unwrap_or_default().to_owned();
    let is_ours =
        data.header.typ.as_deref() == Some("at+jwt") && data.header.kid.as_deref() == Some(keyring.kid.as_str());
    (is_ours && is_alive(&data.claims)).then_some(data.claims)
}

/// A refresh token: a secret of 256 bits. Its text also has a tag, by which we recognize every token that we ever made, although we
/// store none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub session: SessionId,
    secret: [u8; 32],
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(..)")
    }
}

impl RefreshToken {
    /// The first token of a session.
    pub fn generate(session: SessionId) -> Self {
        Self {
            session,
            secret: random(),
        }
    }

    /// The token in `text`; `None` if it is malformed, was made with another key, or is forged.
    pub fn parse(keyring: &Keyring, text: &str) -> Option<Self> {
        let [version, kid, session, secret, tag] = text.split('.').collect::<Vec<_>>().try_into().ok()?;
        let secret: [u8; 32] = BASE64.decode(secret).ok()?.try_into().ok()?;
        let token = Self {
            session: SessionId::parse(session)?,
            secret,
        };
        let ours = version == "v1" && kid == keyring.kid && same(&BASE64.decode(tag).ok()?, &token.tag(keyring));
        ours.then_some(token)
    }

    /// The text of the token, as the cookie contains it.
    pub fn encode(&self, keyring: &Keyring) -> String {
        let (secret, tag) = (BASE64.encode(self.secret), BASE64.encode(self.tag(keyring)));
        format!("v1.{}.{}.{secret}.{tag}", keyring.kid, self.session)
    }

    /// The hash that the database stores instead of the token: SHA-256 of the secret, in hexadecimal digits.
    pub fn hash(&self) -> String {
        sha256_hex(&self.secret)
    }

    /// The token that follows this one. It depends only on this token and on `salt`, which is stored in the session's row. So
    /// requests that race get the same successor, and a leaked database does not reveal any successor.
    pub fn successor(&self, keyring: &Keyring, salt: &str) -> Self {
        let parts = [
            b"refresh".as_slice(),
            self.session.as_str().as_bytes(),
            &self.secret,
            salt.as_bytes(),
        ];
        Self {
            session: self.session.clone(),
            secret: keyring.mac(Purpose::Refresh, &parts),
        }
    }

    fn tag(&self, keyring: &Keyring) -> [u8; 16] {
        let mac = keyring.mac(Purpose::Tag, &[self.session.as_str().as_bytes(), &self.secret]);
        std::array::from_fn(|i| mac[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> SessionId {
        SessionId::parse("aaaaaaaaaaaaaaaa").expect("an id")
    }

    #[test]
    fn an_access_token_is_valid_until_it_expires_and_only_for_its_own_snug() {
        let keyring = Keyring::for_tests();
        let claims = Claims {
            iss: "http://localhost:3000".into(),
            aud: "http://localhost:3000".into(),
            sub: UserId::parse("bbbbbbbbbbbbbbbb").expect("an id"),
            sid: session(),
            generation: 3,
            iat: 1_000,
            exp: 1_600,
            era: "era-1".into(),
        };
        let at = |now_s: i64| move |claims: &Claims| now_s < claims.exp;
        let token = sign_access(&keyring, &claims).expect("signed");
        assert_eq!(
            verify_access(&keyring, "http://localhost:3000", &token, at(1_599)),
            Some(claims)
        );
        assert_eq!(
            verify_access(&keyring, "http://localhost:3000", &token, at(1_600)),
            None
        );
        assert_eq!(
            verify_access(&keyring, "https://other.example", &token, at(1_599)),
            None
        );
        assert_eq!(
            verify_access(&keyring, "http://localhost:3000", &format!("{token}A"), at(1_599)),
            None
        );
    }

    #[test]
    fn only_a_refresh_token_with_the_right_tag_is_parsed() {
        let keyring = Keyring::for_tests();
        let token = RefreshToken::generate(session());
        let text = token.encode(&keyring);
        assert_eq!(RefreshToken::parse(&keyring, &text), Some(token));
        for length in 0..text.len() {
            assert_eq!(
                RefreshToken::parse(&keyring, &text[..length]),
                None,
                "truncated to {length}"
            );
        }
        let other = text.replace(".aaaaaaaaaaaaaaaa.", ".bbbbbbbbbbbbbbbb.");
        assert_eq!(RefreshToken::parse(&keyring, &other), None);
    }

    #[test]
    fn a_successor_depends_only_on_its_predecessor_and_the_salt() {
        let keyring = Keyring::for_tests();
        let token = RefreshToken::generate(session());
        assert_eq!(token.successor(&keyring, "salt"), token.successor(&keyring, "salt"));
        assert_ne!(
            token.successor(&keyring, "salt").hash(),
            token.successor(&keyring, "pepper").hash()
        );
    }

    #[test]
    fn two_sign_ins_in_one_second_have_different_refresh_tokens() {
        assert_ne!(
            RefreshToken::generate(session()).hash(),
            RefreshToken::generate(session()).hash()
        );
    }

    #[test]
    fn debug_output_hides_the_secret() {
        assert_eq!(format!("{:?}", RefreshToken::generate(session())), "RefreshToken(..)");
    }
}
