//! Helpers that look at the resulting squares.

use std::io::Cursor;

use image::{ImageDecoder, ImageFormat, ImageReader, RgbImage};

use super::super::{Picture, PictureError, square};
use super::fixtures::{BLUE, GREEN, PLACE, RED, YELLOW};

pub(super) fn opened(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg)
        .unwrap()
        .into_rgb8()
}

pub(super) fn pixel(jpeg: &[u8], x: u32, y: u32) -> [u8; 3] {
    opened(jpeg).get_pixel(x, y).0
}

#[track_caller]
pub(super) fn assert_near(seen: [u8; 3], wanted: [u8; 3]) {
    let near = seen
        .iter()
        .zip(wanted)
        .all(|(seen, wanted)| seen.abs_diff(wanted) <= 12);
    assert!(near, "{seen:?} is not {wanted:?}");
}

/// Cuts the file off at each of these lengths.
#[track_caller]
pub(super) fn assert_broken_at_each_end(file: &[u8], ends: impl Iterator<Item = usize>) {
    for end in ends {
        let of = file.len();
        assert_eq!(square(&file[..end]), Err(PictureError::Broken), "at {end} of {of}");
    }
}

#[track_caller]
pub(super) fn assert_sides(picture: &Picture) {
    assert_eq!(opened(&picture.large).dimensions(), (256, 256));
    assert_eq!(opened(&picture.small).dimensions(), (64, 64));
}

#[track_caller]
pub(super) fn assert_four_corners(picture: &Picture) {
    assert_sides(picture);
    for (x, y, colour) in [(1, 1, RED), (3, 1, GREEN), (1, 3, BLUE), (3, 3, YELLOW)] {
        assert_near(pixel(&picture.large, x * 64, y * 64), colour);
        assert_near(pixel(&picture.small, x * 16, y * 16), colour);
    }
}

#[track_caller]
pub(super) fn assert_clean(picture: &Picture) {
    for file in [&picture.large, &picture.small] {
        assert!(!contains(file, PLACE) && !contains(file, b"Exif") && !contains(file, b"script"));
        assert!(file.ends_with(&[0xff, 0xd9]));
        let mut decoder = ImageReader::with_format(Cursor::new(file), ImageFormat::Jpeg)
            .into_decoder()
            .unwrap();
        assert_eq!(
            (decoder.exif_metadata().unwrap(), decoder.icc_profile().unwrap()),
            (None, None)
        );
    }
}

pub(super) fn contains(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}
