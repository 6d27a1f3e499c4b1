//! A profile: what people say about themselves, as typed into the form and after the checks. To add a field, start here.

use super::user::DisplayName;
use serde::{Deserialize, Serialize};

/// The fields of the name and face form, as they were typed. Activation, settings and guests use the same form, and their
/// endpoints take its fields as arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
// All fields are text: with `serde(flatten)`, a form's values can't be parsed as numbers or booleans.
pub struct ProfileForm {
    pub name: String,
    /// Empty (the face drawn from the name), `face:<seed>`, a data URL, or `keep`.
    #[serde(default)]
    pub picture: String,
}

/// A checked profile, without the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileDetails {
    pub name: DisplayName,
}

impl ProfileForm {
    /// Sets the field with this name in the form; `false` if a profile has no such field.
    pub fn set(&mut self, field: &str, value: String) -> bool {
        match field {
            "name" => self.name = value,
            "picture" => self.picture = value,
            _ => return false,
        }
        true
    }

    /// The fields that are sent back to the page if the form is refused. The picture is not among them: it may be large.
    pub fn typed(&self) -> [(&'static str, &str); 1] {
        [("name", &self.name)]
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
