//! What of live rooms must outlive a restart: written behind the voice, in order, for as long as the database takes.
//!
//! A host's word holds at once, in memory, and does not wait for a disk; its row follows within milliseconds.

pub mod store;

use super::store as rooms;
use crate::{
    model::id::RoomId,
    server::{state::AppState, voice::command::Keep},
};
use std::time::Duration;
use tokio::{sync::mpsc, time::sleep};

/// A write that the database did not take is tried again after this long,
const PAUSE: Duration = Duration::from_secs(1);
/// and so many times.
const TRIES: u32 = 600;

/// Writes what comes, until the voice is gone.
pub async fn keep(state: AppState, mut kept: mpsc::UnboundedReceiver<(RoomId, Keep)>) {
    while let Some((room, what)) = kept.recv().await {
        write(&state, &room, &what).await;
    }
}

async fn write(state: &AppState, room: &RoomId, what: &Keep) {
    for _ in 0..TRIES {
        let Err(error) = write_once(state, room, what).await else {
            return;
        };
        if is_about_nobody(&error) {
            return;
        }
        tracing::warn!(%error, %room, "what happened in a room could not be written; trying again");
        sleep(PAUSE).await;
    }
    tracing::error!(%room, ?what, "what happened in a room is lost at the next start: the database took it for ten minutes not");
}

async fn write_once(state: &AppState, room: &RoomId, what: &Keep) -> sqlx::Result<()> {
    let database = &state.database;
    match what {
        Keep::Standing { user, standing } => store::keep_standing(database, room, user, standing).await,
        Keep::Host(host) => store::keep_host(database, room, host).await,
        Keep::Rules(rules) => store::keep_rules(database, room, rules).await,
        Keep::Entry(entry) => store::keep_entry(database, room, entry).await,
        Keep::Ended => rooms::end_room(database, room, state.now_s()).await,
    }
}

/// The user or the room was deleted meanwhile.
fn is_about_nobody(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}
