//! What a picture's first bytes say, and whether it is worth decoding: nothing here allocates by what it reads.

use super::error::PictureError;
use super::format::Format;
use super::measure::{MAX_FILE_BYTES, Measure};

/// A picture within all limits.
pub(super) struct PictureHeader {
    pub format: Format,
    pub measure: Measure,
}

/// Reads format and measure, and checks them against the limits.
///
/// # Errors
/// `TooLarge`, `TooSmall`, `NotAPicture`, `Unsupported`; `Broken` if the header itself cannot be read.
pub(super) fn read(bytes: &[u8]) -> Result<PictureHeader, PictureError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(PictureError::TooLarge);
    }
    let format = Format::of(bytes)?;
    let measure = format.measure(bytes)?;
    measure.check()?;
    Ok(PictureHeader { format, measure })
}
