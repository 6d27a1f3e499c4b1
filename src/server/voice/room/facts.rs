//! Whose voice connection people in the room may ask about.

use super::Room;
use crate::{
    model::{id::UserId, signal::Refusal},
    server::voice::command::{ConnectionId, WatchedVoice},
};

impl Room {
    /// The voice connection of `of`. If a person has several, it is the one with the open microphone, and for yourself the one of the
    /// socket that asks.
    ///
    /// # Errors
    /// `NotJoined` if the person who asks only watches. `NotYours` if they ask about somebody else and are no host. `NotPossible` if `of`
    /// is not inside.
    pub fn find_watched_voice(
        &self,
        asking: ConnectionId,
        by: &UserId,
        of: &UserId,
        now_ms: u64,
    ) -> Result<WatchedVoice, Refusal> {
        self.attendance.participant_at(asking, by).ok_or(Refusal::NotJoined)?;
        let is_own = by == of;
        if !is_own && !self.role(by).hosts() {
            return Err(Refusal::NotYours);
        }
        self.attendance.participant(of).ok_or(Refusal::NotPossible)?;
        let is_plugged = |connection: &ConnectionId| self.microphones.is_plugged(*connection);
        let of_socket = Some(asking).filter(|_| is_own).filter(is_plugged);
        let found = of_socket
            .or_else(|| self.microphones.open_connection(of))
            .or_else(|| self.attendance.connections_of(of).find(is_plugged));
        let level_for_ms = match is_own {
            true => u64::MAX,
            false => found
                .and_then(|connection| self.microphones.open_since_ms(connection))
                .map_or(0, |since_ms| now_ms.saturating_sub(since_ms)),
        };
        Ok(WatchedVoice {
            connection: found,
            level_for_ms,
        })
    }
}
