//! Reads a browser's offer.

use crate::server::voice::sdp;
use str0m::change::SdpOffer;

/// A browser's offer is about 5 kB; this limit leaves room for longer ones.
pub const OFFER_MAX_BYTES: usize = 16 * 1024;

/// How many lines about SSRCs an offer may have. A browser writes two for its microphone. str0m keeps a record for each SSRC.
const SSRC_LINES_MAX: usize = 16;
/// How many addresses of the browser an offer may name. str0m keeps each one.
const CANDIDATE_LINES_MAX: usize = 64;

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
    let is_over = |start, most| sdp::count_lines(sdp, start) > most;
    if is_over(sdp::SSRC_LINE, SSRC_LINES_MAX) || is_over(sdp::CANDIDATE_LINE, CANDIDATE_LINES_MAX) {
        return Err(BadOffer);
    }
    SdpOffer::from_sdp_string(sdp).map_err(|_| BadOffer)
}

/// Parses the offer of an ICE restart, without the browser's SSRCs and addresses. str0m would add them to those that it has each time,
/// so a page could fill the memory. It needs neither: the streams stay as they are, and the server answers the browser's requests
/// wherever they come from (ICE-lite, RFC 8445 section 2.5).
///
/// # Errors
/// `BadOffer`.
pub fn parse_restart(sdp: &str) -> Result<SdpOffer, BadOffer> {
    if sdp.len() > OFFER_MAX_BYTES {
        return Err(BadOffer);
    }
    parse_offer(&sdp::without_ssrcs_and_candidates(sdp))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: &str = include_str!("../../../../fuzz/seeds/sdp/browser.txt");

    /// The offer of a browser, with more lines in the section of the microphone.
    fn with_lines(line: impl Fn(usize) -> String, count: usize) -> String {
        let lines: String = (0..count).map(line).collect();
        BROWSER.replacen("a=sendonly", &format!("{lines}a=sendonly"), 1)
    }

    fn ssrc(number: usize) -> String {
        format!("a=ssrc:{} cname:me\r\n", 1_000 + number)
    }

    fn candidate(number: usize) -> String {
        format!(
            "a=candidate:1 1 udp 2113937151 192.0.2.1 {} typ host\r\n",
            1_000 + number
        )
    }

    #[test]
    fn an_offer_has_a_limited_number_of_ssrcs_and_candidates() {
        assert!(parse_offer(&with_lines(ssrc, 8)).is_ok() && parse_offer(&with_lines(ssrc, 17)).is_err());
        assert!(parse_offer(&with_lines(candidate, 32)).is_ok() && parse_offer(&with_lines(candidate, 65)).is_err());
    }

    #[test]
    fn the_offer_of_a_restart_brings_no_ssrcs_and_candidates() {
        for offer in [with_lines(ssrc, 100), with_lines(candidate, 100)] {
            let parsed = parse_restart(&offer).expect("an offer").to_sdp_string();
            for start in [sdp::SSRC_LINE, sdp::CANDIDATE_LINE] {
                assert_eq!(sdp::count_lines(&parsed, start), 0, "{parsed}");
            }
            assert!(parsed.contains("a=ice-ufrag:"), "{parsed}");
        }
        let too_long = with_lines(ssrc, OFFER_MAX_BYTES / 20);
        assert!(parse_restart(&too_long).is_err());
    }
}
