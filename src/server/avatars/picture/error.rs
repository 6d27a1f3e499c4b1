//! Why a picture was refused: a sentence for the person who sent it, and a status for programs.

/// Why a picture was refused, as a sentence for the person who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// More than 8 MiB, or more pixels than are worth decoding.
    #[error("This picture is too large. Choose one of at most 8 MB and 3,500 pixels a side, or make it smaller first.")]
    TooLarge,
    /// Its first bytes are those of no picture.
    #[error("This file is not a picture. Choose a JPEG, PNG, WebP or GIF.")]
    NotAPicture,
    /// A picture of a kind that we do not decode (SVG, HEIC, AVIF, TIFF, lossless JPEG).
    #[error("Pictures of this kind cannot be read here. Save it as JPEG, PNG, WebP or GIF and choose it again.")]
    Unsupported,
    /// Begins as a picture and cannot be decoded.
    #[error("This picture is damaged. Save it once more or choose another.")]
    Broken,
    /// A side is shorter than 16 px.
    #[error("This picture is too small. Choose one of at least 16 pixels a side.")]
    TooSmall,
    /// Not `data:image/(png|jpeg|webp|gif);base64,` with strict base64 behind it.
    #[error("The picture did not arrive whole. Choose it again.")]
    MalformedDataUrl,
}

impl PictureError {
    /// The HTTP status that tells the same to a program.
    pub fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::NotAPicture | Self::Unsupported => 415,
            Self::Broken | Self::TooSmall | Self::MalformedDataUrl => 422,
        }
    }
}
