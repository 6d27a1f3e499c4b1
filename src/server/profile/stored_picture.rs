//! The picture of a user as the database stores it: empty for the default face (drawn from the name, or for a guest from the id),
//! `face:<seed>`, or the hash of a photo.

use crate::model::{generated_face, id::UserId};

/// Whether the stored picture is a photo.
pub fn is_photo(picture: &str) -> bool {
    !picture.is_empty() && !picture.starts_with("face:")
}

/// The address at which the picture is served. A face is drawn from `name`. If `name` is empty, the face is drawn from the id: this
/// is so for guests and for users without a name. It is also so if `name` has too many code points for a face, such as a name of
/// many emoji.
pub fn address(id: &UserId, name: &str, picture: &str) -> String {
    match (picture.strip_prefix("face:"), picture, name) {
        (Some(seed), ..) => generated_face::address(seed),
        (None, "", name) if generated_face::is_seed(name) => generated_face::address(name),
        (None, "", _) => generated_face::address(id.as_str()),
        (None, hash, _) => format!("/pictures/{hash}.jpg"),
    }
}
