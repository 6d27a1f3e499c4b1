//! Checks a browser's SDP offer, and writes our Opus parameters into the answer.

use crate::model::signal::SLOTS;

/// How a browser encodes a voice for us: forward error correction, discontinuous transmission, one channel, 32 kbit/s
/// (RFC 7587 section 6.1). str0m has no setting for the bitrate, so these parameters are written into the text of the
/// answer.
const OPUS: &str = "minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000";

/// How a line about an SSRC, or a group of them, begins (RFC 5576 section 4).
pub const SSRC_LINE: &str = "a=ssrc";
/// How a line with an address of the browser begins (RFC 8839 section 5.1).
pub const CANDIDATE_LINE: &str = "a=candidate";

/// How many lines begin with `start`.
pub fn count_lines(sdp: &str, start: &str) -> usize {
    sdp.lines().filter(|line| line.starts_with(start)).count()
}

/// The SDP without its lines about SSRCs and addresses.
pub fn without_ssrcs_and_candidates(sdp: &str) -> String {
    let is_kept = |line: &&str| !line.starts_with(SSRC_LINE) && !line.starts_with(CANDIDATE_LINE);
    sdp.split_inclusive('\n').filter(is_kept).collect()
}

/// Whether an SDP offers one `sendonly` microphone and then [`SLOTS`] `recvonly` slots, and nothing else.
pub fn is_one_microphone_and_slots(sdp: &str) -> bool {
    let directions: Vec<&str> = sdp
        .split("\nm=")
        .skip(1)
        .map(|section| {
            if section.starts_with("audio ") {
                direction(section)
            } else {
                ""
            }
        })
        .collect();
    let expected = std::iter::once("sendonly").chain(std::iter::repeat_n("recvonly", SLOTS));
    directions.into_iter().eq(expected)
}

fn direction(section: &str) -> &str {
    let mut attributes = section.lines().filter_map(|line| line.trim_end().strip_prefix("a="));
    let is_direction = |attribute: &&str| matches!(*attribute, "sendonly" | "recvonly" | "sendrecv" | "inactive");
    attributes.rfind(is_direction).unwrap_or("sendrecv")
}

/// The answer with our Opus parameters, for every payload type that is Opus.
pub fn with_opus_parameters(answer: &str) -> String {
    let opus: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.strip_prefix("a=rtpmap:")?.split_once(' '))
        .filter(|(_, codec)| codec.to_ascii_lowercase().starts_with("opus/"))
        .map(|(payload_type, _)| payload_type)
        .collect();
    let rewrite = |line: &str| match line.strip_prefix("a=fmtp:").and_then(|rest| rest.split_once(' ')) {
        Some((payload_type, _)) if opus.contains(&payload_type) => format!("a=fmtp:{payload_type} {OPUS}\r\n"),
        _ => format!("{line}\r\n"),
    };
    answer.lines().map(rewrite).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";

    fn offer(sections: &[(&str, &str)]) -> String {
        let section =
            |(kind, direction): &(&str, &str)| format!("m={kind} 9 UDP/TLS/RTP/SAVPF 111\r\na={direction}\r\n");
        SESSION.to_owned() + &sections.iter().map(section).collect::<String>()
    }

    #[test]
    fn one_microphone_and_three_slots_and_nothing_else() {
        let slot = ("audio", "recvonly");
        assert!(is_one_microphone_and_slots(&offer(&[
            ("audio", "sendonly"),
            slot,
            slot,
            slot
        ])));
        assert!(!is_one_microphone_and_slots(&offer(&[
            ("audio", "sendonly"),
            slot,
            slot
        ])));
        assert!(!is_one_microphone_and_slots(&offer(&[
            slot,
            slot,
            slot,
            ("audio", "sendonly")
        ])));
        assert!(!is_one_microphone_and_slots(&offer(&[
            ("video", "sendonly"),
            slot,
            slot,
            slot
        ])));
        assert!(!is_one_microphone_and_slots(&offer(&[
            ("audio", "sendonly"),
            slot,
            slot,
            slot,
            slot
        ])));
        assert!(!is_one_microphone_and_slots("") && !is_one_microphone_and_slots("not SDP"));
    }

    #[test]
    fn only_the_parameters_of_opus_are_replaced() {
        let answer = "m=audio 9 X 111 8\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\na=fmtp:8 x=1\r\n";
        let message = with_opus_parameters(answer);
        assert!(message.contains(&format!("a=fmtp:111 {OPUS}\r\n")) && message.contains("a=fmtp:8 x=1\r\n"));
    }
}
