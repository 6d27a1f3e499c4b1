//! Ending sessions at once: each request, socket and voice of a session that was revoked.

use super::store;
use crate::{
    model::id::SessionId,
    server::{error::Result, state::AppState},
};

/// Dead at once: every request and socket of the session from now on.
pub fn revoke_and_disconnect(state: &AppState, session: &SessionId) {
    state.sessions.mark_revoked(
        session.clone(),
        state.now_s(),
        state.config.auth.access_ttl.as_secs() as i64,
    );
    state.voice.disconnect_session(session.clone());
}

/// Remembers the sessions that were revoked within one access token's life: their tokens have not all expired.
///
/// # Errors
/// Where the database can't be asked.
pub async fn load_revoked_sessions(state: &AppState) -> Result<()> {
    let ttl_s = state.config.auth.access_ttl.as_secs() as i64;
    for (session, revoked_at) in store::list_revoked_since(&state.database, state.now_s() - ttl_s - 1).await? {
        state.sessions.mark_revoked(session, revoked_at, ttl_s);
    }
    Ok(())
}
