//! Who may read the facts about whose voice connection.

use super::RoomRegistry;
use crate::{
    model::{id::UserId, signal::Refusal},
    server::voice::command::{ConnectionId, WatchedVoice},
};

impl RoomRegistry {
    /// The voice connection of `of`, in the room of the socket `asking`.
    ///
    /// # Errors
    /// `NotJoined` if the person who asks only watches. `NotYours` if they ask about somebody else and are no host. `NotPossible` if `of`
    /// is not inside.
    pub fn find_watched_voice(&self, asking: ConnectionId, of: &UserId, now_ms: u64) -> Result<WatchedVoice, Refusal> {
        if let Some(visitor) = self.checks.visitor(asking) {
            return match visitor.user == *of {
                true => Ok(WatchedVoice {
                    connection: Some(asking).filter(|asking| self.checks.is_plugged(*asking)),
                    level_for_ms: u64::MAX,
                }),
                false => Err(Refusal::NotYours),
            };
        }
        let by = self.connections.get(asking).ok_or(Refusal::NotJoined)?;
        let room = self.rooms.get(&by.room).ok_or(Refusal::NotJoined)?;
        room.find_watched_voice(asking, by.user(), of, now_ms)
    }
}
