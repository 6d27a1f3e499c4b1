//! Makes two small square JPEGs from a picture that somebody sends. The picture is hostile input, and no byte of it is
//! copied into the result.
//!
//! The functions here block and have no side effects. The caller provides a thread, a time limit and `catch_unwind`, and
//! processes one heavy picture ([`is_heavy`]) at a time. The steps are: magic bytes, header, decode, crop, resize, encode.

mod box_filter;
mod data_url;
mod decoded;
mod error;
mod file_square;
mod format;
mod gif;
mod header;
mod jpeg;
mod measure;
mod png;
mod sizes;
mod webp;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer, pixels::U8x3};
use image::imageops::{rotate90, rotate180, rotate270};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

pub use data_url::decode_data_url;
pub use error::PictureError;
pub use measure::MAX_FILE_BYTES;
pub use sizes::Picture;
use sizes::{LARGE_SIDE_PX, SMALL_SIDE_PX};

use crate::model::crop_area::CropArea;

/// The JPEG quality of the squares, from 1 to 100.
const QUALITY: u8 = 80;

/// A picture that somebody sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// The file.
    pub bytes: Vec<u8>,
    /// The part that the person has chosen. `None` for the square around the centre: the browser has cropped the photo, or knows no crop.
    pub area: Option<CropArea>,
}

impl Photo {
    /// The whole picture in a file.
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self { bytes, area: None }
    }

    /// Makes the two squares from the chosen part, as [`square`] does.
    ///
    /// # Errors
    /// As [`square`].
    pub fn square(&self) -> Result<Picture, PictureError> {
        square_of(&self.bytes, self.area)
    }

    /// Whether decoding needs more than 32 MiB, according to the header. False for a picture whose header is refused.
    pub fn is_heavy(&self) -> bool {
        header::read(&self.bytes, self.area).is_ok_and(|header| header.measure.is_heavy())
    }
}

/// Makes the two squares from a PNG, JPEG, WebP or GIF file: the first frame, turned upright and cropped around the
/// centre.
///
/// # Errors
/// All of [`PictureError`] except `MalformedDataUrl`. The size is checked before any pixel is decoded.
pub fn square(bytes: &[u8]) -> Result<Picture, PictureError> {
    square_of(bytes, None)
}

fn square_of(bytes: &[u8], area: Option<CropArea>) -> Result<Picture, PictureError> {
    let header = header::read(bytes, area)?;
    let decoded = header.format.decode(bytes, area)?;
    let stored = shrink(&decoded.pixels, LARGE_SIDE_PX)?;
    let large = turned(
        upright(stored, decoded.orientation),
        area.map_or(0, |area| area.quarter_turns),
    );
    let small = shrink(&large, SMALL_SIDE_PX)?;
    Ok(Picture {
        large: encode(&large)?,
        small: encode(&small)?,
    })
}

/// Whether decoding needs more than 32 MiB, according to the header. False for a picture whose header is refused.
pub fn is_heavy(bytes: &[u8]) -> bool {
    header::read(bytes, None).is_ok_and(|header| header.measure.is_heavy())
}

/// The square around the centre, scaled to `side` px. The result can be turned upright afterwards, because
/// turning keeps the centre.
fn shrink(pixels: &RgbImage, side: u32) -> Result<RgbImage, PictureError> {
    let from =
        TypedImageRef::<U8x3>::from_buffer(pixels.width(), pixels.height(), pixels).or(Err(PictureError::Broken))?;
    let mut square = RgbImage::new(side, side);
    let mut to = TypedImage::<U8x3>::from_buffer(side, side, &mut square).or(Err(PictureError::Broken))?;
    let lanczos = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .fit_into_destination(Some((0.5, 0.5)));
    // `resize` would put the code for every type of pixel into the program, which is 2 MB.
    Resizer::new()
        .resize_typed(&from, &mut to, &lanczos)
        .or(Err(PictureError::Broken))?;
    Ok(square)
}

fn upright(pixels: RgbImage, orientation: Orientation) -> RgbImage {
    let mut pixels = DynamicImage::from(pixels);
    pixels.apply_orientation(orientation);
    pixels.into_rgb8()
}

/// The picture after this many turns by 90 degrees clockwise.
fn turned(pixels: RgbImage, quarter_turns: u8) -> RgbImage {
    match quarter_turns {
        1 => rotate90(&pixels),
        2 => rotate180(&pixels),
        3 => rotate270(&pixels),
        _ => pixels,
    }
}

fn encode(pixels: &RgbImage) -> Result<Vec<u8>, PictureError> {
    let mut file = Vec::with_capacity(16 * 1024);
    // Optimised Huffman tables would make the file a tenth smaller. But the encoder would then write one scan for each
    // component, and not every reader supports that (zune-jpeg 0.5 shows such a picture in green).
    let encoder = Encoder::new(&mut file, QUALITY);
    // Both sides are 64 or 256, so they fit into 16 bits.
    let (width, height) = (pixels.width() as u16, pixels.height() as u16);
    encoder
        .encode(pixels, width, height, ColorType::Rgb)
        .or(Err(PictureError::Broken))?;
    Ok(file)
}

#[cfg(test)]
mod tests;
