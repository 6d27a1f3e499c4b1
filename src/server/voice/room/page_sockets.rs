//! Another socket of the same page: what belongs to the old socket moves to the new one, and the new one learns what it has missed.

use super::Room;
use crate::{
    model::{id::UserId, signal::ServerSignal},
    server::voice::command::{ConnectionId, Effect, RoomVisitor},
};

impl Room {
    /// Gives the place of the connection `from` to `to`, another socket of the same page: role, hand, microphone and voice connection
    /// stay as they are. `to` gets the welcome and everything that it may have missed. Others see a change only if the person was away.
    pub fn move_connection(
        &mut self,
        from: ConnectionId,
        to: ConnectionId,
        visitor: &RoomVisitor,
        now_ms: u64,
    ) -> Vec<Effect> {
        let user = &visitor.person.id;
        let before = self.find_participant_info(user);
        self.attendance.move_connection(from, to, user);
        let open_elsewhere = self.microphones.move_connection(from, to, user);
        let mut effects = vec![self.watch(to, visitor, now_ms)];
        if self.attendance.participant_at(to, user).is_some() {
            let elsewhere = open_elsewhere.map(|_| ServerSignal::MutedElsewhere);
            effects.extend(elsewhere.map(|signal| Effect::tell(to, signal)));
            effects.extend(self.tell_own(to, user));
        }
        effects.extend(self.tell_if_changed(user, before));
        effects
    }

    /// The socket of this connection was lost, and its page may come back with another one. The voice connection goes on.
    pub fn set_waiting(&mut self, connection: ConnectionId, user: &UserId, now_ms: u64) {
        self.attendance.set_waiting(connection, user, now_ms);
    }

    /// What only this connection of `user` is told when it joins: the moderation panel, and who muted or invited them.
    pub(super) fn tell_own(&self, connection: ConnectionId, user: &UserId) -> Vec<Effect> {
        let named = self.muter_signal(user).into_iter().chain(self.inviter_signal(user));
        let named = named.map(|signal| Effect::tell(connection, signal));
        self.tell_panel(connection).into_iter().chain(named).collect()
    }
}
