//! How connections and rooms end, and the requests that one room can't decide alone.

use super::{Connection, PERMANENT_ROOMS_MAX, RoomRegistry, ended};
use crate::{
    model::{
        id::{RoomId, UserId},
        room::Person,
        signal::{Ending, Refusal, ServerSignal},
        stage::{ModerationAction, StageRequest},
    },
    server::voice::{
        command::{ConnectionId, Effect},
        host_pace::{ChangeBy, Paced},
        room::Room,
    },
};

impl RoomRegistry {
    /// Ends a room and tells every socket `room_ended`, in one signal. Nobody is told that the others left. `by` is the host who ends
    /// it.
    pub(super) fn end(&mut self, id: RoomId, by: Option<Person>) -> Vec<Effect> {
        if self.rooms.remove(&id).is_none() {
            return vec![];
        }
        let to = self.connections.remove_room(&id);
        self.plugged.retain(|connection| !to.contains(connection));
        let (by, name) = by.map(|by| (by.id, by.name)).unzip();
        let mut effects = vec![Effect::Tell {
            to: to.clone(),
            signal: ServerSignal::Ended {
                why: Ending::RoomEnded { by: name },
            },
        }];
        effects.extend(to.into_iter().map(|connection| Effect::Forget { connection }));
        effects.extend([Effect::RoomsChanged, ended(id, by)]);
        effects
    }

    pub(super) fn request(&mut self, connection: ConnectionId, request: StageRequest, now_ms: u64) -> Vec<Effect> {
        self.grant(connection, request, now_ms)
            .unwrap_or_else(|why| vec![Effect::refuse(connection, why)])
    }

    fn grant(&mut self, connection: ConnectionId, request: StageRequest, now_ms: u64) -> Result<Vec<Effect>, Refusal> {
        let Some(of) = self.connections.get(connection) else {
            return Ok(vec![]);
        };
        let (id, user) = (of.room.clone(), of.user().clone());
        let Some(room) = self.rooms.get(&id) else {
            return Ok(vec![]);
        };
        let asking = room.may_request(connection, &user, &request)?;
        if request == StageRequest::End {
            return Ok(self.end(id, Some(asking)));
        }
        if new_owner(&request, &user, room).is_some_and(|owner| !self.may_own_another(owner, 0)) {
            let most = PERMANENT_ROOMS_MAX;
            return Err(Refusal::TooManyPermanent { most });
        }
        let paced = Paced::of(&request).filter(|_| self.caps.hosts_are_paced);
        let is_owner = room.is_owner(&user);
        let by = ChangeBy {
            user: user.clone(),
            room: id.clone(),
            is_owner,
        };
        if let Some(kind) = paced {
            self.pace.check(&by, kind, now_ms)?;
        }
        let room = self.rooms.get_mut(&id);
        let effects = room.map_or(Ok(vec![]), |room| room.request(connection, &user, request, now_ms))?;
        if let Some(kind) = paced {
            self.pace.count(&by, kind, now_ms);
        }
        Ok(effects)
    }

    /// Whether `user` may own one more permanent room, if they get `more` others at the same time.
    pub(super) fn may_own_another(&self, user: &UserId, more: usize) -> bool {
        let owned = self.rooms.values().filter(|room| room.is_owned_by(user)).count();
        owned + more < PERMANENT_ROOMS_MAX as usize
    }

    /// Carries out [`Effect::PutOut`]; returns any other effect unchanged.
    pub(super) fn end_connection(&mut self, effect: Effect, now_ms: u64) -> Vec<Effect> {
        let Effect::PutOut { connection, why } = effect else {
            return vec![effect];
        };
        let tell = Effect::tell(connection, ServerSignal::Ended { why });
        std::iter::once(tell)
            .chain(self.remove_connection(connection, true, now_ms))
            .collect()
    }

    /// Ends every connection for which `is_meant` is true, and tells each one why.
    pub(super) fn disconnect(
        &mut self,
        is_meant: impl Fn(&Connection) -> bool,
        why: Ending,
        now_ms: u64,
    ) -> Vec<Effect> {
        let meant = self.connections.iter().filter(|(_, of)| is_meant(of));
        let disconnect: Vec<ConnectionId> = meant.map(|(connection, _)| *connection).collect();
        let put_out = |connection| Effect::PutOut {
            connection,
            why: why.clone(),
        };
        disconnect
            .into_iter()
            .flat_map(|connection| self.end_connection(put_out(connection), now_ms))
            .collect()
    }
}

/// The person who would own one more permanent room if this request were granted.
fn new_owner<'a>(request: &'a StageRequest, asking: &'a UserId, room: &Room) -> Option<&'a UserId> {
    match request {
        StageRequest::SetPermanent { on: true } => Some(asking),
        StageRequest::Moderate {
            about,
            action: ModerationAction::HandOver,
        } if room.is_owned_by(asking) => Some(about),
        _ => None,
    }
}
