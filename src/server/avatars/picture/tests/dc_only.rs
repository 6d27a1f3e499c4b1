//! Files of which only the means are decoded.

use image::RgbImage;
use jpeg_decoder::{Decoder, PixelFormat};
use jpeg_encoder::SamplingFactor;

use super::super::dc_only::decode_dc_only;
use super::fixtures::*;

type EncoderSetting = fn(&mut jpeg_encoder::Encoder<&mut Vec<u8>>);

/// As cameras write it, a scan a component, and progressive.
const KINDS: [EncoderSetting; 3] = [
    |_| (),
    |encoder| encoder.set_optimized_huffman_tables(true),
    |encoder| encoder.set_progressive(true),
];

/// What the library makes of it at an eighth of its size.
fn decoded(file: &[u8]) -> RgbImage {
    let mut decoder = Decoder::new(file);
    decoder.read_info().unwrap();
    let full = decoder.info().unwrap();
    let (width, height) = decoder.scale(full.width.div_ceil(8), full.height.div_ceil(8)).unwrap();
    let mut samples = decoder.decode().unwrap();
    if full.pixel_format == PixelFormat::L8 {
        samples = samples.iter().flat_map(|level| [*level; 3]).collect();
    }
    RgbImage::from_raw(width.into(), height.into(), samples).unwrap()
}

/// Colours that change slowly, and a little noise.
fn scenery(width: u32, height: u32) -> RgbImage {
    let mut grain = noise(width, height);
    for (x, y, pixel) in grain.enumerate_pixels_mut() {
        let slow = [x * 160 / width, y * 160 / height, (x + y) * 160 / (width + height)];
        pixel.0 = std::array::from_fn(|i| slow[i] as u8 + pixel.0[i] / 3);
    }
    grain
}

#[track_caller]
fn assert_alike(file: &[u8], tolerance: u8) {
    let (ours, theirs) = (decode_dc_only(file, 64).unwrap(), decoded(file));
    assert_eq!(ours.dimensions(), theirs.dimensions());
    let pairs = ours.as_raw().iter().zip(theirs.as_raw());
    let worst = pairs.map(|(ours, theirs)| ours.abs_diff(*theirs)).max();
    assert!(worst.unwrap() <= tolerance, "{worst:?}");
}

#[test]
fn dc_coefficients_are_those_of_the_library() {
    // Sides that are whole blocks, and sides that are not.
    for (width, height) in [(640, 480), (641, 487), (9, 8), (1000, 33)] {
        let picture = scenery(width, height);
        for kind in KINDS {
            let file = |factor: SamplingFactor| {
                jpeg_of(&picture, |encoder| {
                    kind(encoder);
                    encoder.set_sampling_factor(factor);
                })
            };
            // The library rounds each mean down, which the colours add up.
            assert_alike(&file(SamplingFactor::F_1_1), 3);
            // The two differ in how they make two pixels of one colour.
            assert_alike(&file(SamplingFactor::F_2_2), 20);
            assert_alike(&file(SamplingFactor::F_2_1), 20);
        }
    }
}

#[test]
fn restarts_and_grey_are_read() {
    let picture = scenery(320, 200);
    let grey: Vec<u8> = picture.pixels().map(|pixel| pixel.0[0]).collect();
    // Not where the encoder chooses its own tables: it forgets that means begin anew at a restart.
    for kind in [KINDS[0], KINDS[2]] {
        for interval in [1, 7, 40] {
            let file = jpeg_of(&picture, |encoder| {
                kind(encoder);
                encoder.set_sampling_factor(SamplingFactor::F_1_1);
                encoder.set_restart_interval(interval);
            });
            assert_alike(&file, 3);
        }
    }
    for kind in KINDS {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
        kind(&mut encoder);
        encoder.encode(&grey, 320, 200, jpeg_encoder::ColorType::Luma).unwrap();
        assert_alike(&file, 1);
    }
}

#[test]
fn dc_coefficients_that_come_bit_by_bit_are_read() {
    // As libjpeg writes it: means of all components in one scan, less their lowest bit, and that in another.
    let file = include_bytes!("../../../../../fuzz/seeds/picture/eighth-progressive.jpg");
    assert_alike(file, 20);
}

#[test]
fn rare_and_long_codes_are_read() {
    // Noise at the best quality has numbers of every size.
    let mut file = Vec::new();
    let picture = noise(320, 200);
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 100);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder
        .encode(picture.as_raw(), 320, 200, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    assert_alike(&file, 3);
}

#[test]
fn what_is_put_together_otherwise_is_left_alone() {
    for kind in KINDS {
        let file = jpeg_of(&four_corners(64, 48), kind);
        assert!(decode_dc_only(&file, 64).is_some());
        for end in 0..file.len() - 1 {
            assert!(decode_dc_only(&file[..end], 64).is_none(), "{end}");
        }
        assert!(decode_dc_only(&[&file[..2], b"garbage", &file[2..]].concat(), 64).is_none());
        let scans = file.windows(2).filter(|marker| *marker == [0xff, 0xda]).count() as u8;
        assert!(
            decode_dc_only(&file, scans).is_some() && decode_dc_only(&file, scans - 1).is_none(),
            "{scans} scans"
        );
    }
    let file = jpeg_of(&four_corners(64, 48), |_| ());
    let scan = file.windows(2).position(|marker| marker == [0xff, 0xda]).unwrap();
    let twice = [&file[..file.len() - 2], &file[scan..]].concat();
    assert!(decode_dc_only(&twice, 64).is_none(), "two scans of the same");
    for table in [0x00, 0x10, 0x01, 0x11] {
        let mut without = file.clone();
        let is_it = |bytes: &[u8]| matches!(*bytes, [0xff, 0xc4, _, _, kind] if kind == table);
        let at = without.windows(5).position(is_it).unwrap();
        // Now it is one that no component asks for.
        without[at + 4] = table | 0x03;
        assert!(decode_dc_only(&without, 64).is_none(), "no table {table:#x}");
    }
}

#[test]
fn tables_are_few_and_of_the_right_size() {
    let file = jpeg_of(&four_corners(64, 48), |encoder| encoder.set_progressive(true));
    let table = |counts: [u8; 16], symbols: usize| {
        let length = (2 + 1 + 16 + symbols) as u16;
        let head = [&[0xff, 0xc4][..], &length.to_be_bytes(), &[0x03], &counts].concat();
        [head, vec![0; symbols]].concat()
    };
    let with = |tables: Vec<u8>| [&file[..2], &tables, &file[2..]].concat();
    let one = |at: usize, count: u8| std::array::from_fn(|bits| if bits == at { count } else { 0 });
    assert!(decode_dc_only(&with(table(one(7, 1), 1)), 64).is_some());
    assert!(decode_dc_only(&with(table([0; 16], 0)), 64).is_none(), "no symbol");
    assert!(
        decode_dc_only(&with(table(one(0, 3), 3)), 64).is_none(),
        "three codes of one bit"
    );
    assert!(decode_dc_only(&with(table([200; 16], 3_200)), 64).is_none(), "too many");
    assert!(
        decode_dc_only(&with(table(one(7, 1), 1).repeat(100)), 64).is_none(),
        "a hundred tables"
    );
}

#[test]
fn flipped_bytes_do_not_panic() {
    for kind in KINDS {
        let file = jpeg_of(&scenery(96, 64), kind);
        let mut random = Xorshift(11);
        for _ in 0..20_000 {
            let mut damaged = file.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(damaged.len());
                damaged[at] = random.below(256) as u8;
            }
            let _ = decode_dc_only(&damaged, 64);
        }
    }
}
