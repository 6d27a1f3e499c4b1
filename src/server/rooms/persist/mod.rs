//! Saves the changes of live rooms in the database, so that the changes survive a restart: in the background, and in order.
//!
//! An action of a host takes effect in memory at once, and is written within milliseconds. So a host can silence somebody at once,
//! even if the disk is busy. The price is that a `kill -9` within those milliseconds loses the action. A stop by SIGTERM or Ctrl-C
//! loses nothing: the server writes what waits before it closes the database.

pub mod store;

use crate::{
    model::id::RoomId,
    server::{
        clock::Clock,
        database::Database,
        state::AppState,
        voice::{UnsavedChanges, command::Persist},
    },
};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The pause before a failed write is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// How many times a write is tried.
const TRIES: u32 = 600;
/// Writes the changes of rooms. It does not hold the [`AppState`], because the voice engine stops only when the last clone of the
/// state is dropped.
pub struct Writer {
    database: Database,
    clock: Clock,
    unsaved: UnsavedChanges,
}

impl Writer {
    pub fn of(state: &AppState) -> Self {
        Self {
            database: state.database.clone(),
            clock: state.clock.clone(),
            unsaved: state.voice.unsaved(),
        }
    }

    /// Writes each change when it arrives, until [`finish`].
    pub async fn run(self) {
        while let Some((room, what)) = self.unsaved.next().await {
            self.write(&room, &what).await;
            self.unsaved.written();
        }
    }

    async fn write(&self, room: &RoomId, what: &Persist) {
        for _ in 0..TRIES {
            let Err(error) = store::persist(&self.database, room, what, self.clock.now_s()).await else {
                return;
            };
            if store::is_about_nobody(&error) || self.unsaved.is_closed() {
                return;
            }
            tracing::warn!(%error, %room, "could not write a change of a room; trying again");
            sleep(PAUSE).await;
        }
        tracing::error!(%room, ?what, "could not write a change of a room for ten minutes, and gave up: a restart will undo the change");
    }
}

/// Writes all changes of rooms that were made so far, and stops writing. The server calls this when it stops: after the last
/// connection has ended, so that no more changes come, and before the database is closed. Takes at most `within`.
pub async fn finish(state: &AppState, within: Duration) {
    let unsaved = state.voice.unsaved();
    let all_written = async {
        state.voice.flush().await;
        unsaved.all_written().await;
    };
    // The time runs out only if the database does not answer.
    let _ = timeout(within, all_written).await;
    let lost = unsaved.close();
    if lost > 0 {
        tracing::error!(
            lost,
            "could not write the last changes of rooms before the stop: the next start undoes these changes"
        );
    }
}
