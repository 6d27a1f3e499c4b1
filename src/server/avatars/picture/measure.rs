//! The size of a picture and of its pixels in memory, and the limits for both.

use super::error::PictureError;

/// The largest picture file that we accept.
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;
pub(super) const MIN_SIDE_PX: u32 = 16;
const MAX_SIDE_PX: u32 = 12_000;
/// The largest number of bytes that the decoded pixels of a picture may need.
pub(super) const MAX_DECODED_BYTES: u64 = 96 * 1024 * 1024;
/// A picture that needs more than this is heavy, and only one heavy picture is decoded at a time.
const HEAVY_BYTES: u64 = 32 * 1024 * 1024;
/// The memory that a decoder may use in addition to the pixels: for tables, a row or two, and a chunk.
pub(super) const WORKSPACE_BYTES: usize = 8 * 1024 * 1024;

/// What the header of a picture says, before it is checked against the limits.
pub(super) struct Measure {
    pub width: u32,
    pub height: u32,
    /// The size of the decoded pixels, even if they are never all in memory at the same time.
    pub decoded_bytes: u64,
}

impl Measure {
    /// Checks the picture against the limits.
    ///
    /// # Errors
    /// `TooSmall` or `TooLarge`.
    pub(super) fn check(&self) -> Result<(), PictureError> {
        if self.width.min(self.height) < MIN_SIDE_PX {
            return Err(PictureError::TooSmall);
        }
        if self.width.max(self.height) > MAX_SIDE_PX || self.decoded_bytes > MAX_DECODED_BYTES {
            return Err(PictureError::TooLarge);
        }
        Ok(())
    }

    pub(super) fn is_heavy(&self) -> bool {
        self.decoded_bytes > HEAVY_BYTES
    }
}
