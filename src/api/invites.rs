//! Endpoints of links into rooms.

use super::client::RefreshingClient;
use crate::{
    error::AppError,
    model::{
        invite::{Invitation, Invite, InviteList},
        profile::ProfileForm,
        user::User,
    },
};
use leptos::prelude::*;

/// Makes a link into one's own room, good for 1, 7 or 30 days and for 1, 10, 50 or 500 people; with `guests` also for those
/// without an e-mail address.
///
/// # Errors
/// `invalid`, `forbidden`, `not_found`, `not_activated`, `too_many`.
#[server(prefix = "/api", endpoint = "invites/make", client = RefreshingClient)]
pub async fn make(
    room: String,
    days: u32,
    most_uses: u32,
    #[server(default)] guests: bool,
) -> Result<Invite, AppError> {
    use crate::server::{
        auth::identity::current_visit,
        rooms::invite::{self, terms::Terms},
    };
    let terms = Terms {
        days,
        most_uses,
        guests,
    };
    Ok(invite::make(&current_visit()?.registered().await?, &room, terms).await?)
}

/// The links into one's own room, the newest first, with who came by each, and whether links may admit guests here.
///
/// # Errors
/// `forbidden`, `not_found`, `not_activated`.
#[server(prefix = "/api", endpoint = "invites/list", client = RefreshingClient)]
pub async fn list(room: String) -> Result<InviteList, AppError> {
    use crate::server::{auth::identity::current_visit, rooms::invite};
    Ok(invite::list(&current_visit()?.activated().await?, &room).await?)
}

/// Revokes a link: nobody else comes in by it, and who did stays; with `guests`, those of them who are guests still are removed.
///
/// # Errors
/// `forbidden`, `not_found`, `not_activated`.
#[server(prefix = "/api", endpoint = "invites/revoke", client = RefreshingClient)]
pub async fn revoke(id: String, #[server(default)] guests: bool) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, rooms::invite};
    Ok(invite::revoke(&current_visit()?.activated().await?, &id, guests).await?)
}

/// What a link leads to; for whoever holds it, signed in or not.
///
/// # Errors
/// `not_found`; `forbidden` for a link that is expired, revoked or used up.
#[server(prefix = "/api", endpoint = "invites/find", client = RefreshingClient)]
pub async fn find(token: String) -> Result<Invitation, AppError> {
    use crate::server::{auth::identity::current_visit, rooms::invite::redeem};
    Ok(redeem::find(&current_visit()?, &token).await?)
}

/// Comes in by a link, and leads into the room.
///
/// # Errors
/// `signed_out`, `not_activated`, `not_found`, `forbidden`.
#[server(prefix = "/api", endpoint = "invites/accept", client = RefreshingClient)]
pub async fn accept(token: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, rooms::invite::redeem};
    let room = redeem::accept(&current_visit()?.activated().await?, &token).await?;
    leptos_axum::redirect(&format!("/rooms/{room}"));
    Ok(())
}

/// Comes in by a link that admits guests, with a profile as in `activate`, and leads into the room.
///
/// # Errors
/// `not_found`, `forbidden` (spent, or none for guests), `conflict` (signed in already), `invalid`, `too_large`, `unsupported`,
/// `too_many`: each with its sentence, and nothing has changed.
#[server(prefix = "/api", endpoint = "invites/come_as_guest", client = RefreshingClient)]
pub async fn come_as_guest(token: String, #[server(flatten)] profile: ProfileForm) -> Result<User, AppError> {
    use crate::server::{auth::identity::current_visit, rooms::guest};
    let visit = current_visit()?;
    let arrival = guest::come(&visit, &token, profile, vec![]).await?;
    visit.answer(arrival.cookies);
    leptos_axum::redirect(&format!("/rooms/{}", arrival.room));
    Ok(arrival.user)
}
