//! Decodes PNG row by row. The box filter shrinks each row as soon as it is decoded, so the whole process needs only 7 MB for a
//! PNG of 33 megapixels.

use std::io::Cursor;

use ::png::{BitDepth, Decoder, DecodingError, Limits, Reader, Transformations};
use image::metadata::Orientation;

use super::box_filter::{BoxFilter, PixelRow};
use super::decoded::Decoded;
use super::error::PictureError;
use super::measure::{Measure, WORKSPACE_BYTES};
use crate::model::crop_area::CropArea;

/// The seven passes of Adam7 interlacing (PNG third edition, section 8.1). Each pass has its first column, column step,
/// first row and row step.
pub(super) const PASSES: [[u32; 4]; 7] = [
    [0, 8, 0, 8],
    [4, 8, 0, 8],
    [0, 4, 4, 8],
    [2, 4, 0, 4],
    [0, 2, 2, 4],
    [1, 2, 0, 2],
    [0, 1, 1, 2],
];
pub(super) const ONE_PASS: [[u32; 4]; 1] = [[0, 1, 0, 1]];

pub(super) fn measure(bytes: &[u8]) -> Result<Measure, PictureError> {
    let reader = open(bytes)?;
    let (width, height) = reader.info().size();
    let sample_bytes = if reader.info().bit_depth == BitDepth::Sixteen {
        2
    } else {
        1
    };
    Ok(Measure {
        width,
        height,
        decoded_bytes: u64::from(width) * u64::from(height) * channels(&reader) as u64 * sample_bytes,
    })
}

pub(super) fn decode(bytes: &[u8], area: Option<CropArea>) -> Result<Decoded, PictureError> {
    let mut reader = open(bytes)?;
    let (width, height) = reader.info().size();
    let exif = reader.info().exif_metadata.as_deref();
    let orientation = exif
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms);
    let channels = channels(&reader);
    let passes = if reader.info().interlaced {
        &PASSES[..]
    } else {
        &ONE_PASS
    };
    let mut box_filter = BoxFilter::over(area, width, height, orientation);
    for row in rows(passes, width, height) {
        let samples = reader.next_row().map_err(refusal)?.ok_or(PictureError::Broken)?;
        box_filter.add(row, samples.data(), channels);
    }
    // Read on to the end, because a checksum follows the last row.
    reader.next_row().map_err(refusal)?;
    Ok(Decoded {
        pixels: box_filter.into_image()?,
        orientation,
    })
}

/// A reader that has read all chunks before the pixels, and that will give samples of 8 bits without a palette.
fn open(bytes: &[u8]) -> Result<Reader<Cursor<&[u8]>>, PictureError> {
    let limits = Limits { bytes: WORKSPACE_BYTES };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    // We use neither text nor colour profiles, and a few kilobytes of them can inflate to hundreds of megabytes.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.read_info().map_err(refusal)
}

fn channels(reader: &Reader<Cursor<&[u8]>>) -> usize {
    reader.output_color_type().0.samples()
}

pub(super) fn rows(passes: &[[u32; 4]], width: u32, height: u32) -> impl Iterator<Item = PixelRow> {
    let passes = passes.iter().filter(move |[first_x, ..]| *first_x < width);
    passes.flat_map(move |&[first_x, step_x, first_y, step_y]| {
        (first_y..height)
            .step_by(step_y as usize)
            .map(move |y| PixelRow { y, first_x, step_x })
    })
}

fn refusal(error: DecodingError) -> PictureError {
    match error {
        DecodingError::LimitsExceeded => PictureError::TooLarge,
        _ => PictureError::Broken,
    }
}
