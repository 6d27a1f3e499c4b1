//! Name and picture: choosing them for the first time (activation), and changing them later.

pub mod reserved_names;
pub mod similar_names;
pub mod store;
pub mod stored_picture;

use super::{
    auth::identity::Visit,
    avatars::{
        PutGuard,
        picture::{self, Photo, Picture, PictureError},
        workers,
    },
    error::Result,
    fail_point::{FailPoint, Write},
    limit::{self, Limit, Limited},
    request_id,
    state::AppState,
};
use crate::{
    error::AppError,
    model::{
        crop_area::CropArea,
        generated_face,
        id::UserId,
        profile::{ProfileDetails, ProfileForm},
        return_to,
        user::User,
    },
};
use store::Profile;
use stored_picture::is_photo;

/// The picture that a person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The face that people have who choose none: drawn from the name, or for a guest from the id.
    DefaultFace,
    /// A face that is drawn from this seed.
    Face(String),
    /// The current picture.
    Unchanged,
    Photo(Photo),
}

impl Choice {
    /// The seed of the face that the person chose; `None` if they chose something else.
    pub fn seed(&self) -> Option<&str> {
        match self {
            Choice::Face(seed) => Some(seed),
            Choice::DefaultFace | Choice::Unchanged | Choice::Photo(_) => None,
        }
    }
}

/// The user with this id.
///
/// # Errors
/// `signed_out` if the account was deleted or is deactivated.
pub async fn find_user(state: &AppState, id: &UserId) -> Result<User> {
    let profile = store::find_profile(&state.database, id)
        .await?
        .ok_or_else(AppError::signed_out)?;
    Ok(user(profile).ok_or_else(AppError::signed_out)?)
}

/// Shows everyone in a room with this person what the database says about them now. Call this when a guest may have added an e-mail
/// address: the person is then shown as a guest no longer.
///
/// # Errors
/// `signed_out` if the account was deleted or is deactivated.
pub async fn show_again(state: &AppState, id: &UserId) -> Result<()> {
    state.voice.rename(find_user(state, id).await?.person);
    Ok(())
}

/// The user who has just signed in, and the path to send them to. The path is `next`, or `/activate` if the user is not activated.
///
/// # Errors
/// If the database can't be read.
pub async fn after_sign_in(state: &AppState, id: &UserId, next: &str) -> Result<(User, String)> {
    let user = find_user(state, id).await?;
    let destination = if user.activated {
        return_to::destination(Some(next)).to_owned()
    } else {
        return_to::with_next("/activate", next)
    };
    Ok((user, destination))
}

/// Whether this user is a guest. Also true for a deleted user, who must not be allowed to do more than a guest.
///
/// # Errors
/// If the database can't be read.
pub async fn is_guest(state: &AppState, id: &UserId) -> Result<bool> {
    let profile = store::find_profile(&state.database, id).await?;
    let person = profile.and_then(|profile| profile.person.into_person());
    Ok(person.is_none_or(|person| person.guest))
}

/// Reads the choice from the text of a form: empty, `face:<seed>`, a data URL, `keep`, or the address of the current picture. `area` is
/// the part of a photo.
///
/// # Errors
/// `Invalid` if it is none of these, or the data URL is malformed.
async fn parse_choice(state: &AppState, id: &UserId, text: &str, area: Option<CropArea>) -> Result<Choice> {
    if text == "keep" {
        return Ok(Choice::Unchanged);
    }
    if text.starts_with("/pictures/") || text.starts_with("/faces/") {
        let is_mine = find_user(state, id).await?.person.picture == text;
        return is_mine
            .then_some(Choice::Unchanged)
            .ok_or_else(|| AppError::invalid("That picture is not yours. Choose another one.").into());
    }
    parse_first_choice(text, area)
}

/// Reads the choice of a person who has no picture yet: empty, `face:<seed>` or a data URL.
///
/// # Errors
/// `Invalid` if it is none of these, or the data URL is malformed.
fn parse_first_choice(text: &str, area: Option<CropArea>) -> Result<Choice> {
    if text.is_empty() {
        return Ok(Choice::DefaultFace);
    }
    if let Some(seed) = text.strip_prefix("face:") {
        let good = generated_face::is_seed(seed);
        return good
            .then(|| Choice::Face(seed.to_owned()))
            .ok_or_else(|| AppError::invalid("That face can't be drawn. Choose another.").into());
    }
    let bytes = picture::decode_data_url(text).map_err(workers::public_error)?;
    Ok(Choice::Photo(Photo { bytes, area }))
}

/// The picture that a new guest chose in the form: the file `photo`, or, if `photo` is empty, the picture in the form's text.
///
/// # Errors
/// The errors of [`parse_first_choice`]; `Invalid` if the crop can't be read.
pub fn choose_first(form: &mut ProfileForm, photo: Vec<u8>) -> Result<Choice> {
    let area = form.crop_area().map_err(AppError::invalid)?;
    match photo.is_empty() {
        // Take the text out of the form, so that a large data URL is freed once it is decoded.
        true => parse_first_choice(&std::mem::take(&mut form.picture), area),
        false => Ok(Choice::Photo(Photo { bytes: photo, area })),
    }
}

/// Sets the profile of the signed-in person. The first time, this activates the account. Everyone in a room with the person sees the
/// change at once. If the form is sent without scripts, `photo` is the file in the form; otherwise `photo` is empty.
///
/// # Errors
/// `signed_out`; `Invalid` for a field, or if a guest takes a reserved name or face; `TooLarge`, `Unsupported` or `Invalid` for a photo; `TooMany` if the person changes the
/// profile too often. After each of these errors, nothing has changed.
pub async fn activate(visit: &Visit, mut form: ProfileForm, photo: Vec<u8>) -> Result<User> {
    let (state, id) = (&visit.state, &visit.identity()?.user);
    let area = form.crop_area().map_err(AppError::invalid)?;
    let choice = match photo.is_empty() {
        true => parse_choice(state, id, &std::mem::take(&mut form.picture), area).await?,
        false => Choice::Photo(Photo { bytes: photo, area }),
    };
    let details = form.parse().map_err(AppError::invalid)?;
    reserved_names::check_new_profile(state, id, &details.name, choice.seed()).await?;
    let permit = match choice {
        Choice::Photo(_) => Some(state.picture_workers.take(id)?),
        Choice::Unchanged | Choice::DefaultFace | Choice::Face(_) => None,
    };
    let upload = permit.as_ref().map(|_| Limited::Upload(id));
    let limited = [Limited::ChangeProfile(id)].into_iter().chain(upload);
    let limits: Vec<Limit> = limited
        .flat_map(|limited| limited.limits(&state.limits.get(), &state.keyring))
        .collect();
    let picture = prepare(state, choice, &limits).await?;
    let (state, id) = (state.clone(), id.clone());
    // The write must run to its end even if the client disconnects. Otherwise a file could be stored without its row.
    let write = tokio::spawn(request_id::with_current(async move {
        let _permit = permit;
        write(&state, &id, &details, picture).await
    }));
    write.await.map_err(anyhow::Error::from)?
}

/// Prepares the picture: decodes and shrinks a photo. A photo that is too large is refused before it counts towards the limits.
///
/// # Errors
/// `TooLarge`, `Unsupported` or `Invalid` for a photo; `TooMany` if one of `limits` is reached.
pub async fn prepare(state: &AppState, choice: Choice, limits: &[Limit]) -> Result<PreparedPicture> {
    let most = state.config.pictures.max_upload_bytes;
    if matches!(&choice, Choice::Photo(photo) if photo.bytes.len() > most) {
        return Err(workers::public_error(PictureError::TooLarge).into());
    }
    limit::take(&state.database, &state.refusals, limits, state.now_s()).await?;
    Ok(match choice {
        Choice::DefaultFace => PreparedPicture::Drawn(String::new()),
        Choice::Face(seed) => PreparedPicture::Drawn(format!("face:{seed}")),
        Choice::Unchanged => PreparedPicture::AsBefore,
        Choice::Photo(photo) => PreparedPicture::Photo(state.picture_workers.process(photo).await?),
    })
}

/// A picture that is ready to be stored.
pub enum PreparedPicture {
    /// A drawn face, in the form that the database stores: '' or `face:<seed>`.
    Drawn(String),
    /// The picture that the user has at the moment of writing stays.
    AsBefore,
    /// A photo that is not in the avatar store yet.
    Photo(Picture),
}

impl PreparedPicture {
    /// If the picture is a photo, stores it in the avatar store. Returns a guard, and the text for the user's row (`None` if the
    /// picture in the row stays as it is). Hold the guard until the row is written: no photo is deleted while the guard is held.
    /// Otherwise, if another person stopped using the same photo at this moment, its file would be deleted.
    ///
    /// # Errors
    /// If the database or the avatar store can't be written.
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
    state.snug_info.forget_host();
    state.fail_points.reach(FailPoint::After(Write::Activation));
    drop(guard);
    let user = find_user(state, id).await?;
    state.voice.rename(user.person.clone());
    // The new picture is saved and shown. Now delete the old photo; if that fails, housekeeping does it later.
    let left = before.filter(|before| picture.is_some_and(|picture| picture != *before) && is_photo(before));
    if let Some(left) = left {
        state.avatars.delete(&state.database, &left).await?;
    }
    Ok(user)
}

fn user(profile: Profile) -> Option<User> {
    let person = profile.person.into_person()?;
    Some(User {
        activated: profile.activated_at.is_some(),
        owner: profile.owner_at.is_some(),
        person,
    })
}
