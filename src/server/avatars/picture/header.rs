//! What a picture's first bytes say, and whether it is worth decoding: nothing here allocates by what it reads.

use super::{MAX_FILE_BYTES, PictureError, gif, jpeg, png, webp};

const MIN_SIDE_PX: u32 = 16;
const MAX_SIDE_PX: u32 = 12_000;
/// The most that decoding may take.
pub(super) const MAX_DECODED_BYTES: u64 = 96 * 1024 * 1024;
/// What a decoder may take besides pixels: tables, a row or two, a chunk.
pub(super) const WORKSPACE_BYTES: usize = 8 * 1024 * 1024;

/// What is decoded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
    Gif,
    WebP,
}

/// A picture within all limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct PictureHeader {
    pub format: Format,
    /// What the pixels take when they are decoded, whether or not they ever lie in memory together.
    pub decoded_bytes: u64,
}

/// What a format's own header says, before any limit.
pub(super) struct Measure {
    pub width: u32,
    pub height: u32,
    pub decoded_bytes: u64,
}

/// Reads type and measure and holds them against the limits.
///
/// # Errors
/// `TooLarge`, `TooSmall`, `NotAPicture`, `Unsupported`; `Broken` when the header itself cannot be read.
pub(super) fn read(bytes: &[u8]) -> Result<PictureHeader, PictureError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(PictureError::TooLarge);
    }
    let format = format(bytes)?;
    let measure = match format {
        Format::Jpeg => jpeg::measure(bytes)?,
        Format::Png => png::measure(bytes)?,
        Format::Gif => gif::measure(bytes)?,
        Format::WebP => webp::measure(bytes)?,
    };
    if measure.width.min(measure.height) < MIN_SIDE_PX {
        return Err(PictureError::TooSmall);
    }
    if measure.width.max(measure.height) > MAX_SIDE_PX || measure.decoded_bytes > MAX_DECODED_BYTES {
        return Err(PictureError::TooLarge);
    }
    Ok(PictureHeader {
        format,
        decoded_bytes: measure.decoded_bytes,
    })
}

/// The type by magic bytes; whatever name or type the sender gave it is not asked.
fn format(bytes: &[u8]) -> Result<Format, PictureError> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Ok(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Format::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Format::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Format::WebP),
        _ if is_another_picture(bytes) => Err(PictureError::Unsupported),
        _ => Err(PictureError::NotAPicture),
    }
}

/// SVG, HEIC, AVIF, BMP, TIFF: only to choose the sentence.
fn is_another_picture(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    let svg = start.starts_with(b"<svg") || start.starts_with(b"<?xml");
    svg || bytes.get(4..8) == Some(b"ftyp") || [&b"BM"[..], b"II*\0", b"MM\0*"].iter().any(|m| bytes.starts_with(m))
}
