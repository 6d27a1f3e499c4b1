//! Helpers that make the pictures for the tests.

use image::codecs::gif::GifEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

pub(super) const RED: [u8; 3] = [220, 30, 30];
pub(super) const GREEN: [u8; 3] = [30, 180, 40];
pub(super) const BLUE: [u8; 3] = [30, 60, 220];
pub(super) const YELLOW: [u8; 3] = [240, 220, 40];

pub(super) const PLACE: &[u8] = b"52 deg 5' 36.00\" N";

/// A picture that is red and green above, and blue and yellow below.
pub(super) fn four_corners(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => YELLOW,
        })
    })
}

pub(super) fn noise(width: u32, height: u32) -> RgbImage {
    let mut random = Xorshift(7);
    RgbImage::from_fn(width, height, |_, _| {
        Rgb(std::array::from_fn(|_| random.below(256) as u8))
    })
}

/// The picture that a camera stores so that `orientation` turns it into `upright`. TIFF 6.0, tag 274, defines the
/// orientation by where row 0 and column 0 of the stored picture appear.
pub(super) fn as_stored(upright: &RgbImage, orientation: u8) -> RgbImage {
    let (width, height) = upright.dimensions();
    let (columns, rows) = if orientation < 5 {
        (width, height)
    } else {
        (height, width)
    };
    RgbImage::from_fn(columns, rows, |column, row| {
        let (x, y) = match orientation {
            1 => (column, row),
            2 => (width - 1 - column, row),
            3 => (width - 1 - column, height - 1 - row),
            4 => (column, height - 1 - row),
            5 => (row, column),
            6 => (width - 1 - row, column),
            7 => (width - 1 - row, height - 1 - column),
            _ => (row, height - 1 - column),
        };
        *upright.get_pixel(x, y)
    })
}

/// A TIFF block with an orientation, followed by the location at which the photo was taken.
pub(super) fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    tiff.extend(PLACE);
    tiff
}

pub(super) fn jpeg_of(image: &RgbImage, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 90);
    set(&mut encoder);
    encoder
        .encode(
            image.as_raw(),
            image.width() as u16,
            image.height() as u16,
            ColorType::Rgb,
        )
        .unwrap();
    file
}

pub(super) fn encoded_jpeg(samples: &[u8], width: u16, height: u16, kind: ColorType) -> Vec<u8> {
    let mut file = Vec::new();
    Encoder::new(&mut file, 95)
        .encode(samples, width, height, kind)
        .unwrap();
    file
}

pub(super) fn webp_of(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let mut file = Vec::new();
    WebPEncoder::new_lossless(&mut file)
        .encode(picture.as_raw(), width, height, ExtendedColorType::Rgb8)
        .unwrap();
    file
}

pub(super) fn png_of(image: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = image.dimensions();
    PngEncoder::new(&mut file)
        .write_image(image.as_raw(), width, height, ExtendedColorType::Rgb8)
        .unwrap();
    file
}

pub(super) fn encoded_png(samples: &[u8], side: u32, kind: ExtendedColorType) -> Vec<u8> {
    let mut file = Vec::new();
    PngEncoder::new(&mut file)
        .write_image(samples, side, side, kind)
        .unwrap();
    file
}

pub(super) fn png_with_exif(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut file = png_of(image);
    file.splice(33..33, png_chunk(b"eXIf", &exif(orientation))); // after the signature and IHDR
    file
}

pub(super) fn gif_of(frames: &[&RgbImage]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    for frame in frames {
        let frame = DynamicImage::ImageRgb8((*frame).clone()).into_rgba8();
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    file
}

/// An RGB PNG with a valid header, whose pixels cannot be decoded.
pub(super) fn png_header(width: u32, height: u32, bytes: usize) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let ihdr = png_chunk(b"IHDR", &[&sides[..], &[8, 2, 0, 0, 0]].concat());
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &ihdr,
        &png_chunk(b"IDAT", &vec![0x55; bytes]),
        &png_chunk(b"IEND", &[]),
    ]
    .concat()
}

pub(super) fn png_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name, data].concat();
    [
        &(data.len() as u32).to_be_bytes()[..],
        &named,
        &crc32(&named).to_be_bytes(),
    ]
    .concat()
}

pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

/// A JPEG that ends after its frame header: three components, 4:4:4.
pub(super) fn jpeg_header(marker: u8, width: u16, height: u16) -> Vec<u8> {
    let ([h1, h0], [w1, w0]) = (height.to_be_bytes(), width.to_be_bytes());
    let frame = [
        0xff, marker, 0, 17, 8, h1, h0, w1, w0, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0,
    ];
    [&[0xff, 0xd8][..], &frame].concat()
}

pub(super) struct Xorshift(pub(super) u64);

impl Xorshift {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}
