//! Tests with pictures as people send them.

use image::{ExtendedColorType, Rgb, RgbImage, Rgba, RgbaImage};
use jpeg_encoder::ColorType;

use super::super::box_filter::PAPER;
use super::super::{Photo, Picture, PictureError, square};
use super::colours::*;
use super::fixtures::*;
use crate::model::crop_area::CropArea;

#[test]
fn a_tall_picture_becomes_a_square() {
    // Only the middle 400 x 400 is green. If the picture were squeezed or cropped elsewhere, there would be red.
    let tall = RgbImage::from_fn(400, 8000, |_, y| {
        Rgb(if (3800..4200).contains(&y) { GREEN } else { RED })
    });
    for file in [jpeg_of(&tall, |_| ()), png_of(&tall)] {
        let picture = square(&file).unwrap();
        assert_sides(&picture);
        for (x, y) in [(8, 8), (247, 8), (8, 247), (247, 247), (128, 128)] {
            assert_near(pixel(&picture.large, x, y), GREEN);
        }
        assert_near(pixel(&picture.small, 60, 60), GREEN);
    }
}

#[test]
fn a_webp_is_decoded() {
    let file = webp_of(&four_corners(300, 200));
    assert_four_corners(&square(&file).unwrap());
    assert_broken_at_each_end(&file, (16..file.len()).step_by(97));
}

#[test]
fn a_png_and_the_first_frame_of_a_gif_are_decoded() {
    let upright = four_corners(320, 240);
    assert_four_corners(&square(&png_of(&upright)).unwrap());
    let red = RgbImage::from_pixel(320, 240, Rgb(RED));
    assert_four_corners(&square(&gif_of(&[&upright, &red])).unwrap());
}

#[test]
fn all_eight_exif_orientations_become_upright() {
    // This picture is large enough to be decoded at a reduced size, and it is not square.
    let upright = four_corners(1200, 800);
    for orientation in 1..=8 {
        let stored = as_stored(&upright, orientation);
        let file = jpeg_of(&stored, |encoder| {
            encoder.add_exif_metadata(&exif(orientation)).unwrap()
        });
        assert_four_corners(&square(&file).unwrap_or_else(|error| panic!("{orientation}: {error}")));
        assert_four_corners(&square(&png_with_exif(&stored, orientation)).unwrap());
    }
}

/// The squares of the part `area` of a file.
fn part_of(bytes: Vec<u8>, area: &str) -> Result<Picture, PictureError> {
    let area = Some(CropArea::parse(area).expect("an area"));
    Photo { bytes, area }.square()
}

#[track_caller]
fn assert_all(picture: &Picture, colour: [u8; 3]) {
    assert_sides(picture);
    for (x, y) in [(4, 4), (251, 4), (4, 251), (251, 251), (128, 128)] {
        assert_near(pixel(&picture.large, x, y), colour);
    }
}

#[test]
fn the_chosen_part_is_cropped_in_every_format_and_orientation() {
    // Each part is inside one corner of the upright photo, away from the edges of the colours.
    let corners = [
        ("50000,50000,300000,0", RED),
        ("600000,50000,300000,0", GREEN),
        ("50000,600000,300000,0", BLUE),
        ("600000,600000,300000,0", YELLOW),
    ];
    let upright = four_corners(600, 400);
    let mut files = vec![gif_of(&[&upright]), webp_of(&upright)];
    for orientation in 1..=8 {
        let stored = as_stored(&upright, orientation);
        let jpeg = jpeg_of(&stored, |encoder| {
            encoder.add_exif_metadata(&exif(orientation)).unwrap()
        });
        files.extend([jpeg, png_with_exif(&stored, orientation)]);
    }
    for file in files {
        for (area, colour) in corners {
            assert_all(&part_of(file.clone(), area).unwrap(), colour);
        }
    }
}

#[test]
fn the_chosen_part_is_turned() {
    let file = png_of(&four_corners(400, 400));
    // Seen from the upper left corner clockwise.
    for (turns, colours) in [
        (0, [RED, GREEN, YELLOW, BLUE]),
        (1, [BLUE, RED, GREEN, YELLOW]),
        (2, [YELLOW, BLUE, RED, GREEN]),
        (3, [GREEN, YELLOW, BLUE, RED]),
    ] {
        let picture = part_of(file.clone(), &format!("0,0,1000000,{turns}")).unwrap();
        let corners = [(64, 64), (192, 64), (192, 192), (64, 192)];
        for ((x, y), colour) in corners.into_iter().zip(colours) {
            assert_near(pixel(&picture.large, x, y), colour);
        }
    }
}

#[test]
fn a_small_part_of_a_large_photo_stays_sharp() {
    // Stripes of 8 px. At the scale for the whole photo, they would be grey.
    let striped = RgbImage::from_fn(4_000, 3_000, |x, _| Rgb([if x / 8 % 2 == 0 { 255 } else { 0 }; 3]));
    let picture = part_of(jpeg_of(&striped, |_| ()), "0,0,250000,0").unwrap();
    let row: Vec<u8> = (8..248).map(|x| pixel(&picture.large, x, 128)[0]).collect();
    let (dark, light) = (row.iter().min().unwrap(), row.iter().max().unwrap());
    assert!(*light > 200 && *dark < 55, "{dark} to {light}");
}

#[test]
fn an_invalid_orientation_is_ignored() {
    for orientation in [0, 9, 255] {
        let file = jpeg_of(&four_corners(320, 240), |encoder| {
            encoder.add_exif_metadata(&exif(orientation)).unwrap()
        });
        assert_four_corners(&square(&file).unwrap());
    }
}

#[test]
fn a_progressive_jpeg_is_decoded() {
    assert_four_corners(
        &square(&jpeg_of(&four_corners(1000, 700), |encoder| {
            encoder.set_progressive(true)
        }))
        .unwrap(),
    );
}

#[test]
fn jpegs_decoded_at_an_eighth_keep_their_colours() {
    // The decoder reduces pictures of at least 2,048 px to an eighth. The sides are not multiples of a block, and the chroma
    // has half the resolution.
    let photo = four_corners(2_068, 2_052);
    let settings: [fn(&mut jpeg_encoder::Encoder<&mut Vec<u8>>); 3] = [
        |_| (),
        |encoder| encoder.set_restart_interval(3),
        |encoder| encoder.set_progressive(true),
    ];
    for set in settings {
        let file = jpeg_of(&photo, |encoder| {
            encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
            set(encoder);
        });
        assert_four_corners(&square(&file).unwrap());
    }
    let grey = encoded_jpeg(&[90; 2_068 * 2_052], 2_068, 2_052, ColorType::Luma);
    assert_near(pixel(&square(&grey).unwrap().large, 100, 100), [90; 3]);
}

#[test]
fn grey_and_cmyk_jpegs_keep_their_colours() {
    let grey = encoded_jpeg(&[90; 600 * 400], 600, 400, ColorType::Luma);
    assert_near(pixel(&square(&grey).unwrap().large, 100, 100), [90; 3]);
    // No cyan, full magenta and yellow, a fifth of black: a dark red.
    let ink: Vec<u8> = [0, 255, 255, 51].repeat(600 * 400);
    for kind in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let file = encoded_jpeg(&ink, 600, 400, kind);
        assert_near(pixel(&square(&file).unwrap().large, 100, 100), [204, 0, 0]);
    }
}

#[test]
fn pngs_with_sixteen_bits_and_with_grey_and_alpha_are_decoded() {
    let deep: Vec<u8> = [0x8040_u16, 0x2020, 0xc0ff]
        .map(u16::to_ne_bytes)
        .concat()
        .repeat(64 * 64);
    assert_near(
        pixel(
            &square(&encoded_png(&deep, 64, ExtendedColorType::Rgb16)).unwrap().large,
            9,
            9,
        ),
        [128, 32, 193],
    );
    let grey_alpha = [100, 255].repeat(64 * 64);
    assert_near(
        pixel(
            &square(&encoded_png(&grey_alpha, 64, ExtendedColorType::La8))
                .unwrap()
                .large,
            9,
            9,
        ),
        [100; 3],
    );
}

#[test]
fn transparent_pixels_show_paper() {
    // The colour of a fully transparent pixel must not be visible. A half-transparent black pixel is half paper.
    let image = RgbaImage::from_fn(128, 128, |x, _| {
        Rgba(if x < 64 { [255, 0, 0, 0] } else { [0, 0, 0, 128] })
    });
    let picture = square(&encoded_png(image.as_raw(), 128, ExtendedColorType::Rgba8)).unwrap();
    assert_near(pixel(&picture.large, 40, 128), PAPER);
    assert_near(pixel(&picture.large, 216, 128), PAPER.map(|paper| paper / 2));
}

#[test]
fn sixteen_pixels_are_enough_and_fifteen_are_not() {
    let flat = |width, height| png_of(&RgbImage::from_pixel(width, height, Rgb(BLUE)));
    assert_sides(&square(&flat(16, 16)).unwrap());
    assert_sides(&square(&flat(16, 12_000)).unwrap());
    assert_eq!(square(&flat(15, 400)), Err(PictureError::TooSmall));
    assert_eq!(square(&flat(16, 12_001)), Err(PictureError::TooLarge));
}
