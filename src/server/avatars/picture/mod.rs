//! A picture that somebody sends is hostile input: what leaves here is two small JPEGs, every byte of them ours.
//!
//! Pure and blocking: the caller gives it a thread, a time limit, `catch_unwind`, and one turn at a time for what
//! [`is_heavy`]. Limits and order are those of the picture design: magic bytes, header, decode, crop, resize, encode.

mod box_filter;
mod data_url;
mod dc_only;
mod gif;
mod header;
mod jpeg;
mod png;
mod webp;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

pub use data_url::decode_data_url;

/// The most that a picture file may weigh.
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;
/// Above this a decode is heavy, and one runs at a time.
const HEAVY_BYTES: u64 = 32 * 1024 * 1024;
const LARGE_SIDE_PX: u32 = 256;
const SMALL_SIDE_PX: u32 = 64;
const QUALITY: u8 = 80;

/// One face in its two sizes, both square JPEGs without any metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// 256 px a side.
    pub large: Vec<u8>,
    /// 64 px a side.
    pub small: Vec<u8>,
}

/// Why a picture was refused, as a sentence for the person who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// More than 8 MiB, or more pixels than are worth decoding.
    #[error("This picture is too large. Choose one of at most 8 MB and 3,500 pixels a side, or make it smaller first.")]
    TooLarge,
    /// Its first bytes are those of no picture.
    #[error("This file is not a picture. Choose a JPEG, PNG, WebP or GIF.")]
    NotAPicture,
    /// A picture of a kind that we do not decode (SVG, HEIC, AVIF, TIFF, lossless JPEG).
    #[error("Pictures of this kind cannot be read here. Save it as JPEG, PNG, WebP or GIF and choose it again.")]
    Unsupported,
    /// Begins as a picture and cannot be decoded.
    #[error("This picture is damaged. Save it once more or choose another.")]
    Broken,
    /// A side is shorter than 16 px.
    #[error("This picture is too small. Choose one of at least 16 pixels a side.")]
    TooSmall,
    /// Not `data:image/(png|jpeg|webp|gif);base64,` with strict base64 behind it.
    #[error("The picture did not arrive whole. Choose it again.")]
    MalformedDataUrl,
}

impl PictureError {
    /// The HTTP status that tells the same to a program.
    pub fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::NotAPicture | Self::Unsupported => 415,
            Self::Broken | Self::TooSmall | Self::MalformedDataUrl => 422,
        }
    }
}

/// Makes the two squares from a PNG, JPEG, WebP or GIF file: upright, cut around its centre, first frame only.
///
/// # Errors
/// All of [`PictureError`] but `MalformedDataUrl`; all but `Broken` without decoding a pixel.
pub fn square(bytes: &[u8]) -> Result<Picture, PictureError> {
    let header = header::read(bytes)?;
    let decoded = match header.format {
        header::Format::Jpeg => jpeg::decode(bytes)?,
        header::Format::Png => png::decode(bytes)?,
        header::Format::Gif => gif::decode(bytes)?,
        header::Format::WebP => webp::decode(bytes)?,
    };
    let large = upright(shrink(&decoded.pixels, LARGE_SIDE_PX)?, decoded.orientation);
    let small = shrink(&large, SMALL_SIDE_PX)?;
    Ok(Picture {
        large: encode(&large)?,
        small: encode(&small)?,
    })
}

/// Whether decoding takes more than 32 MiB, told from the header alone. What [`square`] would refuse is not heavy.
pub fn is_heavy(bytes: &[u8]) -> bool {
    header::read(bytes).is_ok_and(|header| header.decoded_bytes > HEAVY_BYTES)
}

/// Pixels as they stand in the file, or averages of them, and how to turn them.
struct Decoded {
    pixels: RgbImage,
    orientation: Orientation,
}

/// The square around the centre, scaled to `side` px. Turning comes later: it keeps the centre where it is.
fn shrink(pixels: &RgbImage, side: u32) -> Result<RgbImage, PictureError> {
    let from = ImageRef::new(pixels.width(), pixels.height(), pixels, PixelType::U8x3).or(Err(PictureError::Broken))?;
    let mut to = Image::new(side, side, PixelType::U8x3);
    let lanczos = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .fit_into_destination(Some((0.5, 0.5)));
    Resizer::new()
        .resize(&from, &mut to, &lanczos)
        .or(Err(PictureError::Broken))?;
    RgbImage::from_raw(side, side, to.into_vec()).ok_or(PictureError::Broken)
}

fn upright(pixels: RgbImage, orientation: Orientation) -> RgbImage {
    let mut pixels = DynamicImage::from(pixels);
    pixels.apply_orientation(orientation);
    pixels.into_rgb8()
}

fn encode(pixels: &RgbImage) -> Result<Vec<u8>, PictureError> {
    let mut file = Vec::with_capacity(16 * 1024);
    // Optimised Huffman tables would save a tenth, but then the encoder writes a scan a component, and not every
    // reader takes that (zune-jpeg 0.5 shows it green).
    let encoder = Encoder::new(&mut file, QUALITY);
    // Both sides are 64 or 256.
    let (width, height) = (pixels.width() as u16, pixels.height() as u16);
    encoder
        .encode(pixels, width, height, ColorType::Rgb)
        .or(Err(PictureError::Broken))?;
    Ok(file)
}

#[cfg(test)]
mod tests;
