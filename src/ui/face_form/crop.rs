//! A square crop of a photo, and the calculations for moving, zooming and rotating it within the photo's edges. The code is pure.

use crate::{
    browser::picture::Placement,
    model::crop_area::{CropArea, UNIT},
};

/// The largest zoom factor.
pub const ZOOM_MAX: f64 = 4.0;

/// A square part of a photo. All lengths are in pixels of the photo after its rotation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crop {
    /// The width of the whole photo.
    width: f64,
    /// The height of the whole photo.
    height: f64,
    /// The distance from the left edge of the photo to the centre of the square.
    centre_x: f64,
    centre_y: f64,
    zoom: f64,
    /// How many times the photo is turned clockwise by 90 degrees, 0 to 3.
    quarter_turns: u8,
}

impl Crop {
    /// The largest square in the middle of the photo.
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (f64::from(width), f64::from(height));
        Self {
            width,
            height,
            centre_x: width / 2.0,
            centre_y: height / 2.0,
            zoom: 1.0,
            quarter_turns: 0,
        }
    }

    pub fn zoom(&self) -> f64 {
        self.zoom
    }

    /// Moves the photo behind its frame by the distances `right` and `down`, in units of the frame's side. The photo stops at its
    /// edges, so that it always fills the frame.
    pub fn moved(self, right: f64, down: f64) -> Self {
        let side = self.side();
        Self {
            centre_x: self.centre_x - right * side,
            centre_y: self.centre_y - down * side,
            ..self
        }
        .within()
    }

    /// Sets the zoom to `zoom`, from 1 to [`ZOOM_MAX`]. The photo grows or shrinks around the middle of the frame, and always
    /// fills the frame.
    pub fn zoomed(self, zoom: f64) -> Self {
        self.zoomed_at(zoom, (0.5, 0.5))
    }

    /// Sets the zoom to `zoom`. The photo grows or shrinks around the point (`x`, `y`) of the frame, which is given as fractions
    /// of the frame's side, from the left and the upper edge.
    pub fn zoomed_at(self, zoom: f64, (x, y): (f64, f64)) -> Self {
        let zoom = if zoom.is_finite() {
            zoom.clamp(1.0, ZOOM_MAX)
        } else {
            self.zoom
        };
        let (before, zoomed) = (self.side(), Self { zoom, ..self });
        let grown = zoomed.side() - before;
        Self {
            centre_x: self.centre_x - (x - 0.5) * grown,
            centre_y: self.centre_y - (y - 0.5) * grown,
            ..zoomed
        }
        .within()
    }

    /// Rotates the photo by a quarter turn clockwise, around the middle of the frame.
    pub fn rotated(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
            centre_x: self.height - self.centre_y,
            centre_y: self.centre_x,
            quarter_turns: (self.quarter_turns + 1) % 4,
            ..self
        }
    }

    /// Where the photo is relative to the frame.
    pub fn placement(&self) -> Placement {
        let side = self.side();
        let (own_width, own_height) = match self.quarter_turns % 2 {
            0 => (self.width, self.height),
            _ => (self.height, self.width),
        };
        Placement {
            width: own_width / side,
            height: own_height / side,
            centre_x: 0.5 + (self.width / 2.0 - self.centre_x) / side,
            centre_y: 0.5 + (self.height / 2.0 - self.centre_y) / side,
            quarter_turns: self.quarter_turns,
        }
    }

    /// The square in the form in which the server gets it.
    pub fn area(&self) -> CropArea {
        let half = self.side() / 2.0;
        let millionths = |part: f64| (part * f64::from(UNIT)).round().clamp(0.0, f64::from(UNIT)) as u32;
        let begin = |centre: f64, length: f64| millionths((centre - half) / length).min(UNIT - 1);
        CropArea {
            left: begin(self.centre_x, self.width),
            top: begin(self.centre_y, self.height),
            side: millionths(1.0 / self.zoom),
            quarter_turns: self.quarter_turns,
        }
    }

    /// The side of the square, in pixels.
    fn side(&self) -> f64 {
        self.width.min(self.height) / self.zoom
    }

    fn within(self) -> Self {
        let half = self.side() / 2.0;
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
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum CropEdit {
        Move(f64, f64),
        Zoom(f64, f64, f64),
        Rotate,
    }

    fn edit() -> impl Strategy<Value = CropEdit> {
        let part = -2.0..2.0f64;
        prop_oneof![
            (part.clone(), part).prop_map(|(right, down)| CropEdit::Move(right, down)),
            (0.0..9.0f64, 0.0..1.0f64, 0.0..1.0f64).prop_map(|(zoom, x, y)| CropEdit::Zoom(zoom, x, y)),
            Just(CropEdit::Rotate),
        ]
    }

    proptest! {
        #[test]
        fn the_photo_always_fills_the_frame(width in 16..12_000u32, height in 16..12_000u32, edits in prop::collection::vec(edit(), 0..20)) {
            let mut crop = Crop::new(width, height);
            for edit in edits {
                crop = match edit {
                    CropEdit::Move(right, down) => crop.moved(right, down),
                    CropEdit::Zoom(zoom, x, y) => crop.zoomed_at(zoom, (x, y)),
                    CropEdit::Rotate => crop.rotated(),
                };
                let Placement { width, height, centre_x, centre_y, quarter_turns } = crop.placement();
                let (width, height) = if quarter_turns % 2 == 0 { (width, height) } else { (height, width) };
                for (size, centre) in [(width, centre_x), (height, centre_y)] {
                    prop_assert!(centre - size / 2.0 <= 1e-9 && centre + size / 2.0 >= 1.0 - 1e-9, "{crop:?}");
                }
                prop_assert!((1.0..=ZOOM_MAX).contains(&crop.zoom()));
                prop_assert_eq!(CropArea::parse(&crop.area().to_string()), Some(crop.area()));
            }
        }
    }

    #[test]
    fn the_first_crop_is_the_middle_of_the_photo() {
        let placement = Crop::new(400, 300).placement();
        assert!((placement.width - 4.0 / 3.0).abs() < 1e-9 && placement.height == 1.0);
        assert_eq!((placement.centre_x, placement.centre_y), (0.5, 0.5));
    }

    #[test]
    fn the_server_gets_the_square_in_millionths() {
        let texts = |crop: Crop| crop.area().to_string();
        assert_eq!(texts(Crop::new(400, 300)), "125000,0,1000000,0");
        assert_eq!(texts(Crop::new(400, 300).rotated()), "0,125000,1000000,1");
        assert_eq!(texts(Crop::new(400, 300).zoomed(2.0).moved(9.0, 9.0)), "0,0,500000,0");
    }

    #[test]
    fn zooming_keeps_the_point_under_the_pointer_in_place() {
        let crop = Crop::new(4_000, 4_000).zoomed(2.0);
        let seen = |crop: &Crop, x: f64| crop.centre_x + (x - 0.5) * crop.side();
        let closer = crop.zoomed_at(3.0, (0.2, 0.7));
        assert!((seen(&crop, 0.2) - seen(&closer, 0.2)).abs() < 1e-6);
        assert!((seen(&crop, 0.8) - seen(&closer, 0.8)).abs() > 100.0);
    }

    #[test]
    fn four_quarter_turns_change_nothing() {
        let crop = Crop::new(400, 300).zoomed(2.0).moved(0.2, -0.1);
        let rotated = crop.rotated();
        assert_eq!(rotated.placement().quarter_turns, 1);
        // The part of the photo to the right of the middle is below the middle after the turn.
        assert!((rotated.placement().centre_y - crop.placement().centre_x).abs() < 1e-9);
        assert_eq!(rotated.rotated().rotated().rotated(), crop);
    }
}
