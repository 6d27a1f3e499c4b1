//! Datagrams on a TCP connection: each one is a frame, which begins with its length (RFC 4571 section 2).

/// The longest frame that is accepted. Browsers send datagrams that fit into an Ethernet frame.
pub const FRAME_MAX_BYTES: usize = 1_500;
/// The length of a frame is written in two octets.
const HEADER_BYTES: usize = 2;

/// Finds the frames in the bytes that arrive on one connection. It keeps at most one incomplete frame.
#[derive(Debug, Default)]
pub struct FrameReader {
    /// The beginning of a frame whose end has not arrived yet.
    incomplete: Vec<u8>,
}

impl FrameReader {
    /// Takes bytes that have arrived, and passes each frame that is complete to `take`. False if the connection must be closed:
    /// `take` has returned false, or a frame is longer than [`FRAME_MAX_BYTES`].
    pub fn push(&mut self, mut bytes: &[u8], mut take: impl FnMut(&[u8]) -> bool) -> bool {
        while !bytes.is_empty() {
            // Most frames arrive in one piece, and then nothing needs to be copied.
            if self.incomplete.is_empty()
                && let Some((frame, rest)) = split_frame(bytes)
            {
                if frame.len() > FRAME_MAX_BYTES || !take(frame) {
                    return false;
                }
                bytes = rest;
                continue;
            }
            let (head, rest) = bytes.split_at(self.missing_bytes().min(bytes.len()));
            self.incomplete.extend_from_slice(head);
            bytes = rest;
            if announced_length(&self.incomplete).is_some_and(|length| length > FRAME_MAX_BYTES) {
                return false;
            }
            if let Some((frame, _)) = split_frame(&self.incomplete) {
                if !take(frame) {
                    return false;
                }
                self.incomplete.clear();
            }
        }
        true
    }

    /// How many bytes are missing until the header is complete or, after that, until the frame is complete.
    fn missing_bytes(&self) -> usize {
        let wanted = announced_length(&self.incomplete).map_or(HEADER_BYTES, |length| HEADER_BYTES + length);
        wanted - self.incomplete.len()
    }
}

/// A datagram as a frame.
pub fn frame(datagram: &[u8]) -> Vec<u8> {
    let length = u16::try_from(datagram.len()).unwrap_or(u16::MAX);
    let mut frame = Vec::with_capacity(HEADER_BYTES + datagram.len());
    frame.extend(length.to_be_bytes());
    frame.extend_from_slice(&datagram[..usize::from(length)]);
    frame
}

/// The datagram in a frame that [`frame`] has made.
pub fn datagram_in(frame: &[u8]) -> &[u8] {
    frame.get(HEADER_BYTES..).unwrap_or_default()
}

/// The first frame in `bytes`, and the bytes after it. `None` if the frame is not complete.
fn split_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.get(HEADER_BYTES..)?.split_at_checked(announced_length(bytes)?)
}

/// The length in the header of the first frame.
fn announced_length(bytes: &[u8]) -> Option<usize> {
    let header = bytes.first_chunk::<HEADER_BYTES>()?;
    Some(usize::from(u16::from_be_bytes(*header)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// What the reader finds in these pieces, and whether the connection may go on.
    fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, bool) {
        let (mut reader, mut frames) = (FrameReader::default(), vec![]);
        let goes_on = pieces.into_iter().all(|piece| {
            let goes_on = reader.push(piece, |frame| {
                frames.push(frame.to_vec());
                true
            });
            assert!(reader.incomplete.len() < HEADER_BYTES + FRAME_MAX_BYTES);
            goes_on
        });
        (frames, goes_on)
    }

    #[test]
    fn a_frame_is_its_length_and_its_datagram() {
        assert_eq!(frame(b"abc"), b"\0\x03abc");
        assert_eq!(datagram_in(&frame(b"abc")), b"abc");
        assert_eq!(frame(&[7; 300])[..3], [1, 44, 7]);
    }

    #[test]
    fn a_frame_that_is_too_long_ends_the_connection_as_soon_as_its_length_is_known() {
        assert_eq!(
            read([&b"\x05"[..], b"\xdd"]),
            (vec![], false),
            "1,501 bytes are announced"
        );
        let longest = frame(&[1; FRAME_MAX_BYTES]);
        assert_eq!(read([&longest[..]]), (vec![vec![1; FRAME_MAX_BYTES]], true));
        assert_eq!(read([&frame(&[1; FRAME_MAX_BYTES + 1])[..]]), (vec![], false));
    }

    #[test]
    fn a_refused_frame_ends_the_connection_and_later_frames_are_not_read() {
        let (mut reader, mut seen) = (FrameReader::default(), 0);
        let goes_on = reader.push(b"\0\x01a\0\x01b", |_| {
            seen += 1;
            false
        });
        assert_eq!((goes_on, seen), (false, 1));
    }

    proptest! {
        #[test]
        fn frames_are_found_however_the_bytes_are_cut(
            datagrams in vec(vec(any::<u8>(), 0..=FRAME_MAX_BYTES), 0..6),
            cuts in vec(1_usize..2_000, 1..20),
        ) {
            let bytes: Vec<u8> = datagrams.iter().flat_map(|datagram| frame(datagram)).collect();
            let (mut pieces, mut rest, mut turn) = (vec![], &bytes[..], 0);
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(cuts[turn % cuts.len()].min(rest.len()));
                pieces.push(piece);
                rest = after;
                turn += 1;
            }
            prop_assert_eq!(read(pieces), (datagrams, true));
        }

        #[test]
        fn no_bytes_make_the_reader_panic_or_keep_more_than_one_frame(pieces in vec(vec(any::<u8>(), 0..4_000), 0..8)) {
            read(pieces.iter().map(Vec::as_slice));
        }
    }
}
