//! The chosen picture: the current one, a drawn face, or a photo with its crop.

use super::{crop::Crop, whole_file};
use crate::{
    browser::{
        canvas_probe::canvas_is_honest,
        picture::{self, Image},
    },
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

/// The fields of the form that have the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFields {
    pub picture: String,
    /// The part of the photo, if the server crops it.
    pub crop: String,
}

impl PictureFields {
    fn cropped(picture: String) -> Self {
        let crop = String::new();
        Self { picture, crop }
    }
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

    /// What to send with scripts. If the choice is a photo, this function crops it. If the browser protects its canvas, it sends the file
    /// itself, and the server crops it.
    ///
    /// # Errors
    /// If the browser can't open or crop the photo, or the server can't open the file.
    pub async fn to_send(&self, image: Option<Image>) -> Result<PictureFields, AppError> {
        let PictureChoice::Photo { crop, data_url } = self else {
            return Ok(PictureFields::cropped(self.as_text()));
        };
        let cannot = || AppError::invalid("This browser can't crop the photo. Choose another, or a drawn face.");
        let image = image.ok_or_else(cannot)?;
        let (width, height) = picture::opened(&image).await.ok_or_else(cannot)?;
        let crop = crop.unwrap_or(Crop::new(width, height));
        if !canvas_is_honest().await {
            let sentence = "This browser does not let Snug crop the photo, and Snug's server can't open a file of this type. Choose a JPEG, \
                            PNG, WebP or GIF.";
            let picture = whole_file::for_server(data_url).ok_or_else(|| AppError::invalid(sentence))?;
            let crop = crop.area().to_string();
            return Ok(PictureFields { picture, crop });
        }
        let small = picture::crop_to_jpeg(&image, crop.placement()).await;
        small.map(PictureFields::cropped).ok_or_else(cannot)
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
