//! An account is on, or switched off by an owner: then it signs in nowhere, and is out everywhere at once.

pub mod store;

use super::revocation::revoke_and_disconnect;
use crate::{
    error::AppError,
    model::{
        id::{SessionId, UserId},
        signal::Ending,
    },
    server::state::AppState,
};

/// What somebody hears who has shown that the account is theirs.
pub fn switched_off() -> AppError {
    AppError::forbidden(Ending::Disabled.sentence())
}

/// Ends every request, socket and voice of an account, whose sessions were revoked with [`store::switch_off`].
pub fn end(state: &AppState, user: &UserId, sessions: &[SessionId]) {
    // First, so that a room's socket says why, rather than that it was signed out.
    state.voice.disconnect_user(user.clone(), Ending::Disabled);
    for ended in sessions {
        revoke_and_disconnect(state, ended);
    }
}
