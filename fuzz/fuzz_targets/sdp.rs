//! Fuzzes the path of an SDP offer: our check of its sections, str0m's parser, and the answer. For any text, the result must be an
//! answer with one section for the microphone and one for each slot, or a refusal.
#![no_main]

#[path = "../../src/model/mod.rs"]
#[allow(dead_code, unused_imports, reason = "`sdp` needs only the number of slots")]
mod model;
#[path = "../../src/server/voice/sdp.rs"]
#[allow(dead_code, reason = "the target does not restart ICE")]
mod sdp;

use libfuzzer_sys::fuzz_target;
use std::{sync::Arc, time::Instant};
use str0m::{
    Rtc,
    change::SdpOffer,
    config::{CryptoProvider, DtlsCert},
};

thread_local! {
    /// Made once, because a certificate takes longer than everything else here. The server has one for all peers, too.
    static CRYPTO: (Arc<CryptoProvider>, DtlsCert) = {
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let certificate = crypto.dtls_provider.generate_certificate().expect("a certificate");
        (crypto, certificate)
    };
}

/// A new WebRTC connection with the settings that matter for an answer, as in `server/voice/peer/rtc_config.rs`.
fn new_connection() -> Rtc {
    let (crypto, certificate) = CRYPTO.with(Clone::clone);
    Rtc::builder()
        .set_crypto_provider(crypto)
        .set_dtls_cert(certificate)
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, true)
        .build(Instant::now())
}

fuzz_target!(|text: &str| {
    // The server parses only offers that pass the check. The parser is tried with every text, because the check may change.
    let parsed = SdpOffer::from_sdp_string(text);
    if !sdp::is_one_microphone_and_slots(text) {
        return;
    }
    let Ok(offer) = parsed else { return };
    let Ok(answer) = new_connection().sdp_api().accept_offer(offer) else {
        return;
    };
    let answer = sdp::with_opus_parameters(&answer.to_sdp_string());
    assert_eq!(
        answer.matches("\r\nm=audio ").count(),
        1 + model::signal::SLOTS,
        "{answer}"
    );
});
