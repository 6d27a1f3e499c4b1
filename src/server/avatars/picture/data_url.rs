//! Decodes a picture that a page sends as a data URL. It accepts only `data:image/(png|jpeg|webp|gif);base64,` followed by
//! strict base64.

use base64_simd::STANDARD;

use super::error::PictureError;
use super::measure::MAX_FILE_BYTES;

/// The bytes of a data URL. The URL must claim one of the four types, but we do not use that claim: the first bytes of the
/// picture decide its type.
///
/// # Errors
/// `MalformedDataUrl` if the text is not exactly such a URL. `TooLarge` above 8 MiB, which is checked before decoding.
pub fn decode_data_url(text: &str) -> Result<Vec<u8>, PictureError> {
    let base64 = payload(text).ok_or(PictureError::MalformedDataUrl)?;
    if base64.len() > MAX_FILE_BYTES.div_ceil(3) * 4 {
        return Err(PictureError::TooLarge);
    }
    // We use `base64-simd`, because the crate `base64` took a tenth of the time of a whole PNG. Both are strict about
    // padding and unused bits.
    STANDARD.decode_to_vec(base64).or(Err(PictureError::MalformedDataUrl))
}

fn payload(text: &str) -> Option<&str> {
    let (kind, base64) = text.strip_prefix("data:image/")?.split_once(";base64,")?;
    (matches!(kind, "png" | "jpeg" | "webp" | "gif") && !base64.is_empty()).then_some(base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_types_are_accepted() {
        for kind in ["png", "jpeg", "webp", "gif"] {
            assert_eq!(
                decode_data_url(&format!("data:image/{kind};base64,SGVsbG8=")),
                Ok(b"Hello".to_vec())
            );
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        for text in [
            "",
            "data:image/png;base64,",
            "data:image/svg+xml;base64,SGVsbG8=",
            "data:image/jpg;base64,SGVsbG8=",
            "data:image/PNG;base64,SGVsbG8=",
            "DATA:image/png;base64,SGVsbG8=",
            " data:image/png;base64,SGVsbG8=",
            "data:image/png,SGVsbG8=",
            "data:image/png;charset=utf-8;base64,SGVsbG8=",
            "data:text/html;base64,SGVsbG8=",
            "https://example.org/a.png",
            "data:image/png;base64,SGVsbG8",      // no padding
            "data:image/png;base64,SGVsbG9=",     // bits after the end
            "data:image/png;base64,SGVs bG8=",    // a space
            "data:image/png;base64,SGVsbG8=\n",   // a line end
            "data:image/png;base64,SGVsbG8=SGVs", // goes on after the padding
            "data:image/png;base64,SGVs-_8=",     // the URL alphabet
            "data:image/png;base64,é",
        ] {
            assert_eq!(decode_data_url(text), Err(PictureError::MalformedDataUrl), "{text:?}");
        }
    }

    #[test]
    fn more_than_eight_mebibytes_are_too_large() {
        let fits = format!(
            "data:image/png;base64,{}",
            STANDARD.encode_to_string(vec![0; MAX_FILE_BYTES])
        );
        assert_eq!(decode_data_url(&fits).map(|bytes| bytes.len()), Ok(MAX_FILE_BYTES));
        let too_large = format!(
            "data:image/png;base64,{}",
            STANDARD.encode_to_string(vec![0; MAX_FILE_BYTES + 3])
        );
        assert_eq!(decode_data_url(&too_large), Err(PictureError::TooLarge));
    }
}
