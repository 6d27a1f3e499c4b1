//! The payload format for redundant sound (RED, RFC 2198): a packet carries its own frame, and copies of the frames before it.
//!
//! All frames must be in the same codec. Copies in another codec, or RED inside RED, make a payload invalid: browsers send
//! neither.

/// The most copies in a payload that we read. Browsers send one. Each copy costs work, and four octets of header are enough to name
/// one, so a payload with more is dropped.
pub const COPIES_MAX: usize = 8;
/// The largest distance between a packet and a copy in it, in RTP timestamps: the field has 14 bits (RFC 2198 section 3). This is
/// about 341 ms.
const OFFSET_MAX: u32 = 0x3fff;
/// The longest copy: the field for its length has 10 bits.
const COPY_MAX_BYTES: usize = 0x3ff;
/// The bit in the first octet of a header that says that another header follows.
const MORE: u8 = 0x80;
/// The length of the header of a copy, in bytes.
const COPY_HEADER_BYTES: usize = 4;
/// The length of the header of the packet's own frame, in bytes.
const OWN_HEADER_BYTES: usize = 1;

/// The payload types of RTP packets of sound, as a browser's offer has chosen them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadTypes {
    pub opus: u8,
    /// `None` if the browser does not offer RED.
    pub red: Option<u8>,
}

/// A copy of a frame that was sent in an earlier packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedCopy<'a> {
    /// How much older the copied frame is than the packet, in RTP timestamps.
    pub offset: u32,
    pub frame: &'a [u8],
}

impl RedCopy<'_> {
    /// Whether the copy is useful, and fits into the fields of its header.
    pub fn fits(&self) -> bool {
        (1..=OFFSET_MAX).contains(&self.offset) && (1..=COPY_MAX_BYTES).contains(&self.frame.len())
    }
}

/// A RED payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedPayload<'a> {
    /// Oldest first.
    pub copies: Vec<RedCopy<'a>>,
    /// The packet's own frame. RFC 2198 calls it the primary encoding.
    pub frame: &'a [u8],
}

impl<'a> RedPayload<'a> {
    /// Reads a payload from an untrusted sender. `codec` is the payload type that all frames must have. `None` if the payload is
    /// malformed, or if it has more than [`COPIES_MAX`] copies.
    pub fn unpack(payload: &'a [u8], codec: u8) -> Option<Self> {
        let (headers, mut rest) = read_headers(payload, codec)?;
        let mut copies = Vec::with_capacity(headers.len());
        for (offset, length) in headers {
            let (frame, after) = rest.split_at_checked(length)?;
            copies.push(RedCopy { offset, frame });
            rest = after;
        }
        Some(Self { copies, frame: rest })
    }

    /// Writes the payload. Each copy must [fit](RedCopy::fits).
    pub fn pack(&self, codec: u8) -> Vec<u8> {
        let mut packed = Vec::with_capacity(packed_bytes(self.frame, &self.copies));
        for copy in &self.copies {
            // 14 bits for the offset and then 10 bits for the length: the last three of these four octets.
            let [_, fields @ ..] = ((copy.offset << 10) | copy.frame.len() as u32).to_be_bytes();
            packed.push(MORE | codec);
            packed.extend(fields);
        }
        packed.push(codec);
        for copy in &self.copies {
            packed.extend_from_slice(copy.frame);
        }
        packed.extend_from_slice(self.frame);
        packed
    }
}

/// The length of a payload with this frame and these copies.
pub fn packed_bytes<'a>(frame: &[u8], copies: impl IntoIterator<Item = &'a RedCopy<'a>>) -> usize {
    let of_copy = |copy: &RedCopy| COPY_HEADER_BYTES + copy.frame.len();
    OWN_HEADER_BYTES + frame.len() + copies.into_iter().map(of_copy).sum::<usize>()
}

/// The header of a copy: its offset, and the length of its frame.
type CopyHeader = (u32, usize);

/// The headers of the copies, and the frames.
fn read_headers(payload: &[u8], codec: u8) -> Option<(Vec<CopyHeader>, &[u8])> {
    let (mut headers, mut rest) = (vec![], payload);
    loop {
        match rest {
            [first, frames @ ..] if *first == codec => return Some((headers, frames)),
            [first, high, middle, low, after @ ..] if *first == (MORE | codec) && headers.len() < COPIES_MAX => {
                let fields = u32::from_be_bytes([0, *high, *middle, *low]);
                headers.push((fields >> 10, (fields & 0x3ff) as usize));
                rest = after;
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPUS: u8 = 111;

    #[test]
    fn the_payload_of_a_browser_is_read() {
        // One copy, 960 ticks older, of three bytes.
        let payload = [0x80 | 111, 15, 0, 3, 111, 1, 2, 3, 4, 5];
        let red = RedPayload::unpack(&payload, OPUS).expect("a RED payload");
        assert_eq!(red.frame, [4, 5]);
        let copy = RedCopy {
            offset: 960,
            frame: &[1, 2, 3],
        };
        assert_eq!(red.copies, [copy]);
        assert_eq!(red.pack(OPUS), payload);
        let alone = RedPayload::unpack(&[111, 9], OPUS).expect("a RED payload without copies");
        assert!(alone.copies.is_empty() && alone.frame == [9]);
    }

    #[test]
    fn malformed_payloads_are_refused() {
        let copy: [u8; 4] = [0x80 | 111, 15, 0, 1];
        let with = |copies: usize| [copy.repeat(copies), vec![111], vec![7; copies + 1]].concat();
        assert!(RedPayload::unpack(&with(COPIES_MAX), OPUS).is_some());
        for payload in [
            vec![],
            with(COPIES_MAX + 1),
            with(64),
            // The headers never end.
            copy.to_vec(),
            copy[..3].to_vec(),
            // The copy is said to be longer than the payload.
            vec![0x80 | 111, 15, 3, 255, 111, 1, 2],
            // Another codec, in the packet's own frame and in a copy: 63 is RED itself.
            vec![63, 1, 2],
            vec![0x80 | 63, 15, 0, 1, 111, 1, 2],
        ] {
            assert_eq!(RedPayload::unpack(&payload, OPUS), None, "{payload:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(
            copies in prop::collection::vec((1..=OFFSET_MAX, prop::collection::vec(any::<u8>(), 1..=COPY_MAX_BYTES)), 0..=COPIES_MAX),
            frame in prop::collection::vec(any::<u8>(), 0..1_300),
            codec in 0..128u8,
        ) {
            let copies = copies.iter().map(|(offset, frame)| RedCopy { offset: *offset, frame }).collect();
            let red = RedPayload { copies, frame: &frame };
            prop_assert!(red.copies.iter().all(RedCopy::fits));
            let packed = red.pack(codec);
            prop_assert_eq!(packed.len(), packed_bytes(red.frame, &red.copies));
            prop_assert_eq!(RedPayload::unpack(&packed, codec), Some(red));
        }

        #[test]
        fn junk_never_panics_and_gives_few_copies_from_inside_the_payload(
            junk in prop::collection::vec(prop_oneof![Just(0x80 | OPUS), Just(OPUS), Just(0), any::<u8>()], 0..1_500),
        ) {
            if let Some(red) = RedPayload::unpack(&junk, OPUS) {
                prop_assert!(red.copies.len() <= COPIES_MAX);
                prop_assert_eq!(packed_bytes(red.frame, &red.copies), junk.len());
            }
        }
    }
}
