//! Name and face: activation, and changing them later.

pub mod store;

use super::{
    avatars::{
        PutGuard,
        picture::{self, Picture, PictureError},
        workers,
    },
    error::Result,
    fail_point::{FailPoint, Write},
    limit::{self, Limit},
    state::AppState,
};
use crate::{
    error::AppError,
    model::{
        generated_face,
        id::UserId,
        return_to,
        room::Person,
        user::{DisplayName, User},
    },
};
use store::Profile;

/// What was chosen as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The face drawn from the name.
    FromName,
    /// A face drawn from a seed.
    Face(String),
    /// The picture worn now.
    Unchanged,
    /// A photo: the octets of a file.
    Photo(Vec<u8>),
}

/// The user of an identity.
///
/// # Errors
/// `signed_out` where the account is gone or switched off.
pub async fn find_user(state: &AppState, id: &UserId) -> Result<User> {
    let profile = store::find_profile(&state.database, id)
        .await?
        .ok_or_else(AppError::signed_out)?;
    Ok(user(id, &profile))
}

/// Who has just signed in, and the address they go on to: name and face first, then where they were going.
///
/// # Errors
/// Where the database can't be asked.
pub async fn after_sign_in(state: &AppState, id: &UserId, next: &str) -> Result<(User, String)> {
    let user = find_user(state, id).await?;
    let destination = if user.activated {
        return_to::destination(Some(next)).to_owned()
    } else {
        return_to::with_next("/activate", next)
    };
    Ok((user, destination))
}

/// The person of an identity, asked of the database and never of a token.
///
/// # Errors
/// `not_activated` until name and face are chosen.
pub async fn find_activated(state: &AppState, id: &UserId) -> Result<Person> {
    Ok(find_activated_user(state, id).await?.person)
}

/// Somebody activated, and what the room must know of their account.
#[derive(Debug)]
pub struct ActivatedUser {
    pub person: Person,
    /// Unix seconds: since when the account is activated.
    pub since_s: i64,
    pub guest: bool,
}

/// The same, and more of the account.
///
/// # Errors
/// `not_activated` until name and face are chosen.
pub async fn find_activated_user(state: &AppState, id: &UserId) -> Result<ActivatedUser> {
    let profile = store::find_profile(&state.database, id)
        .await?
        .ok_or_else(AppError::signed_out)?;
    let since_s = profile.activated_at.ok_or_else(AppError::not_activated)?;
    let User {
        id,
        name,
        picture,
        guest,
        ..
    } = user(id, &profile);
    let person = Person { id, name, picture };
    Ok(ActivatedUser { person, since_s, guest })
}

/// The same of somebody who is here to stay: not of a guest.
///
/// # Errors
/// `not_activated`; `Forbidden` for a guest, with what to do.
pub async fn find_settled(state: &AppState, id: &UserId) -> Result<Person> {
    let person = find_activated(state, id).await?;
    if is_guest(state, id).await? {
        let message = "As a guest you come in, hear and talk. To do more, choose \u{201c}Keep my seat\u{201d} in your settings first.";
        return Err(AppError::forbidden(message).into());
    }
    Ok(person)
}

/// Whether this is a guest. Who is not here any more may do no more than one.
///
/// # Errors
/// Where the database can't be asked.
pub async fn is_guest(state: &AppState, id: &UserId) -> Result<bool> {
    let profile = store::find_profile(&state.database, id).await?;
    Ok(profile.is_none_or(|profile| profile.guest != 0))
}

/// Reads the choice out of a form's text: empty, `face:<seed>`, a data URL, or `keep` (also: the address of what is worn).
///
/// # Errors
/// `Invalid` where it is none of these, or the data URL is malformed.
pub async fn parse_choice(state: &AppState, id: &UserId, text: &str) -> Result<Choice> {
    if text == "keep" {
        return Ok(Choice::Unchanged);
    }
    if text.starts_with("/pictures/") || text.starts_with("/faces/") {
        let is_mine = find_user(state, id).await?.picture == text;
        return is_mine
            .then_some(Choice::Unchanged)
            .ok_or_else(|| AppError::invalid("Choose a photo or a face of your own.").into());
    }
    parse_first_choice(text)
}

/// The same of somebody who wears nothing yet: empty, `face:<seed>` or a data URL.
///
/// # Errors
/// `Invalid` where it is none of these, or the data URL is malformed.
pub fn parse_first_choice(text: &str) -> Result<Choice> {
    if text.is_empty() {
        return Ok(Choice::FromName);
    }
    if let Some(seed) = text.strip_prefix("face:") {
        let good = generated_face::is_seed(seed);
        return good
            .then(|| Choice::Face(seed.to_owned()))
            .ok_or_else(|| AppError::invalid("That face can't be drawn. Choose another.").into());
    }
    Ok(Choice::Photo(
        picture::decode_data_url(text).map_err(workers::public_error)?,
    ))
}

/// Sets name and face. The first time activates; later times change them, and everyone in a room with the user sees it.
///
/// # Errors
/// `Invalid` for a name; for a photo `TooLarge`, `Unsupported`, `Invalid` or `TooMany`, and then nothing has changed.
pub async fn activate(state: &AppState, id: &UserId, name: &str, choice: Choice) -> Result<User> {
    let name = DisplayName::parse(name).map_err(AppError::invalid)?;
    let permit = match choice {
        Choice::Photo(_) => Some(state.picture_workers.take(id)?),
        Choice::Unchanged | Choice::FromName | Choice::Face(_) => None,
    };
    let limits = match permit {
        Some(_) => limit::upload_limits(&state.config.limits, &state.keyring, id),
        None => vec![],
    };
    let picture = prepare(state, choice, &limits).await?;
    let (state, id) = (state.clone(), id.clone());
    // To its end even where the client goes away: once the file is there, so must be the row.
    let write = tokio::spawn(async move {
        let _permit = permit;
        write(&state, &id, &name, picture).await
    });
    write.await.map_err(anyhow::Error::from)?
}

/// Makes ready what will be worn; a photo that can't be one for its size alone counts under no limit.
///
/// # Errors
/// For a photo `TooLarge`, `Unsupported` or `Invalid`; `TooMany`.
pub async fn prepare(state: &AppState, choice: Choice, limits: &[Limit]) -> Result<PreparedPicture> {
    let most = state.config.pictures.max_upload_bytes;
    if matches!(&choice, Choice::Photo(photo) if photo.len() > most) {
        return Err(workers::public_error(PictureError::TooLarge).into());
    }
    limit::take(&state.database, limits, state.now_s()).await?;
    Ok(match choice {
        Choice::FromName => PreparedPicture::Drawn(String::new()),
        Choice::Face(seed) => PreparedPicture::Drawn(format!("face:{seed}")),
        Choice::Unchanged => PreparedPicture::AsBefore,
        Choice::Photo(photo) => PreparedPicture::Photo(state.picture_workers.process(photo).await?),
    })
}

/// What will be worn.
pub enum PreparedPicture {
    /// A drawn face, as it stands in the row.
    Drawn(String),
    /// Whatever the row says by then.
    AsBefore,
    /// A photo that hangs nowhere yet.
    Photo(Picture),
}

impl PreparedPicture {
    /// Hangs a photo. What then stands in the row (`None`: what stood there before), and what is held until it does.
    ///
    /// # Errors
    /// Where database or store can't be written.
    pub async fn put(self, state: &AppState) -> Result<(Option<PutGuard<'_>>, Option<String>)> {
        Ok(match self {
            PreparedPicture::Drawn(face) => (None, Some(face)),
            PreparedPicture::AsBefore => (None, None),
            PreparedPicture::Photo(photo) => {
                let (avatars, guard) = (&state.avatars, state.avatars.begin_put().await);
                let hash = avatars.put(&state.database, photo, state.now_s(), &guard).await?;
                (Some(guard), Some(hash))
            }
        })
    }
}

async fn write(state: &AppState, id: &UserId, name: &DisplayName, picture: PreparedPicture) -> Result<User> {
    let (guard, picture) = picture.put(state).await?;
    state.fail_points.reach(FailPoint::Before(Write::Activation));
    let before = store::activate(&state.database, id, name.as_str(), picture.as_deref(), state.now_s()).await?;
    state.fail_points.reach(FailPoint::After(Write::Activation));
    drop(guard);
    let user = find_user(state, id).await?;
    state.voice.rename(Person {
        id: user.id.clone(),
        name: user.name.clone(),
        picture: user.picture.clone(),
    });
    // Saved and shown; what is left of before is taken away, or swept up later.
    let left = before.filter(|before| picture.is_some_and(|picture| picture != *before) && is_photo(before));
    if let Some(left) = left {
        state.avatars.delete(&state.database, &left).await?;
    }
    Ok(user)
}

/// Whether what stands in a row is the hash of a photo.
pub fn is_photo(picture: &str) -> bool {
    !picture.is_empty() && !picture.starts_with("face:")
}

fn user(id: &UserId, profile: &Profile) -> User {
    User {
        id: id.clone(),
        name: profile.name.clone(),
        picture: address(id, &profile.name, &profile.picture),
        activated: profile.activated_at.is_some(),
        owner: profile.owner_at.is_some(),
        guest: profile.guest != 0,
    }
}

/// The address under which a stored picture is served.
pub fn address(id: &UserId, name: &str, picture: &str) -> String {
    match (picture.strip_prefix("face:"), picture, name) {
        (Some(seed), ..) => generated_face::address(seed),
        (None, "", "") => generated_face::address(id.as_str()),
        (None, "", name) => generated_face::address(name),
        (None, hash, _) => format!("/pictures/{hash}.jpg"),
    }
}
