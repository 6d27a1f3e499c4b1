//! Why a picture was refused: a sentence for the person who sent it, and an HTTP status for programs.

/// Why a picture was refused. `Display` is a sentence for the person who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// More than 8 MiB, or more pixels than we decode.
    #[error("This picture is too large. Choose one of at most 8 MB and 3,500 pixels a side, or make it smaller first.")]
    TooLarge,
    /// The first bytes are not those of a picture.
    #[error("This file is not a picture. Choose a JPEG, PNG, WebP or GIF.")]
    NotAPicture,
    /// A kind of picture that we do not decode, such as SVG, HEIC, AVIF, BMP, TIFF or lossless JPEG.
    #[error("Snug can't read this kind of picture. Save the picture as JPEG, PNG, WebP or GIF and choose it again.")]
    Unsupported,
    /// The file begins like a picture but cannot be decoded.
    #[error("This picture is damaged. Save it once more or choose another.")]
    Broken,
    /// A side is shorter than 16 px.
    #[error("This picture is too small. Choose one of at least 16 pixels a side.")]
    TooSmall,
    /// Not `data:image/(png|jpeg|webp|gif);base64,` followed by strict base64.
    #[error("Only a part of the picture arrived. Choose it again.")]
    MalformedDataUrl,
}

impl PictureError {
    /// The HTTP status for this error.
    pub fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::NotAPicture | Self::Unsupported => 415,
            Self::Broken | Self::TooSmall | Self::MalformedDataUrl => 422,
        }
    }
}
