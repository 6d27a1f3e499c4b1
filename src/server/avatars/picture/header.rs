//! Reads a picture's header and checks it against the limits, before anything is allocated or decoded.

use super::error::PictureError;
use super::format::Format;
use super::measure::{MAX_FILE_BYTES, Measure};
use crate::model::crop_area::CropArea;

/// The header of a picture that is within all limits.
pub(super) struct PictureHeader {
    pub format: Format,
    pub measure: Measure,
}

/// Reads the format and the size, and checks them against the limits. `area` is the part of the picture that will be decoded.
///
/// # Errors
/// `TooLarge`, `TooSmall`, `NotAPicture`, `Unsupported`; `Broken` if the header cannot be read.
pub(super) fn read(bytes: &[u8], area: Option<CropArea>) -> Result<PictureHeader, PictureError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(PictureError::TooLarge);
    }
    let format = Format::of(bytes)?;
    let measure = format.measure(bytes, area)?;
    measure.check()?;
    Ok(PictureHeader { format, measure })
}
