//! Who is put out of the hall, and which room ends, pure; and the wishes that take more than one room to grant.

use super::{Connection, Hall, STANDING_MAX, ended};
use crate::{
    model::{
        id::{RoomId, UserId},
        signal::{Ending, Refusal, ServerSignal},
        stage::Wish,
    },
    server::voice::command::{ConnectionId, Effect},
};

impl Hall {
    /// The room is no more, and everybody at it is told. Nobody is told of the others' leaving.
    pub(super) fn end(&mut self, id: RoomId) -> Vec<Effect> {
        if self.rooms.remove(&id).is_none() {
            return vec![];
        }
        let of_room = self.connections.extract_if(|_, of| of.room == id);
        let mut to: Vec<ConnectionId> = of_room.map(|(connection, _)| connection).collect();
        to.sort_unstable();
        self.plugged.retain(|connection| !to.contains(connection));
        let mut effects = vec![Effect::Tell {
            to: to.clone(),
            signal: ServerSignal::Ended { why: Ending::RoomEnded },
        }];
        effects.extend(to.into_iter().map(|connection| Effect::Forget { connection }));
        effects.extend([Effect::RoomsChanged, ended(id)]);
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
            (Ok(_), Wish::End) => self.end(id),
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

    /// Ends the connections that are meant, and says why.
    pub(super) fn cut(&mut self, is_meant: impl Fn(&Connection) -> bool, why: Ending, now_ms: u64) -> Vec<Effect> {
        let meant = self.connections.iter().filter(|(_, of)| is_meant(of));
        let cut: Vec<ConnectionId> = meant.map(|(connection, _)| *connection).collect();
        let put_out = |connection| Effect::PutOut { connection, why };
        cut.into_iter()
            .flat_map(|connection| self.put_out(put_out(connection), now_ms))
            .collect()
    }
}
