//! Photos that visitors send: valid ones of each kind, and hostile ones.

use base64::{Engine, prelude::BASE64_STANDARD};
use image::{DynamicImage, ImageFormat, RgbImage};
use std::io::Cursor;

/// A picture of colourful stripes, `width` by `height` pixels.
pub fn photo(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let stripes = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x * 7 % 256) as u8, (y * 3 % 256) as u8, 120])
    });
    let mut file = Cursor::new(vec![]);
    DynamicImage::ImageRgb8(stripes)
        .write_to(&mut file, format)
        .expect("a picture");
    file.into_inner()
}

/// A different PNG for each number.
pub fn photo_of(number: u32) -> Vec<u8> {
    let [_, red, green, blue] = number.to_be_bytes();
    let plain = RgbImage::from_pixel(
        16,
        16,
        image::Rgb([
            red.wrapping_mul(16) ^ blue.wrapping_mul(149),
            green.wrapping_mul(16) ^ blue.wrapping_mul(197),
            blue.wrapping_mul(97),
        ]),
    );
    let mut file = Cursor::new(vec![]);
    plain.write_to(&mut file, ImageFormat::Png).expect("a picture");
    file.into_inner()
}

/// The bytes as a data URL, as the page sends them: `data:image/png;base64,…`.
pub fn data_url(kind: &str, octets: &[u8]) -> String {
    format!("data:image/{kind};base64,{}", BASE64_STANDARD.encode(octets))
}

/// A small square PNG, ready to be sent.
pub fn small_photo() -> String {
    data_url("png", &photo(32, 32, ImageFormat::Png))
}

/// A small PNG whose header claims `width` by `height` pixels.
pub fn png_that_says(width: u32, height: u32) -> Vec<u8> {
    let mut png = photo(16, 16, ImageFormat::Png);
    // The file begins with: signature (8 octets), length (4), "IHDR" (4), width (4), height (4), five more octets, and the CRC
    // of type and data (4).
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

/// The file, extended to `size` bytes with pseudorandom bytes after its end.
pub fn padded(mut file: Vec<u8>, size: usize) -> Vec<u8> {
    let mut state = 1_u32;
    file.resize_with(size, || {
        // Xorshift (Marsaglia 2003).
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    });
    file
}

/// Width and height of a JPEG that was served.
pub fn size_of_jpeg(octets: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory_with_format(octets, ImageFormat::Jpeg).expect("a JPEG");
    (picture.width(), picture.height())
}

/// PNG's checksum (ISO 15948 annex D).
fn crc32(octets: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            0xedb8_8320 ^ (crc >> 1)
        } else {
            crc >> 1
        }
    };
    !octets
        .iter()
        .fold(!0, |crc, octet| (0..8).fold(crc ^ u32::from(*octet), step))
}
