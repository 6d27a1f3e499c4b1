//! What is chosen as the picture: the current one, a drawn face, or a photo and the square of it.

use super::crop::Crop;
use crate::{
    browser::picture::{self, Image},
    error::AppError,
    model::user::User,
};
use std::sync::Arc;

/// What is chosen just now.
#[derive(Debug, Clone, PartialEq)]
pub enum PictureChoice {
    /// The picture that is current already.
    Current,
    /// The face drawn from the name.
    FromName,
    /// The face drawn from a seed.
    Seed(String),
    /// A photo, as its file's data URL, and the square of it once it is open.
    Photo { data_url: Arc<str>, crop: Option<Crop> },
}

impl PictureChoice {
    /// What a user begins with.
    pub fn of(user: &User) -> Self {
        if user.activated {
            PictureChoice::Current
        } else {
            PictureChoice::FromName
        }
    }

    /// What the plain form sends; a photo goes as a file there.
    pub fn as_text(&self) -> String {
        match self {
            PictureChoice::Current => "keep".to_owned(),
            PictureChoice::Seed(seed) => format!("face:{seed}"),
            PictureChoice::FromName | PictureChoice::Photo { .. } => String::new(),
        }
    }

    /// What the endpoint gets: the crop is made now.
    ///
    /// # Errors
    /// If the browser can't.
    pub async fn to_send(&self, image: Option<Image>) -> Result<String, AppError> {
        let PictureChoice::Photo { crop, .. } = self else {
            return Ok(self.as_text());
        };
        let cannot = || AppError::invalid("This browser can't crop the photo. Choose another, or a drawn face.");
        let image = image.ok_or_else(cannot)?;
        let (width, height) = picture::opened(&image).await.ok_or_else(cannot)?;
        let crop = crop.unwrap_or(Crop::new(width, height));
        picture::crop_to_jpeg(&image, crop.placement()).await.ok_or_else(cannot)
    }

    /// A photo that is not open yet.
    pub fn photo(data_url: String) -> Self {
        PictureChoice::Photo {
            data_url: data_url.into(),
            crop: None,
        }
    }

    pub fn is_photo(&self) -> bool {
        matches!(self, PictureChoice::Photo { .. })
    }

    pub fn crop(&self) -> Option<Crop> {
        match self {
            PictureChoice::Photo { crop, .. } => *crop,
            _ => None,
        }
    }
}
