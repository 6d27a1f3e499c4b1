//! Accounts that an owner deactivated: they can't sign in, and all their sessions end at once.

pub mod store;

use super::revocation::revoke_and_disconnect;
use crate::{
    error::AppError,
    model::{
        ending::DISABLED,
        id::{SessionId, UserId},
        signal::Ending,
    },
    server::state::AppState,
};

/// The error for an account that is deactivated. Return this error only to a person who has given the right code or link, or
/// whose browser has the mark of the account, so that strangers can't find out who has an account here.
pub fn switched_off() -> AppError {
    AppError::forbidden(DISABLED)
}

/// Ends every request, socket and voice connection of an account. `sessions` are the ids that
/// [`store::switch_off`] returned.
pub fn end(state: &AppState, user: &UserId, sessions: &[SessionId]) {
    // Disconnect the voice first, so that a room's socket tells the browser the real reason. If the sessions were revoked first,
    // the socket would say that the session was signed out.
    state.voice.disconnect_user(user.clone(), Ending::Disabled);
    for ended in sessions {
        revoke_and_disconnect(state, ended);
    }
}
