//! How str0m is configured.

use crate::server::voice::peer_setup::Setup;
use std::time::Duration;
use str0m::{Rtc, RtcConfig, crypto::dtls::DtlsVersion};

/// How often str0m tells us which share of our packets the browser has lost. Browsers report it every 5 s, or more often.
const LOSS_REPORT_INTERVAL: Duration = Duration::from_secs(2);
/// How often the server sends an RTCP report to each browser. A page whose network has changed notices it by their absence, even if
/// nobody talks: browsers' own checks are up to 2.5 s apart. A report for the three slots has about 200 bytes.
const REPORT_INTERVAL: Duration = Duration::from_millis(500);

/// The configuration of every peer.
pub fn config(setup: &Setup) -> RtcConfig {
    Rtc::builder()
        .set_crypto_provider(setup.crypto.clone())
        .set_dtls_cert(setup.certificate.clone())
        .set_dtls_version(DtlsVersion::Dtls12)
        // Browsers can reach the server directly, so it sends no checks of its own (ICE-lite, RFC 8445 section 2.5). A
        // known limit: a participant who forges the source of a STUN request with USE-CANDIDATE can make the server send
        // the sound of their own three slots to a stranger's address, for at most 15 s each time.
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .set_stats_interval(Some(LOSS_REPORT_INTERVAL))
        .set_rtcp_report_interval_audio(REPORT_INTERVAL)
        .clear_codecs()
        // With RED (RFC 2198), before Opus in the answer, which makes Chromium send it. In RTP mode, str0m neither packs nor unpacks it.
        .enable_opus(true, true)
}
