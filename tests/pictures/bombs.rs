//! Makes hostile pictures: small files that inflate to large ones, headers that lie, and files of two types at once.

use super::{
    fixtures::{four_corners, png_chunk},
    jpeg, riff,
};
use image::{DynamicImage, Frame, GrayImage, ImageFormat, Rgb, RgbImage, codecs::gif::GifEncoder};
use std::io::Cursor;

/// Random pixels, which no encoder can compress well.
pub fn grain(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |_, _| {
        // Xorshift (Marsaglia 2003).
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [a, b, c, _] = state.to_le_bytes();
        Rgb([a, b, c])
    })
}

pub fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    write(image.into(), ImageFormat::Png)
}

pub fn gif(frames: &[&RgbImage]) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = GifEncoder::new_with_speed(&mut file, 30);
    for frame in frames {
        let frame = DynamicImage::ImageRgb8((*frame).clone()).into_rgba8();
        encoder.encode_frame(Frame::new(frame)).expect("a frame");
    }
    drop(encoder);
    file
}

fn write(image: DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(vec![]);
    image.write_to(&mut file, format).expect("a picture");
    file.into_inner()
}

/// A black PNG of 9,000 by 9,000 px in 236 kB, which is as small as deflate can make it.
pub fn png_bomb() -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = png::Encoder::new(&mut file, 9_000, 9_000);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_deflate_compression(png::DeflateCompression::Level(9));
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&vec![0; 9_000 * 9_000 * 3]).expect("a picture");
    writer.finish().expect("an end");
    file
}

/// The largest PNG whose header is accepted, all black: 96 MiB of pixels in a small file.
pub fn largest_png() -> Vec<u8> {
    png(RgbImage::new(5_792, 5_792))
}

/// A small PNG with a compressed chunk before its pixels. The chunk inflates to `mebibytes` MiB.
pub fn png_with_bomb_in(name: &[u8; 4], start: &[u8], mebibytes: u32) -> Vec<u8> {
    let zeros = png(GrayImage::new(1_024, mebibytes * 1_024));
    let data = &zeros[position(&zeros, b"IDAT") + 4..];
    let length = u32::from_be_bytes(zeros[position(&zeros, b"IDAT") - 4..][..4].try_into().expect("four"));
    let bomb = [start, &data[..length as usize]].concat();
    insert_chunk(&png(four_corners(64, 64)), name, &bomb)
}

/// An animated PNG whose two frames are the same picture (PNG third edition, section 11.3.6).
pub fn apng(frame: &RgbImage) -> Vec<u8> {
    let (width, height) = frame.dimensions();
    let control = |number: u32| {
        let sides = [width, height, 0, 0].map(u32::to_be_bytes).concat();
        [&number.to_be_bytes()[..], &sides, &[0, 1, 0, 10, 0, 0]].concat()
    };
    let mut file = png(frame.clone());
    let still = file.clone();
    let at = position(&still, b"IDAT");
    let length = u32::from_be_bytes(still[at - 4..at].try_into().expect("four")) as usize;
    let pixels = [&2_u32.to_be_bytes()[..], &still[at + 4..][..length]].concat();
    let end = file.len() - 12;
    let behind = [png_chunk(b"fcTL", &control(1)), png_chunk(b"fdAT", &pixels)].concat();
    file.splice(end..end, behind);
    let file = insert_chunk(&file, b"fcTL", &control(0));
    insert_chunk(&file, b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0])
}

/// Returns `png` with an additional chunk after its header.
pub fn insert_chunk(png: &[u8], name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    // The signature and IHDR have 33 bytes.
    [&png[..33], &png_chunk(name, data), &png[33..]].concat()
}

/// Files that are a picture and also something else.
pub fn polyglots() -> Vec<(&'static str, Vec<u8>)> {
    let photo = four_corners(96, 96);
    let (jpeg, png, gif) = (jpeg::encode(&photo, |_| ()), png(photo.clone()), gif(&[&photo]));
    let zip = b"PK\x03\x04\x14\0\0\0\0\0PK\x05\x06\0\0\0\0\x01\0\x01\0";
    let page = b"<html><script>alert(document.domain)</script>";
    let in_comment = |file: &[u8]| {
        let comment = [&[0xff, 0xfe, 0, page.len() as u8 + 2][..], page].concat();
        [&file[..2], &comment, &file[2..]].concat()
    };
    vec![
        ("jpeg and zip", [&jpeg[..], zip].concat()),
        ("png and zip", [&png[..], zip].concat()),
        ("gif and zip", [&gif[..], zip].concat()),
        ("jpeg and page", [&jpeg[..], page].concat()),
        ("jpeg with a page in its comment", in_comment(&jpeg)),
        (
            "png with a page in its text",
            insert_chunk(&png, b"tEXt", &[b"Title\0", &page[..]].concat()),
        ),
        ("gif and jpeg", [&gif[..], &jpeg[..]].concat()),
        ("png and png", [&png[..], &png[..]].concat()),
    ]
}

/// A GIF whose header claims the largest screen that the format allows.
pub fn gif_with_a_huge_screen() -> Vec<u8> {
    let mut file = gif(&[&four_corners(64, 64)]);
    file[6..10].copy_from_slice(&[0xff; 4]);
    file
}

/// A lossless WebP whose header claims more pixels than the file has.
pub fn lying_lossless_webp() -> Vec<u8> {
    let mut file = riff::encode(&four_corners(64, 64));
    // After the signature of VP8L there are 14 bits each for the width and the height, minus one.
    let at = position(&file, b"VP8L") + 9;
    let sides = (11_999_u32 | 2_000 << 14).to_le_bytes();
    file[at..at + 3].copy_from_slice(&sides[..3]);
    file[at + 3] = file[at + 3] & 0xf0 | sides[3] & 0x0f;
    file
}

/// The position of the first occurrence of a chunk's name.
pub fn position(file: &[u8], name: &[u8; 4]) -> usize {
    file.windows(4).position(|window| window == name).expect("a chunk")
}
