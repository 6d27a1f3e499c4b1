//! Endpoints for invite links: make, list, revoke and use links into rooms.

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

/// Makes a link into a room that you host or co-host, also as a guest. The link works for 1, 7 or 30 days and for 1, 10, 50 or 500 people.
/// If `guests` is true, people without an account can use the link, too.
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
    Ok(invite::make(&current_visit()?.activated().await?, &room, terms).await?)
}

/// The links into a room that you host or co-host, newest first, each with the people who used it. The answer also says
/// whether this Snug allows links for guests.
///
/// # Errors
/// `forbidden`, `not_found`, `not_activated`.
#[server(prefix = "/api", endpoint = "invites/list", client = RefreshingClient)]
pub async fn list(room: String) -> Result<InviteList, AppError> {
    use crate::server::{auth::identity::current_visit, rooms::invite};
    Ok(invite::list(&current_visit()?.activated().await?, &room).await?)
}

/// Revokes a link, so that nobody else can use it. The people who came by the link stay members of the room. But if
/// `guests` is true, the guests among them are removed.
///
/// # Errors
/// `forbidden`, `not_found`, `not_activated`.
#[server(prefix = "/api", endpoint = "invites/revoke", client = RefreshingClient)]
pub async fn revoke(id: String, #[server(default)] guests: bool) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, rooms::invite};
    Ok(invite::revoke(&current_visit()?.activated().await?, &id, guests).await?)
}

/// The room to which a link leads. Anyone who has the link can call this endpoint, even without being signed in.
///
/// # Errors
/// `not_found`; `forbidden` for a link that has expired, was revoked or is used up, and if the room's hosts have removed or banned you.
#[server(prefix = "/api", endpoint = "invites/find", client = RefreshingClient)]
pub async fn find(token: String) -> Result<Invitation, AppError> {
    use crate::server::{auth::identity::current_visit, rooms::invite::redeem};
    Ok(redeem::find(&current_visit()?, &token).await?)
}

/// Uses a link: makes you a member of the link's room, and redirects to the room's page.
///
/// # Errors
/// `signed_out`, `not_activated`, `not_found`, `forbidden`, `conflict` for a guest whose name looks like the name of a host or an owner.
#[server(prefix = "/api", endpoint = "invites/accept", client = RefreshingClient)]
pub async fn accept(token: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::current_visit, rooms::invite::redeem};
    let visit = current_visit()?;
    let room = redeem::accept(&visit, &visit.activated().await?, &token).await?;
    leptos_axum::redirect(&format!("/rooms/{room}"));
    Ok(())
}

/// Uses a link for guests: makes a guest account with this profile, signs the browser in, and redirects to the room.
/// The fields of the profile are those of `activate`.
///
/// # Errors
/// `not_found`, `forbidden` for a link that no longer works or does not admit guests, or if somebody whom the room has
/// removed or banned, or whose account is deactivated, was signed in with this browser, `conflict` if the browser is signed in already, `invalid` (also
/// for a name that looks like the name of a host or an owner: `names` has two others), `too_large`, `unsupported`, `too_many`. After an
/// error nothing has changed.
#[server(prefix = "/api", endpoint = "invites/come_as_guest", client = RefreshingClient)]
pub async fn come_as_guest(token: String, #[server(flatten)] profile: ProfileForm) -> Result<User, AppError> {
    use crate::server::{auth::identity::current_visit, rooms::guest};
    let visit = current_visit()?;
    let arrival = guest::come(&visit, &token, profile, vec![]).await?;
    visit.answer(arrival.cookies);
    leptos_axum::redirect(&format!("/rooms/{}", arrival.room));
    Ok(arrival.user)
}
