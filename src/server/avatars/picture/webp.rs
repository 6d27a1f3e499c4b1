//! Decodes WebP with the crate `image`, within limits that we set.

use std::io::Cursor;

use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, Limits};

use super::box_filter::{BoxFilter, PixelRow};
use super::decoded::Decoded;
use super::error::PictureError;
use super::measure::{MAX_DECODED_BYTES, Measure, WORKSPACE_BYTES};
use crate::model::crop_area::CropArea;

pub(super) fn measure(bytes: &[u8]) -> Result<Measure, PictureError> {
    let decoder = open(bytes)?;
    let (width, height) = decoder.dimensions();
    if has_larger_frame(bytes, width, height) {
        return Err(PictureError::Broken);
    }
    // While decoding, two buffers are in memory: the result, and either the planes of a lossy picture or all four samples of
    // each pixel of a lossless picture.
    let decoded_bytes = decoder.total_bytes() * 2;
    Ok(Measure {
        width,
        height,
        decoded_bytes,
    })
}

pub(super) fn decode(bytes: &[u8], area: Option<CropArea>) -> Result<Decoded, PictureError> {
    let mut decoder = open(bytes)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    let channels = usize::from(picture.color().channel_count());
    let mut box_filter = BoxFilter::over(area, picture.width(), picture.height(), orientation);
    let lines = picture.as_bytes().chunks_exact(picture.width() as usize * channels);
    for (y, line) in (0..).zip(lines) {
        box_filter.add(PixelRow::whole(y), line, channels);
    }
    Ok(Decoded {
        pixels: box_filter.into_image()?,
        orientation,
    })
}

/// A decoder that has read the header. The decoder does not apply its memory limit to lossy frames, so we also need
/// [`has_larger_frame`].
fn open(bytes: &[u8]) -> Result<WebPDecoder<Cursor<&[u8]>>, PictureError> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODED_BYTES + WORKSPACE_BYTES as u64);
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(refusal)?;
    decoder.set_limits(limits).map_err(refusal)?;
    Ok(decoder)
}

/// Whether any VP8 frame is larger than the canvas in the header. `image-webp` allocates memory for the frame before it
/// compares the frame with the canvas. We look for `VP8 ` at every position instead of following the chunks. So we find
/// every frame that the decoder finds, however the chunks are arranged.
fn has_larger_frame(bytes: &[u8], width: u32, height: u32) -> bool {
    // Four bytes of name, four of length, three of frame tag, three of start code, then 14 bits each for width and height.
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
