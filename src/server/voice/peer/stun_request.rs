//! Checks who has sent a STUN request.

use str0m::{Rtc, config::CryptoProvider, ice::StunMessage};

/// Whether the sender of a STUN request knows the password of this `Rtc` (MESSAGE-INTEGRITY, RFC 8489 section 14.5).
pub fn is_from_browser(rtc: &mut Rtc, crypto: &CryptoProvider, request: &[u8]) -> bool {
    let Ok(message) = StunMessage::parse(request) else {
        return false;
    };
    let own = rtc.direct_api().local_ice_credentials();
    let hmac = crypto.sha1_hmac_provider;
    message.split_username().is_some_and(|(to, _)| to == own.ufrag)
        && message.verify(own.pass.as_bytes(), |key, parts| hmac.sha1_hmac(key, parts))
}
