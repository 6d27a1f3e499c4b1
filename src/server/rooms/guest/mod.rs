//! Guests: people without an e-mail address who come in by a link, with a name and a picture.
//!
//! A guest is a row of `users`, like any other user, so sessions, pictures and rooms need no second kind of person. A guest who adds
//! an e-mail address later keeps the same row.

pub mod banned_browser;
pub mod store;

use super::invite::{
    link::{admits_guests, find_good, why_not},
    store::InviteRow,
};
use crate::{
    error::{AppError, Kind},
    model::{
        id::{InviteId, RoomId, UserId},
        profile::{ProfileDetails, ProfileForm},
        room::RoomInfo,
        signal::Ending,
        user::User,
    },
    server::{
        auth::{
            SetCookies, identity::Visit, revocation::revoke_and_disconnect, session::find_live_session,
            session_start::SessionStart,
        },
        error::Result,
        keyring::random_id,
        limit::Limited,
        profile::{self, PreparedPicture, reserved_names, stored_picture::is_photo},
        request_id,
        state::AppState,
    },
};
use store::NewGuest;

/// A guest who has come in: the new user, the room of the link, and the cookies of the new session.
pub struct Arrival {
    pub user: User,
    pub room: RoomId,
    pub cookies: SetCookies,
}

/// Creates a guest with the name and picture of the form. The guest is activated and signed in, and may enter the room of the link.
/// This counts as one use of the link.
///
/// # Errors
/// `NotFound` and `Forbidden` as in [`find_good`]; `Forbidden` also if the link admits no guests, or if somebody who is removed or banned
/// in the room, or whose account is deactivated, was signed in with this browser; `Conflict` if the person is already signed in; `Invalid` for a field of the form,
/// also if the name or the face is reserved (see [`reserved_names`]); `TooLarge`, `Unsupported` or `Invalid` for a photo; `TooMany` if too many
/// guests have come from this network. After each of these errors, nothing has changed.
pub async fn come(visit: &Visit, token: &str, mut form: ProfileForm, photo: Vec<u8>) -> Result<Arrival> {
    let state = &visit.state;
    let choice = profile::choose_first(&mut form, photo)?;
    if visit.identity_if_signed_in()?.is_some() || find_live_session(visit).await?.is_some() {
        let message = "You are already signed in. Load this page again, then come in with your account.";
        return Err(AppError::new(Kind::Conflict, message).into());
    }
    let (invite, info) = find_link(state, token).await?;
    banned_browser::require_none(visit, &info).await?;
    let details = form.parse().map_err(AppError::invalid)?;
    reserved_names::check(state, &info.id, &details.name, choice.seed()).await?;
    let ip_prefix = &visit.ip_prefix();
    let limits = Limited::Guest { ip_prefix }.limits(&state.limits.get(), &state.keyring);
    let picture_to_put = profile::prepare(state, choice, &limits).await?;
    let beginning = SessionStart::of(visit);
    // The write must run to its end even if the client disconnects. Otherwise a photo could be stored without the guest's row.
    let write = async move { write(&beginning, &invite, &details, picture_to_put).await };
    let write = tokio::spawn(request_id::with_current(write));
    match write.await.map_err(anyhow::Error::from)?? {
        Some((user, cookies)) => Ok(Arrival {
            user,
            room: info.id,
            cookies,
        }),
        None => Err(why_not(state, token).await?.into()),
    }
}

/// The link in `token` and its room, if the link works and admits guests.
///
/// # Errors
/// `NotFound` and `Forbidden` as in [`find_good`]; `Forbidden` also if the link does not admit guests.
pub async fn find_link(state: &AppState, token: &str) -> Result<(InviteRow, RoomInfo)> {
    let (invite, info) = find_good(state, token).await?;
    if !admits_guests(state, &invite) {
        return Err(AppError::forbidden("This link is for members. Sign in first, then open it again.").into());
    }
    Ok((invite, info))
}

/// Writes the use of the link, the guest, the membership and the session in one transaction. `None` if the link no longer works.
async fn write(
    beginning: &SessionStart,
    invite: &InviteRow,
    details: &ProfileDetails,
    picture_to_put: PreparedPicture,
) -> Result<Option<(User, SetCookies)>> {
    let state = &beginning.state;
    let id = UserId::parse(&random_id(20)).ok_or_else(|| anyhow::anyhow!("a new user id is malformed"))?;
    let (guard, picture) = picture_to_put.put(state).await?;
    let now_s = state.now_s();
    let guest = NewGuest {
        id: &id,
        details,
        picture: picture.as_deref().unwrap_or_default(),
        now_s,
    };
    let mut transaction = state.database.begin().await?;
    if !store::insert_guest(&mut transaction, invite, &guest).await? {
        return Ok(None);
    }
    let begun = beginning.write(&mut transaction, &id, now_s).await?;
    transaction.commit().await?;
    drop(guard);
    tracing::info!(user = %id, "a guest came in");
    let cookies = beginning.take_effect(&begun, None)?;
    Ok(Some((profile::find_user(state, &id).await?, cookies)))
}

/// Removes the people who came as guests by a link and are still guests: deletes their accounts, ends their sessions, sockets and
/// voice connections at once, and deletes the photos that nobody else uses. The links that they made while they hosted stop working;
/// the people who came in by these links stay.
///
/// We delete the accounts instead of switching them off. Nobody could ever sign in to these accounts again, so their rows would
/// only keep the names and pictures of people who were removed.
///
/// # Errors
/// If the database can't be written; then nothing has changed.
pub async fn remove_all(state: &AppState, invite: &InviteId) -> Result<()> {
    let removed = store::delete_guests(&state.database, invite, state.now_s()).await?;
    // Disconnect the voice first, so that a room's socket tells the browser the real reason. If the sessions were revoked first,
    // the socket would say that the session was signed out.
    for (user, _) in &removed.users {
        state.voice.disconnect_user(user.clone(), Ending::LinkRevoked);
    }
    for session in &removed.sessions {
        revoke_and_disconnect(state, session);
    }
    for (user, _) in &removed.users {
        state.rights.changed_of(user);
    }
    tracing::info!(%invite, count = removed.users.len(), "the guests of a link were removed");
    for (_, picture) in removed.users.iter().filter(|(_, picture)| is_photo(picture)) {
        state.avatars.delete(&state.database, picture).await?;
    }
    Ok(())
}

/// Deletes the guests who have no session left in the database. An ended session stays there for 30 days. Returns the number of
/// deleted guests. Housekeeping deletes their photos later.
///
/// # Errors
/// If the database can't be written.
pub async fn forget_gone(state: &AppState) -> Result<u64> {
    Ok(store::forget_gone(&state.database, state.now_s()).await?)
}
