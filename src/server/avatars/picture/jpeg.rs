//! Decodes JPEG at a half, a quarter or an eighth of its size, if the result is still larger than the square we need.

use std::io::{self, Read};

use image::RgbImage;
use image::imageops::crop_imm;
use image::metadata::Orientation;
use jpeg_decoder::{CodingProcess, Decoder, Error, ImageInfo, PixelFormat};

use super::decoded::Decoded;
use super::error::PictureError;
use super::file_square::FileSquare;
use super::measure::{MAX_DECODED_BYTES, Measure};
use super::sizes::LARGE_SIDE_PX;
use crate::model::crop_area::{CropArea, UNIT};

/// The largest number of pixels that a JPEG may have. This matters for baseline files: we decode them row by row at their
/// reduced size, so their pixels take time but hardly any memory. [`MAX_DECODED_BYTES`] limits progressive files further.
const MAX_BASELINE_PIXELS: u64 = 50_000_000;
/// The largest number of scans that we read. Cameras and encoders write at most about a dozen. A scan of only twenty bytes makes the
/// decoder visit all blocks, so without this limit a file of 8 MiB could keep a core busy for hours.
const MAX_SCANS: u8 = 64;

pub(super) fn measure(bytes: &[u8], area: Option<CropArea>) -> Result<Measure, PictureError> {
    let opened = open_for(bytes, area)?;
    let (width, height) = (u32::from(opened.full.width), u32::from(opened.full.height));
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_BASELINE_PIXELS {
        return Err(PictureError::TooLarge);
    }
    Ok(Measure {
        width,
        height,
        decoded_bytes: opened.decoded_bytes(),
    })
}

pub(super) fn decode(bytes: &[u8], area: Option<CropArea>) -> Result<Decoded, PictureError> {
    let mut opened = open_for(bytes, area)?;
    let exif = opened.decoder.exif_data().and_then(Orientation::from_exif_chunk);
    let orientation = exif.unwrap_or(Orientation::NoTransforms);
    opened.decoder.set_max_decoding_buffer_size(MAX_DECODED_BYTES as usize);
    let samples = opened.decoder.decode().map_err(refusal)?;
    let (width, height) = (u32::from(opened.scaled_width), u32::from(opened.scaled_height));
    let pixels = match opened.full.pixel_format {
        PixelFormat::L8 => RgbImage::from_raw(width, height, samples.iter().flat_map(|l| [*l; 3]).collect()),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, samples),
        PixelFormat::CMYK32 => RgbImage::from_raw(width, height, rgb(&samples)),
        PixelFormat::L16 => return Err(PictureError::Unsupported),
    };
    let pixels = pixels.ok_or(PictureError::Broken)?;
    let Some(area) = area else {
        return Ok(Decoded { pixels, orientation });
    };
    let full = (u32::from(opened.full.width), u32::from(opened.full.height));
    let square = FileSquare::of(area, full.0, full.1, orientation).scaled(full, (width, height));
    let part = crop_imm(&pixels, square.left, square.top, square.side, square.side);
    Ok(Decoded {
        pixels: part.to_image(),
        orientation,
    })
}

/// A decoder that has read the frame header and will decode at the reduced size.
struct Opened<'a> {
    decoder: Decoder<FewScans<'a>>,
    full: ImageInfo,
    scaled_width: u16,
    scaled_height: u16,
}

impl Opened<'_> {
    /// A progressive file needs the coefficients of the whole picture, two bytes each. Any other file needs the reduced planes and an
    /// interleaved copy of them.
    fn decoded_bytes(&self) -> u64 {
        let held = match self.full.coding_process {
            CodingProcess::DctProgressive => u64::from(self.full.width) * u64::from(self.full.height),
            _ => u64::from(self.scaled_width) * u64::from(self.scaled_height),
        };
        held * self.full.pixel_format.pixel_bytes() as u64 * 2
    }
}

/// A decoder for the part `area`, which needs a larger scale than the whole picture. If the picture would be too large at that scale, the
/// part is less sharp.
fn open_for(bytes: &[u8], area: Option<CropArea>) -> Result<Opened<'_>, PictureError> {
    let side_px = area.map_or(LARGE_SIDE_PX, |area| LARGE_SIDE_PX * UNIT.div_ceil(area.side.max(1)));
    let opened = open(bytes, side_px)?;
    match side_px > LARGE_SIDE_PX && opened.decoded_bytes() > MAX_DECODED_BYTES {
        true => open(bytes, LARGE_SIDE_PX),
        false => Ok(opened),
    }
}

/// A decoder for a picture whose shorter side has at least `side_px`, if the file has that many.
fn open(bytes: &[u8], side_px: u32) -> Result<Opened<'_>, PictureError> {
    let mut decoder = Decoder::new(FewScans {
        bytes,
        last: 0,
        left: MAX_SCANS,
    });
    decoder.read_info().map_err(refusal)?;
    let full = decoder.info().ok_or(PictureError::Broken)?;
    if full.coding_process == CodingProcess::Lossless {
        return Err(PictureError::Unsupported);
    }
    let (want_width, want_height) = smallest_size(full.width, full.height, side_px);
    let (scaled_width, scaled_height) = decoder.scale(want_width, want_height).map_err(refusal)?;
    Ok(Opened {
        decoder,
        full,
        scaled_width,
        scaled_height,
    })
}

/// The size to ask the decoder for. It has the proportions of the picture, and its shorter side has `side_px`. The decoder takes the
/// smallest size at which at least one side is as long as asked, even if the other side is too short. So if we asked for 256 x 256, it
/// would reduce 400 x 8000 to 50 x 1000.
fn smallest_size(width: u16, height: u16, side_px: u32) -> (u16, u16) {
    let short = u32::from(width.min(height)).max(1);
    let scaled = |side: u16| (u32::from(side) * side_px).div_ceil(short).min(u32::from(side)) as u16;
    (scaled(width), scaled(height))
}

/// Converts CMYK to RGB. In the samples 0 means no ink, because the decoder has already undone Adobe's inversion.
fn rgb(cmyk: &[u8]) -> Vec<u8> {
    let light = |ink: u8, black: u8| (u16::from(255 - ink) * u16::from(255 - black) / 255) as u8;
    cmyk.as_chunks::<4>()
        .0
        .iter()
        .flat_map(|&[c, m, y, k]| [light(c, k), light(m, k), light(y, k)])
        .collect()
}

fn refusal(error: Error) -> PictureError {
    match error {
        Error::Unsupported(_) => PictureError::Unsupported,
        _ => PictureError::Broken,
    }
}

/// Reads the file, and fails if it has more than [`MAX_SCANS`] scans.
struct FewScans<'a> {
    bytes: &'a [u8],
    last: u8,
    left: u8,
}

impl FewScans<'_> {
    #[inline]
    fn see(&mut self, byte: u8) -> io::Result<()> {
        if self.last == 0xff && byte == 0xda {
            self.left = self
                .left
                .checked_sub(1)
                .ok_or_else(|| io::Error::other("too many scans"))?;
        }
        self.last = byte;
        Ok(())
    }
}

impl Read for FewScans<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        buffer[..count].iter().try_for_each(|byte| self.see(*byte))?;
        Ok(count)
    }

    /// The decoder reads nearly all of a file byte by byte, and the default implementation of `read_exact` took a third
    /// of the decoding time.
    #[inline]
    fn read_exact(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        if let ([place], [byte, rest @ ..]) = (&mut *buffer, self.bytes) {
            (*place, self.bytes) = (*byte, rest);
            return self.see(*byte);
        }
        self.bytes.read_exact(buffer)?;
        buffer.iter().try_for_each(|byte| self.see(*byte))
    }
}
