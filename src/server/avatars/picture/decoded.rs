//! The result of a decoder, the same for every format.

use image::RgbImage;
use image::metadata::Orientation;

/// The pixels in the orientation of the file, and how to turn them upright. The decoder may have shrunk the picture
/// already.
pub(super) struct Decoded {
    pub pixels: RgbImage,
    pub orientation: Orientation,
}
