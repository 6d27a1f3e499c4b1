//! Name and face: activation, and changing them later.

pub mod store;
pub mod stored_picture;

use super::{
    auth::identity::Visit,
    avatars::{
        PutGuard,
        picture::{self, Picture, PictureError},
        workers,
    },
    error::Result,
    fail_point::{FailPoint, Write},
    limit::{self, Limit, Limited},
    state::AppState,
};
use crate::{
    error::AppError,
    model::{
        generated_face,
        id::UserId,
        profile::{ProfileDetails, ProfileForm},
        return_to,
        user::User,
    },
};
use store::Profile;
use stored_picture::is_photo;

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
    Ok(user(profile).ok_or_else(AppError::signed_out)?)
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

/// Whether this is a guest: a user without an e-mail address. A user who is gone may do no more than a guest.
///
/// # Errors
/// If the database can't be asked.
pub async fn is_guest(state: &AppState, id: &UserId) -> Result<bool> {
    let profile = store::find_profile(&state.database, id).await?;
    Ok(profile.is_none_or(|profile| profile.guest != 0))
}

/// Reads the choice out of a form's text: empty, `face:<seed>`, a data URL, or `keep` (also: the address of what is worn).
///
/// # Errors
/// `Invalid` where it is none of these, or the data URL is malformed.
async fn parse_choice(state: &AppState, id: &UserId, text: &str) -> Result<Choice> {
    if text == "keep" {
        return Ok(Choice::Unchanged);
    }
    if text.starts_with("/pictures/") || text.starts_with("/faces/") {
        let is_mine = find_user(state, id).await?.person.picture == text;
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
fn parse_first_choice(text: &str) -> Result<Choice> {
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

/// The picture that a form chooses: the `photo` that came as a file, if it is not empty, else what the form's text says.
///
/// # Errors
/// As [`parse_first_choice`].
pub fn choose_first(form: &mut ProfileForm, photo: Vec<u8>) -> Result<Choice> {
    match photo.is_empty() {
        // The text of a data URL is not needed any more once it is decoded.
        true => parse_first_choice(&std::mem::take(&mut form.picture)),
        false => Ok(Choice::Photo(photo)),
    }
}

/// Sets the profile of the person who asks. The first time activates; later times change it, and everyone in a room with the
/// person sees it. `photo` is the file of a form without scripts, else empty.
///
/// # Errors
/// `signed_out`; `Invalid` for a field; for a photo `TooLarge`, `Unsupported`, `Invalid` or `TooMany`. Then nothing has changed.
pub async fn activate(visit: &Visit, mut form: ProfileForm, photo: Vec<u8>) -> Result<User> {
    let (state, id) = (&visit.state, &visit.identity()?.user);
    let choice = match photo.is_empty() {
        true => parse_choice(state, id, &std::mem::take(&mut form.picture)).await?,
        false => Choice::Photo(photo),
    };
    let details = form.parse().map_err(AppError::invalid)?;
    let permit = match choice {
        Choice::Photo(_) => Some(state.picture_workers.take(id)?),
        Choice::Unchanged | Choice::FromName | Choice::Face(_) => None,
    };
    let limits = match permit {
        Some(_) => Limited::Upload(id).limits(&state.config.limits, &state.keyring),
        None => vec![],
    };
    let picture = prepare(state, choice, &limits).await?;
    let (state, id) = (state.clone(), id.clone());
    // To its end even where the client goes away: once the file is there, so must be the row.
    let write = tokio::spawn(async move {
        let _permit = permit;
        write(&state, &id, &details, picture).await
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

async fn write(state: &AppState, id: &UserId, details: &ProfileDetails, picture: PreparedPicture) -> Result<User> {
    let (guard, picture) = picture.put(state).await?;
    state.fail_points.reach(FailPoint::Before(Write::Activation));
    let before = store::activate(&state.database, id, details, picture.as_deref(), state.now_s()).await?;
    state.fail_points.reach(FailPoint::After(Write::Activation));
    drop(guard);
    let user = find_user(state, id).await?;
    state.voice.rename(user.person.clone());
    // Saved and shown; what is left of before is taken away, or swept up later.
    let left = before.filter(|before| picture.is_some_and(|picture| picture != *before) && is_photo(before));
    if let Some(left) = left {
        state.avatars.delete(&state.database, &left).await?;
    }
    Ok(user)
}

fn user(profile: Profile) -> Option<User> {
    Some(User {
        activated: profile.activated_at.is_some(),
        owner: profile.owner_at.is_some(),
        guest: profile.guest != 0,
        person: profile.person.into_person()?,
    })
}
