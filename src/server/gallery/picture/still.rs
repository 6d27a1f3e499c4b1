//! PNG, WebP and the first frame of a GIF, decoded by `image` within limits that we set.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::header::{MAX_DECODED_BYTES, Measure};
use super::{Decoded, PictureError};

/// What a decoder may take besides the pixels: tables, a row or two, a colour profile that nobody will read.
const WORKSPACE_BYTES: u64 = 8 * 1024 * 1024;

pub(super) fn measure(bytes: &[u8], format: ImageFormat) -> Result<Measure, PictureError> {
    let decoder = open(bytes, format, MAX_DECODED_BYTES)?;
    let (width, height) = decoder.dimensions();
    if format == ImageFormat::WebP && has_larger_frame(bytes, width, height) {
        return Err(PictureError::Broken);
    }
    // The resizer weighs colours by their alpha in a copy, and WebP is decoded in one.
    let copies = if decoder.color_type().has_alpha() || format == ImageFormat::WebP {
        2
    } else {
        1
    };
    Ok(Measure {
        width,
        height,
        decoded_bytes: decoder.total_bytes() * copies,
    })
}

pub(super) fn decode(bytes: &[u8], format: ImageFormat, decoded_bytes: u64) -> Result<Decoded, PictureError> {
    let mut decoder = open(bytes, format, decoded_bytes + WORKSPACE_BYTES)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let pixels = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    Ok(Decoded { pixels, orientation })
}

/// A decoder that has read the header and will allocate at most `max_bytes` (WebP keeps no such promise, hence
/// [`has_larger_frame`]).
fn open(bytes: &[u8], format: ImageFormat, max_bytes: u64) -> Result<impl ImageDecoder, PictureError> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(max_bytes);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader.into_decoder().map_err(refusal)
}

/// Whether any VP8 frame is larger than the canvas that the header speaks of. `image-webp` allocates by the frame
/// before it compares the two. All occurrences are read, wherever they stand, so that no way of laying out chunks
/// hides one from us and not from the decoder.
fn has_larger_frame(bytes: &[u8], width: u32, height: u32) -> bool {
    // Four bytes of name, four of length, three of frame tag, the start code, then width and height in 14 bits each.
    bytes
        .windows(18)
        .filter(|chunk| chunk.starts_with(b"VP8 ") && chunk[11..14] == [0x9d, 0x01, 0x2a])
        .any(|chunk| {
            let side = |at: usize| u32::from(u16::from_le_bytes([chunk[at], chunk[at + 1]]) & 0x3fff);
            side(14) > width || side(16) > height
        })
}

fn refusal(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooLarge,
        ImageError::Unsupported(_) => PictureError::Unsupported,
        _ => PictureError::Broken,
    }
}
