//! The picture of a user as the database stores it: empty for a face drawn from the name, `face:<seed>`, or the hash of a photo.

use crate::model::{generated_face, id::UserId};

/// Whether the stored picture is a photo.
pub fn is_photo(picture: &str) -> bool {
    !picture.is_empty() && !picture.starts_with("face:")
}

/// The address at which the picture is served. A user without a name gets a face drawn from their id, and so does a user whose name
/// has too many code points for a face, such as a name of many emoji.
pub fn address(id: &UserId, name: &str, picture: &str) -> String {
    match (picture.strip_prefix("face:"), picture, name) {
        (Some(seed), ..) => generated_face::address(seed),
        (None, "", name) if generated_face::is_seed(name) => generated_face::address(name),
        (None, "", _) => generated_face::address(id.as_str()),
        (None, hash, _) => format!("/pictures/{hash}.jpg"),
    }
}
