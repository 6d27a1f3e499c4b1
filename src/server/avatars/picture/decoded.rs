//! What a decoder of any format hands over.

use image::RgbImage;
use image::metadata::Orientation;

/// Pixels as the file has them, or averages of them, and how to turn them.
pub(super) struct Decoded {
    pub pixels: RgbImage,
    pub orientation: Orientation,
}
