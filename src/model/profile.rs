//! A profile: the fields as people type them into the form, and their values after the checks. To add a field to the profile,
//! start here.

use super::{crop_area::CropArea, user::DisplayName};
use serde::{Deserialize, Serialize};

/// The fields of the name and face form, as they were typed. The form is used for activation, in the settings and for guests.
/// The endpoints of the form take its fields as arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
// All fields are text. The endpoints use `serde(flatten)`, and with it serde can't parse a form's values as numbers or booleans.
pub struct ProfileForm {
    pub name: String,
    /// `keep` for the current picture, the data URL of a photo, `face:<seed>` for the face drawn from that seed, or empty for the
    /// default face, which is drawn from the name, or for a guest from the id.
    #[serde(default)]
    pub picture: String,
    /// The part of a photo that the server uses, if the browser has not cropped the photo: the text of a
    /// [`CropArea`](super::crop_area::CropArea). Empty for the square around the centre.
    #[serde(default)]
    pub crop: String,
}

/// A checked profile, without the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileDetails {
    pub name: DisplayName,
}

impl ProfileForm {
    /// Sets the field that the form calls `field`. Returns `false` if a profile has no such field.
    pub fn set(&mut self, field: &str, value: String) -> bool {
        match field {
            "name" => self.name = value,
            "picture" => self.picture = value,
            "crop" => self.crop = value,
            _ => return false,
        }
        true
    }

    /// The fields that are sent back to the page if the form is refused. The picture is left out, because it can be large.
    pub fn typed(&self) -> [(&'static str, &str); 1] {
        [("name", &self.name)]
    }

    /// The part of the photo; `None` if the form names none.
    ///
    /// # Errors
    /// The sentence for the screen.
    pub fn crop_area(&self) -> Result<Option<CropArea>, String> {
        if self.crop.is_empty() {
            return Ok(None);
        }
        let area = CropArea::parse(&self.crop).ok_or("The crop of this photo can't be read. Crop the photo again.")?;
        Ok(Some(area))
    }

    /// Checks every field except the picture.
    ///
    /// # Errors
    /// The sentence for the screen.
    pub fn parse(&self) -> Result<ProfileDetails, String> {
        Ok(ProfileDetails {
            name: DisplayName::parse(&self.name)?,
        })
    }
}
