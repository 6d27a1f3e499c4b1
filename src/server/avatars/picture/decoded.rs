//! The result of a decoder, the same for every format.

use image::RgbImage;
use image::metadata::Orientation;

/// The pixels in the orientation of the file, perhaps already averaged, and how to turn them upright.
pub(super) struct Decoded {
    pub pixels: RgbImage,
    pub orientation: Orientation,
}
