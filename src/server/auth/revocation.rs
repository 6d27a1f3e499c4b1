//! Ending a revoked session at once: its requests, its sockets and its voice connections.

use super::store;
use crate::{
    model::id::SessionId,
    server::{error::Result, state::AppState},
};

/// Refuses every further request of a session, and closes its sockets and voice connections. The caller must already have revoked
/// the session in the database.
pub fn revoke_and_disconnect(state: &AppState, session: &SessionId) {
    state.sessions.mark_revoked(
        session.clone(),
        state.now_s(),
        state.config.auth.access_ttl.as_secs() as i64,
    );
    state.voice.disconnect_session(session.clone());
}

/// Loads the sessions that were revoked within the last lifetime of an access token, because some of their access tokens can still
/// be unexpired. The server calls this when it starts.
///
/// # Errors
/// If the database can't be read.
pub async fn load_revoked_sessions(state: &AppState) -> Result<()> {
    let ttl_s = state.config.auth.access_ttl.as_secs() as i64;
    for (session, revoked_at) in store::list_revoked_since(&state.database, state.now_s() - ttl_s - 1).await? {
        state.sessions.mark_revoked(session, revoked_at, ttl_s);
    }
    Ok(())
}
