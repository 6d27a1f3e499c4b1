//! Tests that pixels are averaged correctly while they are decoded.

use gif::{Encoder, Frame};
use image::RgbImage;

use super::super::box_filter::{BoxFilter, PAPER, PixelRow};
use super::super::png::{ONE_PASS, PASSES, rows};
use super::super::square;
use super::colours::*;
use super::fixtures::*;

fn box_filter(width: u32, height: u32, order: impl Iterator<Item = PixelRow>, picture: &RgbImage) -> RgbImage {
    let mut box_filter = BoxFilter::new(width, height);
    for row in order {
        let pixels = (row.first_x..width).step_by(row.step_x as usize);
        let samples: Vec<u8> = pixels.flat_map(|x| picture.get_pixel(x, row.y).0).collect();
        box_filter.add(row, &samples, 3);
    }
    box_filter.into_image().unwrap()
}

#[test]
fn interlaced_rows_give_the_same_result() {
    for (width, height) in [(1, 1), (3, 5), (5, 3), (33, 40), (1700, 1100)] {
        let picture = noise(width, height);
        let whole = box_filter(width, height, rows(&ONE_PASS, width, height), &picture);
        let interlaced = box_filter(width, height, rows(&PASSES, width, height), &picture);
        assert!(whole == interlaced, "{width} x {height}");
    }
}

#[test]
fn each_box_is_the_mean_of_its_pixels() {
    // The square has a side of 1,536 px: 512 boxes of 3 px. The pixels to its left and right do not count.
    let (width, height) = (1_600, 1_537);
    let picture = noise(width, height);
    let seen = box_filter(width, height, (0..height).map(PixelRow::whole), &picture);
    assert_eq!(seen.dimensions(), (512, 512));
    for (x, y) in [(0, 0), (511, 0), (0, 511), (511, 511), (300, 17)] {
        let pixels = (0..9).map(|i| picture.get_pixel(32 + 3 * x + i % 3, 3 * y + i / 3)[1]);
        let mean = (pixels.map(u32::from).sum::<u32>() as f32 / 9.0).round() as u8;
        assert_eq!(seen.get_pixel(x, y)[1], mean, "{x}, {y}");
    }
}

#[test]
fn the_sum_of_a_white_box_does_not_overflow() {
    let white = RgbImage::from_pixel(9_000, 8_200, image::Rgb([255; 3]));
    let seen = box_filter(9_000, 8_200, (0..8_200).map(PixelRow::whole), &white);
    assert_eq!(seen.dimensions(), (512, 512));
    assert!(seen.as_raw().iter().all(|sample| *sample == 255));
}

#[test]
fn a_gif_frame_that_covers_only_a_part_is_on_paper() {
    for interlaced in [false, true] {
        // The screen is 64 x 64. The frame covers the lower right quarter; its upper half is red, its lower half is transparent.
        let mut file = Vec::new();
        let palette = [RED, GREEN].concat();
        let mut encoder = Encoder::new(&mut file, 64, 64, &palette).unwrap();
        let indices: Vec<u8> = (0..32 * 32).map(|at| u8::from(at >= 32 * 16)).collect();
        let mut frame = Frame::from_indexed_pixels(32, 32, interleaved(&indices, interlaced), Some(1));
        (frame.left, frame.top, frame.interlaced) = (32, 32, interlaced);
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        let picture = square(&file).unwrap();
        for ((x, y), colour) in [
            ((64, 64), PAPER),
            ((192, 64), PAPER),
            ((64, 192), PAPER),
            ((192, 150), RED),
            ((192, 220), PAPER),
        ] {
            assert_near(pixel(&picture.large, x, y), colour);
        }
    }
}

/// Lines of 32 pixels, interlaced in the order of GIF89a, appendix E.
fn interleaved(indices: &[u8], interlaced: bool) -> Vec<u8> {
    if !interlaced {
        return indices.to_vec();
    }
    let order = [(0, 8), (4, 8), (2, 4), (1, 2)];
    let lines = order.into_iter().flat_map(|(first, step)| (first..32).step_by(step));
    lines.flat_map(|line| indices[32 * line..][..32].to_vec()).collect()
}
