//! The devices on which a user is signed in: listing them, signing out one of them, and signing out all others.

pub(super) mod store;

use super::{
    SetCookies, identity::Visit, revocation::revoke_and_disconnect, session::sign_out, to_the_end,
    user_agent::device_name,
};
use crate::{
    error::AppError,
    model::{device::Device, id::SessionId},
    server::error::Result,
};

/// The devices on which the user is signed in: this device first, then the others, the most recently seen first.
///
/// # Errors
/// `signed_out`; if the database can't be read.
pub async fn list_devices(visit: &Visit) -> Result<Vec<Device>> {
    let (identity, now_s) = (visit.identity()?, visit.state.now_s());
    let rows = store::list_sessions(&visit.state.database, &identity.user, now_s).await?;
    let this_network = visit.ip_prefix();
    let device = |row: store::SessionOfUser| Device {
        this_one: row.id == identity.session,
        name: device_name(&row.user_agent),
        same_network: row.ip_prefix == this_network,
        network: row.ip_prefix,
        seen_ago_s: (now_s - row.last_seen_at).max(0) as u32,
        id: row.id,
    };
    let mut devices: Vec<_> = rows.into_iter().map(device).collect();
    // The sort is stable, so the other devices stay in the order of their last visit.
    devices.sort_by_key(|device| !device.this_one);
    Ok(devices)
}

/// Signs one device out, and ends its requests, sockets and voice connections at once. If a device signs itself out, the returned
/// cookies delete its own cookies.
///
/// # Errors
/// `NotFound` for a session that is over or belongs to another user; if the database can't be written.
pub async fn sign_out_device(visit: &Visit, id: &str) -> Result<SetCookies> {
    let identity = visit.identity()?;
    let gone = || AppError::not_found("That device is already signed out.");
    let id = SessionId::parse(id).ok_or_else(gone)?;
    if id == identity.session {
        return sign_out(visit).await;
    }
    let (state, user) = (visit.state.clone(), identity.user);
    to_the_end(async move {
        let now_s = state.now_s();
        if !store::revoke_session_of(&state.database, &user, &id, "signed out from another device", now_s).await? {
            return Err(gone().into());
        }
        revoke_and_disconnect(&state, &id);
        Ok(vec![])
    })
    .await
}

/// Signs out every device of the user except the device that sends this request.
///
/// # Errors
/// If the database can't be written; then nothing has changed.
pub async fn sign_out_others(visit: &Visit) -> Result<()> {
    let (state, identity) = (visit.state.clone(), visit.identity()?);
    to_the_end(async move {
        let (keep, reason) = (Some(&identity.session), "signed out from another device");
        let mut connection = state.database.writer().acquire().await?;
        let ended = store::revoke_sessions_of(&mut connection, &identity.user, keep, reason, state.now_s()).await?;
        for session in &ended {
            revoke_and_disconnect(&state, session);
        }
        Ok(())
    })
    .await
}
