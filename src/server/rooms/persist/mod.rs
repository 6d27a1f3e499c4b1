//! What of live rooms must outlive a restart: written behind the voice, in order, for as long as the database takes.
//!
//! A host's word holds at once, in memory, and does not wait for a disk; its row follows within milliseconds.

pub mod store;

use crate::{
    model::id::RoomId,
    server::{state::AppState, voice::command::Persist},
};
use std::time::Duration;
use tokio::{sync::mpsc, time::sleep};

/// A write that the database did not take is tried again after this long,
const PAUSE: Duration = Duration::from_secs(1);
/// and so many times.
const TRIES: u32 = 600;

/// Writes what comes, until the voice is gone.
pub async fn run(state: AppState, mut changes: mpsc::UnboundedReceiver<(RoomId, Persist)>) {
    while let Some((room, what)) = changes.recv().await {
        match what {
            Persist::Rights(user) => state.rights.changed_of(&user),
            what => write(&state, &room, &what).await,
        }
    }
}

async fn write(state: &AppState, room: &RoomId, what: &Persist) {
    for _ in 0..TRIES {
        let Err(error) = store::persist(&state.database, room, what, state.now_s()).await else {
            return;
        };
        if store::is_about_nobody(&error) {
            return;
        }
        tracing::warn!(%error, %room, "what happened in a room could not be written; trying again");
        sleep(PAUSE).await;
    }
    tracing::error!(%room, ?what, "the database took nothing for ten minutes: the next start knows nothing of this");
}
