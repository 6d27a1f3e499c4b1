//! Makes WebP files from RIFF chunks (RFC 9649), for example with a wrong size or with an animation.

use image::{ExtendedColorType, RgbImage, codecs::webp::WebPEncoder};

/// The picture `four_corners` with a little noise, 180 by 160 px. It was made with libwebp, because `image` cannot write lossy WebP.
pub const LOSSY: &[u8] = include_bytes!("lossy.webp");

/// A lossless WebP.
pub fn encode(image: &RgbImage) -> Vec<u8> {
    let mut file = vec![];
    WebPEncoder::new_lossless(&mut file)
        .encode(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8)
        .expect("a WebP");
    file
}

/// A canvas of 100 by 100 px with a lossy frame whose header claims `side` by `side` px.
pub fn lying(side: u16) -> Vec<u8> {
    let sides = [side, side].map(u16::to_le_bytes).concat();
    let frame = [&[0x10, 0, 0, 0x9d, 0x01, 0x2a][..], &sides, &[0x55; 40]].concat();
    file(&[extended(100, 100, 0), chunk(b"VP8 ", &frame)])
}

/// An animated WebP with these frames.
pub fn animated(frames: &[&RgbImage]) -> Vec<u8> {
    let (width, height) = frames[0].dimensions();
    let mut chunks = vec![extended(width, height, 2), chunk(b"ANIM", &[0; 6])];
    for frame in frames {
        // The frame's position, its size minus one, and its duration.
        let mut data = [0; 6].to_vec();
        data.extend(&(width - 1).to_le_bytes()[..3]);
        data.extend(&(height - 1).to_le_bytes()[..3]);
        data.extend([100, 0, 0, 0]);
        data.extend(&encode(frame)[12..]);
        chunks.push(chunk(b"ANMF", &data));
    }
    file(&chunks)
}

fn extended(width: u32, height: u32, flags: u8) -> Vec<u8> {
    let mut data = vec![flags, 0, 0, 0];
    data.extend(&(width - 1).to_le_bytes()[..3]);
    data.extend(&(height - 1).to_le_bytes()[..3]);
    chunk(b"VP8X", &data)
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let pad = vec![0; data.len() % 2];
    [&name[..], &(data.len() as u32).to_le_bytes(), data, &pad].concat()
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    let chunks = chunks.concat();
    let size = (chunks.len() + 4) as u32;
    [&b"RIFF"[..], &size.to_le_bytes(), b"WEBP", &chunks].concat()
}
