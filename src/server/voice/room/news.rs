//! What a room shows and tells, pure: the page, the card, and the news for those at its sockets.

use super::Room;
use crate::{
    model::{
        id::UserId,
        room::{FACES_MAX, Participant, Person, RoomCard, RoomPage},
        signal::ServerSignal,
    },
    server::voice::{
        command::{ConnectionId, Effect},
        seat::Seat,
    },
};
use std::sync::Arc;

impl Room {
    pub(super) fn participant(&self, seat: &Seat) -> Participant {
        let user = &seat.person.id;
        seat.participant(self.roles.role(user), self.hold(seat))
    }

    pub(super) fn find_participant(&self, user: &UserId) -> Option<Participant> {
        self.seats.get(user).map(|seat| self.participant(seat))
    }

    pub(super) fn tell_if_changed(&mut self, user: &UserId, before: Option<Participant>) -> Vec<Effect> {
        let changed = self.find_participant(user).filter(|now| Some(now) != before.as_ref());
        changed
            .map(|changed| self.tell_all(ServerSignal::changed_at(changed)))
            .into_iter()
            .collect()
    }

    /// Tells all in the room what the list shows too.
    pub(super) fn tell_list(&mut self, signal: ServerSignal) -> Vec<Effect> {
        self.card.take();
        vec![self.tell_all(signal), Effect::RoomsChanged]
    }

    /// Participants hear who speaks; whoever only watches is told.
    pub(super) fn tell_speaking(&mut self) -> Vec<Effect> {
        self.card.take();
        let to: Vec<ConnectionId> = self
            .watchers
            .keys()
            .copied()
            .filter(|one| !self.forwarder.is_plugged(*one))
            .collect();
        let told = Effect::Tell {
            to,
            signal: ServerSignal::Speaking {
                who: self.list_speaking(),
            },
        };
        vec![told, Effect::VoicesChanged]
    }

    pub(super) fn tell_all(&self, signal: ServerSignal) -> Effect {
        Effect::Tell {
            to: self.watchers.keys().copied().collect(),
            signal,
        }
    }

    pub(super) fn in_order(&self) -> Vec<&Seat> {
        let mut seats: Vec<&Seat> = self.seats.values().collect();
        seats.sort_by_key(|seat| seat.voice);
        seats
    }

    pub(super) fn list_speaking(&self) -> Vec<UserId> {
        let on = |seat: &&Seat| self.forwarder.speaking.is_on(seat.voice);
        self.seats
            .values()
            .filter(on)
            .map(|seat| seat.person.id.clone())
            .collect()
    }

    /// The info and everybody inside, in the order they came.
    pub fn page(&self) -> RoomPage {
        RoomPage {
            info: self.info.clone(),
            roster: self.in_order().into_iter().map(|seat| self.participant(seat)).collect(),
        }
    }

    /// The same for the list.
    pub fn card(&self) -> Arc<RoomCard> {
        let make = || {
            let mut seats = self.in_order();
            seats.sort_by_key(|seat| !self.roles.role(&seat.person.id).talks());
            let (shown, others) = seats.split_at(seats.len().min(FACES_MAX));
            let faces: Vec<Person> = shown.iter().map(|seat| seat.person.clone()).collect();
            let mut speaking = self.list_speaking();
            speaking.retain(|user| faces.iter().any(|face| face.id == *user));
            Arc::new(RoomCard {
                info: self.info.clone(),
                faces,
                others: others.iter().map(|seat| seat.person.name.clone()).collect(),
                speaking,
                barred: self.roles.list_barred_ids(),
            })
        };
        self.card.get_or_init(make).clone()
    }
}
