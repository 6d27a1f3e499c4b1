//! A square crop of a photo, pure: what of it is taken, moved and zoomed within its edges.

/// The most that a photo is zoomed.
pub const ZOOM_MAX: f64 = 4.0;

/// A square of a photo of `width` by `height` pixels, around a centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crop {
    width: f64,
    height: f64,
    centre_x: f64,
    centre_y: f64,
    zoom: f64,
}

/// The square in the photo's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Square {
    pub left: f64,
    pub top: f64,
    pub side: f64,
}

impl Crop {
    /// The largest square around the middle.
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (f64::from(width), f64::from(height));
        Self {
            width,
            height,
            centre_x: width / 2.0,
            centre_y: height / 2.0,
            zoom: 1.0,
        }
    }

    pub fn zoom(&self) -> f64 {
        self.zoom
    }

    pub fn square(&self) -> Square {
        let side = self.width.min(self.height) / self.zoom;
        Square {
            left: self.centre_x - side / 2.0,
            top: self.centre_y - side / 2.0,
            side,
        }
    }

    /// Moved by parts of the shown square: 1.0 is its whole side. Never past an edge.
    pub fn moved(self, right: f64, down: f64) -> Self {
        let side = self.square().side;
        Self {
            centre_x: self.centre_x + right * side,
            centre_y: self.centre_y + down * side,
            ..self
        }
        .within()
    }

    /// Zoomed to `zoom`, 1 to [`ZOOM_MAX`], around the same centre as far as the edges allow.
    pub fn zoomed(self, zoom: f64) -> Self {
        Self {
            zoom: zoom.clamp(1.0, ZOOM_MAX),
            ..self
        }
        .within()
    }

    /// The photo's width, and its left and top edge, in percent of the frame that shows the square.
    pub fn in_frame(&self) -> (f64, f64, f64) {
        let Square { left, top, side } = self.square();
        (100.0 * self.width / side, -100.0 * left / side, -100.0 * top / side)
    }

    fn within(self) -> Self {
        let half = self.square().side / 2.0;
        Self {
            centre_x: self.centre_x.clamp(half, self.width - half),
            centre_y: self.centre_y.clamp(half, self.height - half),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crop_never_leaves_the_photo() {
        let mut crop = Crop::new(4_000, 3_000);
        for (right, down, zoom) in [
            (9.0, 9.0, 4.0),
            (-9.0, 0.3, 1.0),
            (0.2, -9.0, 2.5),
            (9.0, 0.0, 0.1),
            (0.0, 0.0, 99.0),
        ] {
            crop = crop.moved(right, down).zoomed(zoom);
            let Square { left, top, side } = crop.square();
            assert!(
                left >= 0.0 && top >= 0.0 && left + side <= 4_000.0 && top + side <= 3_000.0,
                "{crop:?}"
            );
            assert!((1.0..=ZOOM_MAX).contains(&crop.zoom()));
        }
    }

    #[test]
    fn the_first_crop_is_the_middle() {
        assert_eq!(
            Crop::new(400, 300).square(),
            Square {
                left: 50.0,
                top: 0.0,
                side: 300.0
            }
        );
        let (width, left, top) = Crop::new(400, 300).in_frame();
        assert!((width - 133.333).abs() < 0.01 && (left + 16.667).abs() < 0.01 && top == 0.0);
    }
}
