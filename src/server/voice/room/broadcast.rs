//! What a room shows and tells, pure: the page, the card, and the news for those at its sockets.

use super::Room;
use crate::{
    model::{
        id::UserId,
        room::{FACES_MAX, ParticipantInfo, Person, RoomCard, RoomPage},
        signal::ServerSignal,
    },
    server::voice::{
        command::{ConnectionId, Effect},
        participant::Participant,
    },
};
use std::sync::Arc;

impl Room {
    pub(super) fn participant_info(&self, participant: &Participant) -> ParticipantInfo {
        let user = &participant.person.id;
        participant.participant_info(self.roles.role(user), self.mic_lock(participant))
    }

    pub(super) fn find_participant_info(&self, user: &UserId) -> Option<ParticipantInfo> {
        self.participants
            .get(user)
            .map(|participant| self.participant_info(participant))
    }

    pub(super) fn tell_if_changed(&mut self, user: &UserId, before: Option<ParticipantInfo>) -> Vec<Effect> {
        let changed = self
            .find_participant_info(user)
            .filter(|now| Some(now) != before.as_ref());
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
        let tell = Effect::Tell {
            to,
            signal: ServerSignal::Speaking {
                who: self.list_speaking(),
            },
        };
        vec![tell, Effect::VoicesChanged]
    }

    pub(super) fn tell_all(&self, signal: ServerSignal) -> Effect {
        Effect::Tell {
            to: self.watchers.keys().copied().collect(),
            signal,
        }
    }

    pub(super) fn in_order(&self) -> Vec<&Participant> {
        let mut participants: Vec<&Participant> = self.participants.values().collect();
        participants.sort_by_key(|participant| participant.voice);
        participants
    }

    pub(super) fn list_speaking(&self) -> Vec<UserId> {
        let on = |participant: &&Participant| self.forwarder.speaking.is_on(participant.voice);
        self.participants
            .values()
            .filter(on)
            .map(|participant| participant.person.id.clone())
            .collect()
    }

    /// The info and everybody inside, in the order they came.
    pub fn page(&self) -> RoomPage {
        RoomPage {
            info: self.info.clone(),
            roster: self
                .in_order()
                .into_iter()
                .map(|participant| self.participant_info(participant))
                .collect(),
        }
    }

    /// The same for the list.
    pub fn card(&self) -> Arc<RoomCard> {
        let make = || {
            let mut participants = self.in_order();
            participants.sort_by_key(|participant| !self.roles.role(&participant.person.id).talks());
            let (shown, others) = participants.split_at(participants.len().min(FACES_MAX));
            let faces: Vec<Person> = shown.iter().map(|participant| participant.person.clone()).collect();
            let mut speaking = self.list_speaking();
            speaking.retain(|user| faces.iter().any(|face| face.id == *user));
            Arc::new(RoomCard {
                info: self.info.clone(),
                faces,
                others: others
                    .iter()
                    .map(|participant| participant.person.name.clone())
                    .collect(),
                speaking,
                barred: self.roles.list_barred_ids(),
            })
        };
        self.card.get_or_init(make).clone()
    }
}
