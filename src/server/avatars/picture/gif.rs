//! Decodes the first frame of a GIF. In memory, the frame consists of palette indices, one byte for each pixel.

use ::gif::{DecodeOptions, Decoder, DecodingError};
use image::metadata::Orientation;

use super::box_filter::{BoxFilter, PAPER, PixelRow};
use super::decoded::Decoded;
use super::error::PictureError;
use super::measure::{MAX_DECODED_BYTES, Measure};
use crate::model::crop_area::CropArea;

pub(super) fn measure(bytes: &[u8]) -> Result<Measure, PictureError> {
    let decoder = open(bytes)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    Ok(Measure {
        width,
        height,
        decoded_bytes: rgba_bytes(width, height),
    })
}

pub(super) fn decode(bytes: &[u8], area: Option<CropArea>) -> Result<Decoded, PictureError> {
    let mut decoder = open(bytes)?;
    let frame = decoder
        .next_frame_info()
        .map_err(refusal)?
        .ok_or(PictureError::Broken)?;
    let rect = FrameRect {
        left: usize::from(frame.left),
        top: usize::from(frame.top),
        width: usize::from(frame.width),
    };
    let transparent = frame.transparent;
    if rgba_bytes(u32::from(frame.width), u32::from(frame.height)) > MAX_DECODED_BYTES {
        return Err(PictureError::TooLarge);
    }
    let mut indices = vec![0; decoder.buffer_size()];
    decoder.read_into_buffer(&mut indices).map_err(refusal)?;
    let palette = decoder.palette().map_err(refusal)?.as_chunks::<3>().0;
    let colours: Vec<[u8; 3]> = (0..=u8::MAX)
        .map(|index| match palette.get(usize::from(index)) {
            Some(colour) if transparent != Some(index) => *colour,
            _ => PAPER,
        })
        .collect();
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    let orientation = Orientation::NoTransforms;
    let box_filter = BoxFilter::over(area, width, height, orientation);
    Ok(Decoded {
        pixels: on_screen(&indices, rect, &colours, (width, height), box_filter)?,
        orientation,
    })
}

/// Where a frame is on the GIF's screen.
#[derive(Clone, Copy)]
struct FrameRect {
    left: usize,
    top: usize,
    width: usize,
}

/// Draws the frame on the GIF's screen, which has `width` and `height`, through the box filter. The rest of the screen gets the colour
/// of paper.
fn on_screen(
    indices: &[u8],
    rect: FrameRect,
    colours: &[[u8; 3]],
    (width, height): (u32, u32),
    mut box_filter: BoxFilter,
) -> Result<image::RgbImage, PictureError> {
    let mut lines = indices.chunks_exact(rect.width.max(1));
    let mut pixels = vec![PAPER; width as usize];
    for y in 0..height {
        pixels.fill(PAPER);
        if y as usize >= rect.top
            && let Some(line) = lines.next()
        {
            let there = pixels.get_mut(rect.left..).unwrap_or_default();
            for (pixel, index) in there.iter_mut().zip(line) {
                *pixel = colours[usize::from(*index)];
            }
        }
        box_filter.add(PixelRow::whole(y), pixels.as_flattened(), 3);
    }
    box_filter.into_image()
}

fn open(bytes: &[u8]) -> Result<Decoder<&[u8]>, PictureError> {
    DecodeOptions::new().read_info(bytes).map_err(refusal)
}

/// The size as RGBA, which is the memory that browsers and editors need for a GIF. The limits count this size, although we need
/// only a quarter of it.
fn rgba_bytes(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height) * 4
}

fn refusal(error: DecodingError) -> PictureError {
    match error {
        DecodingError::MemoryLimit | DecodingError::OutOfMemory => PictureError::TooLarge,
        _ => PictureError::Broken,
    }
}
