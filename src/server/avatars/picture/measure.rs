//! What a picture measures, and how much it may measure.

use super::error::PictureError;

/// The most that a picture file may weigh.
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;
const MIN_SIDE_PX: u32 = 16;
const MAX_SIDE_PX: u32 = 12_000;
/// The most that decoding may take.
pub(super) const MAX_DECODED_BYTES: u64 = 96 * 1024 * 1024;
/// Above this a decode is heavy, and one runs at a time.
const HEAVY_BYTES: u64 = 32 * 1024 * 1024;
/// What a decoder may take besides pixels: tables, a row or two, a chunk.
pub(super) const WORKSPACE_BYTES: usize = 8 * 1024 * 1024;

/// What a format's own header says, before any limit.
pub(super) struct Measure {
    pub width: u32,
    pub height: u32,
    /// What the pixels take when they are decoded, whether or not they ever lie in memory together.
    pub decoded_bytes: u64,
}

impl Measure {
    /// # Errors
    /// `TooSmall` or `TooLarge` if the picture is not worth decoding.
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
