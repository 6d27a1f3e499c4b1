//! Takes the candidates of other ways out of the server's answer, so that the browser can use only one way. The code is pure.

/// The answer with only the candidates of this transport, "udp" or "tcp" (RFC 8839 section 5.1). `None` if none is left.
pub fn only_transport(sdp: &str, transport: &str) -> Option<String> {
    let mut is_left = false;
    let is_kept = |line: &&str| {
        let Some(candidate) = line.strip_prefix("a=candidate:") else {
            return true;
        };
        // The fields: foundation, component, transport.
        let of = candidate.split(' ').nth(2).unwrap_or_default();
        let is_kept = of.eq_ignore_ascii_case(transport);
        is_left |= is_kept;
        is_kept
    };
    let kept: String = sdp.split_inclusive('\n').filter(is_kept).collect();
    is_left.then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDP: &str = "v=0\r\na=candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host\r\n\
                       a=candidate:2 1 TCP 1694498815 192.0.2.1 3478 typ host tcptype passive\r\na=end-of-candidates\r\n";

    #[test]
    fn only_the_candidates_of_the_other_way_go() {
        let udp = only_transport(SDP, "udp").expect("one");
        assert!(udp.contains(" udp ") && !udp.contains(" TCP "), "{udp}");
        assert!(udp.starts_with("v=0\r\n") && udp.ends_with("a=end-of-candidates\r\n"));
        let tcp = only_transport(SDP, "tcp").expect("one");
        assert!(tcp.contains("tcptype passive") && !tcp.contains(" udp "), "{tcp}");
    }

    #[test]
    fn an_answer_without_this_way_gives_nothing() {
        assert_eq!(
            only_transport("v=0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n", "tcp"),
            None
        );
        assert_eq!(only_transport("", "udp"), None);
    }
}
