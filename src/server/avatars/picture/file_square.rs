//! Finds the square of a [`CropArea`] in the pixels of a file, which can be stored turned or mirrored. The code is pure.

use image::metadata::Orientation;

use super::measure::MIN_SIDE_PX;
use crate::model::crop_area::{CropArea, UNIT};

/// A square in the pixels of a file, inside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileSquare {
    pub left: u32,
    pub top: u32,
    pub side: u32,
}

impl FileSquare {
    /// The square of `area` in a file of `width` by `height` px that `orientation` turns upright.
    pub(super) fn of(area: CropArea, width: u32, height: u32, orientation: Orientation) -> Self {
        let stored = (f64::from(width), f64::from(height));
        let upright = match orientation.to_exif() {
            5..=8 => (stored.1, stored.0),
            _ => stored,
        };
        let mut size = match area.quarter_turns % 2 {
            0 => upright,
            _ => (upright.1, upright.0),
        };
        let part = |millionths: u32| f64::from(millionths) / f64::from(UNIT);
        let side = part(area.side) * size.0.min(size.1);
        let (mut x, mut y) = (
            part(area.left) * size.0 + side / 2.0,
            part(area.top) * size.1 + side / 2.0,
        );
        // A clockwise turn moves a point (x, y) of a photo of height h to (h - y, x). The new width is h.
        for _ in 0..area.quarter_turns {
            (x, y) = (y, size.0 - x);
            size = (size.1, size.0);
        }
        let (x, y) = in_file(x, y, size, orientation);
        Self::around(x, y, side, width, height)
    }

    /// The square with this side around the point (x, y), moved into the picture.
    fn around(x: f64, y: f64, side: f64, width: u32, height: u32) -> Self {
        let most = width.min(height);
        let side = (side.round() as u32).clamp(MIN_SIDE_PX.min(most), most);
        let begin =
            |centre: f64, length: u32| ((centre - f64::from(side) / 2.0).round().max(0.0) as u32).min(length - side);
        Self {
            left: begin(x, width),
            top: begin(y, height),
            side,
        }
    }

    /// The same part of the picture after the decoder has scaled it from `full` to `scaled`, each a width and a height.
    pub(super) fn scaled(self, full: (u32, u32), scaled: (u32, u32)) -> Self {
        let factor = f64::from(scaled.0) / f64::from(full.0.max(1));
        let half = f64::from(self.side) / 2.0;
        let centre = |begin: u32| (f64::from(begin) + half) * factor;
        Self::around(
            centre(self.left),
            centre(self.top),
            f64::from(self.side) * factor,
            scaled.0,
            scaled.1,
        )
    }
}

/// The point of the stored picture that `orientation` shows at (x, y) of the upright picture, whose size is `upright` (TIFF 6.0, tag
/// 274).
fn in_file(x: f64, y: f64, (width, height): (f64, f64), orientation: Orientation) -> (f64, f64) {
    match orientation.to_exif() {
        2 => (width - x, y),
        3 => (width - x, height - y),
        4 => (x, height - y),
        5 => (y, x),
        6 => (y, width - x),
        7 => (height - y, width - x),
        8 => (height - y, x),
        _ => (x, y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn area(left: u32, top: u32, side: u32, quarter_turns: u8) -> CropArea {
        CropArea {
            left,
            top,
            side,
            quarter_turns,
        }
    }

    #[test]
    fn the_square_is_found_in_a_turned_photo() {
        // The upper left quarter of what is seen, of a photo of 400 by 200 px.
        let of = |turns| FileSquare::of(area(0, 0, UNIT / 2, turns), 400, 200, Orientation::NoTransforms);
        let places = [0, 1, 2, 3]
            .map(of)
            .map(|square| (square.left, square.top, square.side));
        assert_eq!(places, [(0, 0, 100), (0, 100, 100), (300, 100, 100), (300, 0, 100)]);
    }

    #[test]
    fn the_square_is_found_in_every_orientation_of_a_file() {
        // 400 by 200 px upright; the square is 100 px to the right, at the upper edge.
        let places = (1..=8).map(|exif| {
            let (width, height) = if exif < 5 { (400, 200) } else { (200, 400) };
            let orientation = Orientation::from_exif(exif).expect("1 to 8");
            let square = FileSquare::of(area(UNIT / 4, 0, UNIT / 2, 0), width, height, orientation);
            (square.left, square.top)
        });
        let wanted = [
            (100, 0),
            (200, 0),
            (200, 100),
            (100, 100),
            (0, 100),
            (0, 200),
            (100, 200),
            (100, 100),
        ];
        assert_eq!(places.collect::<Vec<_>>(), wanted);
    }

    proptest! {
        #[test]
        fn the_square_is_always_inside_the_picture(
            (left, top, side, turns) in (0..UNIT, 0..UNIT, UNIT / 8..=UNIT, 0..4u8),
            (width, height) in (16..12_000u32, 16..12_000u32),
            exif in 1..=8u8,
            divisor in 1..=8u32,
        ) {
            let orientation = Orientation::from_exif(exif).expect("1 to 8");
            let square = FileSquare::of(area(left, top, side, turns), width, height, orientation);
            prop_assert!(square.side > 0 && square.left + square.side <= width && square.top + square.side <= height);
            let small = (width.div_ceil(divisor), height.div_ceil(divisor));
            let scaled = square.scaled((width, height), small);
            prop_assert!(scaled.side > 0 && scaled.left + scaled.side <= small.0 && scaled.top + scaled.side <= small.1);
        }
    }
}
