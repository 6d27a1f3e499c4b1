//! Reads a browser's offer.

use crate::server::voice::sdp;
use str0m::change::SdpOffer;

/// A browser's offer is about 5 kB; this limit leaves room for longer ones.
pub const OFFER_MAX_BYTES: usize = 16 * 1024;

/// The offer is too long, is not valid SDP, or does not consist of one microphone and the slots with the codec Opus.
#[derive(Debug)]
pub struct BadOffer;

/// Parses a browser's offer.
///
/// # Errors
/// `BadOffer`.
pub fn parse_offer(sdp: &str) -> Result<SdpOffer, BadOffer> {
    if sdp.len() > OFFER_MAX_BYTES || !sdp::is_one_microphone_and_slots(sdp) {
        return Err(BadOffer);
    }
    SdpOffer::from_sdp_string(sdp).map_err(|_| BadOffer)
}
