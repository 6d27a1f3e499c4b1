//! The chosen picture: the current one, a drawn face, or a photo with its crop.

use super::crop::Crop;
use crate::{
    browser::picture::{self, Image},
    error::AppError,
    model::user::User,
};
use std::sync::Arc;

/// The chosen picture.
#[derive(Debug, Clone, PartialEq)]
pub enum PictureChoice {
    /// The picture that the account already has.
    Current,
    /// The face that the server draws for people who choose none: from the name, or for a guest from the id.
    DefaultFace,
    /// The face drawn from a seed.
    Seed(String),
    /// A photo, as the data URL of its file. `crop` is `None` until the browser has opened the photo.
    Photo { data_url: Arc<str>, crop: Option<Crop> },
}

impl PictureChoice {
    /// The choice with which the form begins.
    pub fn of(user: &User) -> Self {
        if user.activated {
            PictureChoice::Current
        } else {
            PictureChoice::DefaultFace
        }
    }

    /// The value of the form's field `picture` without scripts. A photo is sent as a file in another field.
    pub fn as_text(&self) -> String {
        match self {
            PictureChoice::Current => "keep".to_owned(),
            PictureChoice::Seed(seed) => format!("face:{seed}"),
            PictureChoice::DefaultFace | PictureChoice::Photo { .. } => String::new(),
        }
    }

    /// The value of the field `picture` to send with scripts. If the choice is a photo, this function crops it.
    ///
    /// # Errors
    /// If the browser can't open or crop the photo.
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

    /// The choice of the photo with this data URL. The browser has not opened the photo yet.
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
