//! A photo to send.

use base64::{Engine, prelude::BASE64_STANDARD};
use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

/// A small PNG.
pub fn png() -> Vec<u8> {
    let pixels = RgbImage::from_fn(96, 96, |x, y| Rgb([(x * 2) as u8, (y * 2) as u8, 120]));
    let mut file = Cursor::new(Vec::new());
    pixels.write_to(&mut file, ImageFormat::Png).expect("a PNG");
    file.into_inner()
}

/// The same photo as a data URL, as the page sends it.
pub fn data_url() -> String {
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png()))
}
