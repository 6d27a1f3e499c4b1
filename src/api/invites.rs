//! Doors of links into rooms.

use super::client::RefreshingClient;
use crate::{
    error::AppError,
    model::invite::{Invitation, Invite},
};
use leptos::prelude::*;

/// Makes a link into one's own room, good for 1, 7 or 30 days and for 1, 10, 50 or 500 people.
///
/// # Errors
/// `invalid`, `forbidden`, `not_found`, `not_activated`, `too_many`.
#[server(prefix = "/api", endpoint = "invites/make", client = RefreshingClient)]
pub async fn make(room: String, days: u32, most_uses: u32) -> Result<Invite, AppError> {
    use crate::server::{auth::identity::door, rooms::invite};
    let visit = door()?;
    Ok(invite::make(&visit.state, &visit.identity()?.user, &room, days, most_uses).await?)
}

/// The links into one's own room, the newest first, with who came by each.
///
/// # Errors
/// `forbidden`, `not_found`, `not_activated`.
#[server(prefix = "/api", endpoint = "invites/list", client = RefreshingClient)]
pub async fn list(room: String) -> Result<Vec<Invite>, AppError> {
    use crate::server::{auth::identity::door, rooms::invite};
    let visit = door()?;
    Ok(invite::list(&visit.state, &visit.identity()?.user, &room).await?)
}

/// Revokes a link: nobody else comes in by it, and who did stays.
///
/// # Errors
/// `forbidden`, `not_found`, `not_activated`.
#[server(prefix = "/api", endpoint = "invites/revoke", client = RefreshingClient)]
pub async fn revoke(id: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::door, rooms::invite};
    let visit = door()?;
    Ok(invite::revoke(&visit.state, &visit.identity()?.user, &id).await?)
}

/// What a link leads to; for whoever holds it, signed in or not.
///
/// # Errors
/// `not_found`; `forbidden` for a link that is expired, revoked or used up.
#[server(prefix = "/api", endpoint = "invites/find", client = RefreshingClient)]
pub async fn find(token: String) -> Result<Invitation, AppError> {
    use crate::server::{auth::identity::door, rooms::invite};
    let visit = door()?;
    let user = visit.identity().ok().map(|identity| identity.user.clone());
    Ok(invite::find(&visit.state, user.as_ref(), &token).await?)
}

/// Comes in by a link, and leads into the room.
///
/// # Errors
/// `signed_out`, `not_activated`, `not_found`, `forbidden`.
#[server(prefix = "/api", endpoint = "invites/accept", client = RefreshingClient)]
pub async fn accept(token: String) -> Result<(), AppError> {
    use crate::server::{auth::identity::door, rooms::invite};
    let visit = door()?;
    let room = invite::accept(&visit.state, &visit.identity()?.user, &token).await?;
    leptos_axum::redirect(&format!("/rooms/{room}"));
    Ok(())
}
