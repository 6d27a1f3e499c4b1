//! Credentials for the TURN servers, which relay voices for people whose network lets nothing else through.
//!
//! Snug and the TURN server share only a secret. The user name says until when it is valid, and the credential is its keyed hash, so
//! the server needs no list of people ("REST API" of coturn; draft-uberti-behave-turn-rest-00 section 2.2).

use super::{
    config::VoiceConfig,
    keyring::{Keyring, Purpose},
};
use crate::model::{ice_server::IceServer, id::UserId};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use std::time::Duration;

/// How long credentials are valid.
const VALID_S: i64 = 3_600;
/// After this time, an open page gets new credentials.
pub const RENEWED_EVERY: Duration = Duration::from_secs(2_700);
/// How many octets of the keyed hash of a user's id a user name contains.
const OPAQUE_BYTES: usize = 12;

/// The TURN servers for a page of `user`, with credentials that are valid for an hour from `now_s`, in unix seconds. Empty if no TURN
/// server is configured.
///
/// The TURN server can tell the people apart, so that it can limit each of them, but does not learn the ids of their accounts.
pub fn ice_servers(voice: &VoiceConfig, keyring: &Keyring, user: &UserId, now_s: i64) -> Vec<IceServer> {
    let Some(secret) = voice.turn_secret.as_ref().filter(|_| !voice.turn_urls.is_empty()) else {
        return vec![];
    };
    let opaque = keyring.mac(Purpose::Turn, &[user.as_str().as_bytes()]);
    let username = format!("{}:{}", now_s + VALID_S, hex::encode(&opaque[..OPAQUE_BYTES]));
    let credential = credential(secret.expose(), &username);
    vec![IceServer {
        urls: voice.turn_urls.clone(),
        username,
        credential,
    }]
}

/// HMAC-SHA1 of the user name in base64. coturn prescribes SHA-1. The known collisions of SHA-1 do not weaken it in an HMAC (RFC 6194
/// section 3.3).
fn credential(secret: &str, username: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    BASE64.encode(hmac::sign(&key, username.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::{Config, TurnSecret};

    #[test]
    fn the_credential_is_the_one_that_coturn_computes() {
        // printf '%s' USERNAME | openssl dgst -sha1 -hmac SECRET -binary | base64
        assert_eq!(
            credential("north", "1433895918:ninefingers"),
            "jy8hTxmOO7UtEKXqSkSlvakPVYA="
        );
    }

    #[test]
    fn credentials_last_an_hour_and_do_not_name_the_account() {
        let mut voice = Config::for_tests(std::path::Path::new("data")).voice;
        let keyring = Keyring::for_tests();
        let [ada, ben] = ["user-ada-1", "user-ben-1"].map(|id| UserId::parse(id).expect("an id"));
        assert!(ice_servers(&voice, &keyring, &ada, 1_000).is_empty());
        voice.turn_urls = vec!["turn:turn.example.org".into()];
        voice.turn_secret = Some(TurnSecret::parse("0123456789abcdef").expect("a secret"));
        let of = |user, now_s| ice_servers(&voice, &keyring, user, now_s).remove(0);
        let server = of(&ada, 1_000);
        assert_eq!(server.urls, voice.turn_urls);
        let (until, opaque) = server.username.split_once(':').expect("two parts");
        assert_eq!((until, opaque.len()), ("4600", 2 * OPAQUE_BYTES));
        assert!(!server.username.contains("ada"));
        assert_ne!(of(&ben, 1_000).username, server.username);
        assert_ne!(of(&ada, 1_001).credential, server.credential);
        assert!(!format!("{server:?}").contains(&server.credential));
    }
}
