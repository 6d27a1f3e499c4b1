//! Saves the changes of live rooms in the database, so that the changes survive a restart: in the background, and in order.
//!
//! An action of a host takes effect in memory at once, and is written within milliseconds. So a host can silence somebody at once,
//! even if the disk is busy. The price is that a `kill -9` within those milliseconds loses the action.

pub mod store;

use crate::{
    model::id::RoomId,
    server::{state::AppState, voice::command::Persist},
};
use std::time::Duration;
use tokio::{sync::mpsc, time::sleep};

/// The pause before a failed write is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// How many times a write is tried.
const TRIES: u32 = 600;

/// Writes each change when it arrives, until the voice engine stops.
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
        tracing::warn!(%error, %room, "could not write a change of a room; trying again");
        sleep(PAUSE).await;
    }
    tracing::error!(%room, ?what, "could not write a change of a room for ten minutes, and gave up: a restart will undo the change");
}
