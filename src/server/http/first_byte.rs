//! What a client speaks on the port of TLS: the first byte of its connection tells.
//!
//! A network that lets nothing through but port 443 lets voices through there too, if they come over TCP on this port.

/// What the first byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstByte {
    /// A handshake of TLS.
    Tls,
    /// A frame with a datagram of a voice connection.
    Voice,
    /// A request without TLS.
    PlainHttp,
    /// Nothing that belongs here.
    Unknown,
}

/// A handshake begins with its type of record, 22 (RFC 8446 section 5.1). A frame begins with its length in two octets (RFC 4571
/// section 2), and datagrams of browsers have at most 1,500 octets, so its first octet is at most 5. A request begins with its method,
/// which has capital letters.
pub fn recognize(first: u8) -> FirstByte {
    match first {
        22 => FirstByte::Tls,
        0..=5 => FirstByte::Voice,
        b'A'..=b'Z' => FirstByte::PlainHttp,
        _ => FirstByte::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells_tls_voices_and_plain_http_apart() {
        for (first, wanted) in [
            (&b"\x16\x03\x01\x02\x00\x01"[..], FirstByte::Tls),
            // A frame of 100 octets: a STUN binding request with its magic cookie.
            (b"\x00\x64\x00\x01\x00\x50\x21\x12\xa4\x42", FirstByte::Voice),
            (b"\x05\xdc", FirstByte::Voice),
            (b"GET / HTTP/1.1\r\n", FirstByte::PlainHttp),
            (b"PRI * HTTP/2.0\r\n", FirstByte::PlainHttp),
            (b"\x80\x80", FirstByte::Unknown),
            (b"\x06\x00", FirstByte::Unknown),
        ] {
            assert_eq!(recognize(first[0]), wanted, "{first:?}");
        }
    }
}
