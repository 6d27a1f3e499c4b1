//! The first room of a new owner, who opens it together with choosing a name and a face.

use super::open_room;
use crate::{
    error::AppError,
    model::{
        profile::ProfileForm,
        room::{RoomKind, Topic},
        stage::Mode,
        user::User,
    },
    server::{auth::identity::Visit, error::Result, profile},
};

/// Sets the profile as [`profile::activate`] does. Then opens a room with the topic `topic`, which everybody here sees, unless the topic is
/// blank. Returns the user, and the path of the room if there is one.
///
/// # Errors
/// Those of [`profile::activate`]; `Invalid` for a topic that can't be shown; `Forbidden` for a guest. After each of these errors, nothing
/// has changed. `TooMany` if the person has opened too many rooms; the profile is then set.
pub async fn activate(visit: &Visit, form: ProfileForm, photo: Vec<u8>, topic: &str) -> Result<(User, Option<String>)> {
    let topic = check(visit, topic).await?;
    let user = profile::activate(visit, form, photo).await?;
    let Some(topic) = topic else {
        return Ok((user, None));
    };
    let (kind, mode) = (RoomKind::Open.as_str(), Mode::Everyone.as_str());
    let info = open_room(&visit.registered().await?, topic.as_str(), kind, mode).await?;
    Ok((user, Some(format!("/rooms/{}", info.id))))
}

async fn check(visit: &Visit, topic: &str) -> Result<Option<Topic>> {
    if topic.trim().is_empty() {
        return Ok(None);
    }
    let topic = Topic::parse(topic).map_err(AppError::invalid)?;
    match profile::is_guest(&visit.state, &visit.identity()?.user).await? {
        true => Err(AppError::forbidden("Guests can't open rooms. Come in without a room.").into()),
        false => Ok(Some(topic)),
    }
}
