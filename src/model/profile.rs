//! A profile: what a person says about themselves, as typed into the form and as checked. To add a field, start here.

use super::user::DisplayName;
use serde::{Deserialize, Serialize};

/// The fields of the form of name and face as they were typed. Activation, settings and guests use the same form, and their
/// endpoints take its fields as arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
// Text only: what is flattened into the arguments of an endpoint is not read as a number or a truth value from a form.
pub struct ProfileForm {
    pub name: String,
    /// Empty (the face drawn from the name), `face:<seed>`, a data URL, or `keep`.
    #[serde(default)]
    pub picture: String,
}

/// A profile without its picture, checked.
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

    /// What was typed and goes back to the page if the form is refused, by field. Never the picture: it may be large.
    pub fn typed(&self) -> [(&'static str, &str); 1] {
        [("name", &self.name)]
    }

    /// Checks every field but the picture.
    ///
    /// # Errors
    /// The sentence for the screen.
    pub fn parse(&self) -> Result<ProfileDetails, String> {
        Ok(ProfileDetails {
            name: DisplayName::parse(&self.name)?,
        })
    }
}
