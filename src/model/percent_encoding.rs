//! Percent-encoding (RFC 3986 section 2.1) of text for one path segment or query value of a URL.

/// `text` with every byte percent-encoded, except unreserved characters.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            push_hex(&mut encoded, byte);
        }
    }
    encoded
}

/// The text that `encoded` stands for. `None` if `encoded` is malformed, or if the decoded bytes are not UTF-8.
pub fn decode(encoded: &str) -> Option<String> {
    String::from_utf8(percent_decoded(encoded.as_bytes())?).ok()
}

/// Appends two upper-case hexadecimal digits.
pub fn push_hex(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// Whether this is an unreserved character (RFC 3986 section 2.3). No proxy or browser rewrites these characters.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn percent_decoded(mut encoded: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(encoded.len());
    while let [byte, rest @ ..] = encoded {
        encoded = rest;
        if *byte == b'%' {
            let [high, low, rest @ ..] = rest else { return None };
            decoded.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
            encoded = rest;
        } else {
            decoded.push(*byte);
        }
    }
    Some(decoded)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_reverses_encoding() {
        for text in ["", "Ada", "/rooms/a b?c=d&e", "ß ☕", "%"] {
            assert_eq!(decode(&encode(text)).as_deref(), Some(text));
        }
        assert_eq!(encode("/rooms/ß"), "%2Frooms%2F%C3%9F");
        for broken in ["%", "%4", "%zz", "%FF"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }
}
