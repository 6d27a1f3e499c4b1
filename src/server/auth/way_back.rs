//! How the person who is signed in with this browser can come back after signing out.

use super::{email::store::find_email, identity::Visit, owner_link::store::is_owner, session::find_live_session};
use crate::{model::way_back::WayBack, server::error::Result};

/// The way back of the person, also if only their access token has expired. [`WayBack::Code`] if nobody is signed in.
///
/// # Errors
/// `somebody_else`; if the database can't be read.
pub async fn find(visit: &Visit) -> Result<WayBack> {
    let state = &visit.state;
    let user = match visit.identity_if_signed_in()? {
        Some(identity) => Some(identity.user),
        None => find_live_session(visit).await?.map(|(user, _)| user),
    };
    let Some(user) = user else {
        return Ok(WayBack::Code);
    };
    let email = find_email(&state.database, &user).await?;
    let is_owner = is_owner(&state.database, &user).await?;
    Ok(WayBack::of(email.is_some(), is_owner, !state.mail.is_off()))
}
