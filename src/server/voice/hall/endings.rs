//! Who is put out of the hall, and which room ends, pure; and the wishes that take more than one room to grant.

use super::{Hall, STANDING_MAX, ended};
use crate::{
    model::{
        id::{RoomId, SessionId, UserId},
        signal::{Ending, Refusal, ServerSignal},
        stage::Wish,
    },
    server::voice::command::{ConnectionId, Effect},
};

impl Hall {
    /// Puts everybody out, and the room is no more.
    pub(super) fn end(&mut self, id: &RoomId, now_ms: u64) -> Vec<Effect> {
        let Some(room) = self.rooms.get(id) else {
            return vec![];
        };
        let put_out = |connection| Effect::PutOut {
            connection,
            why: Ending::RoomEnded,
        };
        let watchers = room.list_watchers();
        let mut effects: Vec<Effect> = watchers
            .into_iter()
            .flat_map(|connection| self.put_out(put_out(connection), now_ms))
            .collect();
        self.rooms.remove(id);
        effects.extend([Effect::RoomsChanged, ended(id.clone())]);
        effects
    }

    pub(super) fn wish(&mut self, connection: ConnectionId, wish: Wish, now_ms: u64) -> Vec<Effect> {
        let refused = |why| {
            vec![Effect::Tell {
                to: vec![connection],
                signal: ServerSignal::Refused { why },
            }]
        };
        let Some(of) = self.connections.get(&connection) else {
            return vec![];
        };
        let (id, user) = (of.room.clone(), of.user().clone());
        let Some(room) = self.rooms.get(&id) else {
            return vec![];
        };
        match (room.may_wish(connection, &user, &wish), &wish) {
            (Err(why), _) => refused(why),
            (Ok(_), Wish::End) => self.end(&id, now_ms),
            (Ok(_), Wish::Stand { on: true }) if !self.may_keep_another(&user) => {
                refused(Refusal::ManyStanding { most: STANDING_MAX })
            }
            (Ok(_), _) => self.in_room(connection, |room, _| room.wish(connection, &user, wish, now_ms)),
        }
    }

    fn may_keep_another(&self, user: &UserId) -> bool {
        self.rooms.values().filter(|room| room.is_kept_by(user)).count() < STANDING_MAX as usize
    }

    /// Ends a connection that the effect puts out; any other effect is left as it is.
    pub(super) fn put_out(&mut self, effect: Effect, now_ms: u64) -> Vec<Effect> {
        let Effect::PutOut { connection, why } = effect else {
            return vec![effect];
        };
        let told = Effect::Tell {
            to: vec![connection],
            signal: ServerSignal::Ended { why },
        };
        std::iter::once(told)
            .chain(self.depart(connection, true, now_ms))
            .collect()
    }

    pub(super) fn cut_session(&mut self, session: &SessionId, now_ms: u64) -> Vec<Effect> {
        let of_session = self
            .connections
            .iter()
            .filter(|(_, one)| one.visitor.session == *session);
        let cut: Vec<ConnectionId> = of_session.map(|(connection, _)| *connection).collect();
        let put_out = |connection| Effect::PutOut {
            connection,
            why: Ending::SignedOut,
        };
        cut.into_iter()
            .flat_map(|connection| self.put_out(put_out(connection), now_ms))
            .collect()
    }
}
