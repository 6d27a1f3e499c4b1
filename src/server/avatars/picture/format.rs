//! The formats that we decode, and how each is recognized, measured and decoded.

use super::decoded::Decoded;
use super::error::PictureError;
use super::measure::Measure;
use super::{gif, jpeg, png, webp};
use crate::model::crop_area::CropArea;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
    Gif,
    WebP,
}

impl Format {
    /// The format according to the magic bytes. The name or type that the sender claims does not count.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, PictureError> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::WebP),
            _ if is_another_picture(bytes) => Err(PictureError::Unsupported),
            _ => Err(PictureError::NotAPicture),
        }
    }

    /// Reads the header. How much memory this needs does not depend on the header's content. `area` is the part that will be decoded.
    pub(super) fn measure(self, bytes: &[u8], area: Option<CropArea>) -> Result<Measure, PictureError> {
        match self {
            Self::Jpeg => jpeg::measure(bytes, area),
            Self::Png => png::measure(bytes),
            Self::Gif => gif::measure(bytes),
            Self::WebP => webp::measure(bytes),
        }
    }

    /// Decodes the first frame, or the part `area` of it. Call it only after [`Measure::check`] has accepted the picture.
    pub(super) fn decode(self, bytes: &[u8], area: Option<CropArea>) -> Result<Decoded, PictureError> {
        match self {
            Self::Jpeg => jpeg::decode(bytes, area),
            Self::Png => png::decode(bytes, area),
            Self::Gif => gif::decode(bytes, area),
            Self::WebP => webp::decode(bytes, area),
        }
    }
}

/// Whether this is SVG, HEIC, AVIF, BMP or TIFF. The result only decides which error is shown.
fn is_another_picture(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    let svg = start.starts_with(b"<svg") || start.starts_with(b"<?xml");
    svg || bytes.get(4..8) == Some(b"ftyp") || [&b"BM"[..], b"II*\0", b"MM\0*"].iter().any(|m| bytes.starts_with(m))
}
