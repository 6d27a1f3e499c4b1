//! What a room shows and announces: its page, its card on the list, and signals to its sockets.

use super::{Room, stage::RaisedHand};
use crate::{
    model::{
        id::UserId,
        one_line,
        room::{CARD_NAME_MAX_BYTES, FACES_MAX, ParticipantInfo, Person, RoomCard, RoomInfo, RoomPage},
        signal::ServerSignal,
    },
    server::voice::{
        command::{ConnectionId, Effect},
        participant::Participant,
    },
};
use std::sync::Arc;

/// The person with a name that fits on a card.
fn with_short_name(person: &Person) -> Person {
    Person {
        name: one_line::clipped(&person.name, CARD_NAME_MAX_BYTES),
        ..person.clone()
    }
}

impl Room {
    /// The room's info and everybody inside, in the order of arrival.
    pub fn page(&self) -> RoomPage {
        let participants = self.attendance.in_order().into_iter();
        RoomPage {
            info: self.info.clone(),
            roster: participants.map(|one| self.participant_info(one)).collect(),
            let_in_by: None,
        }
    }

    /// The room's card for the list of rooms. It is made again only after something on it has changed.
    pub fn card(&self) -> Arc<RoomCard> {
        self.card.get_or_init(|| Arc::new(self.make_card())).clone()
    }

    // A card has only five faces and short names, so that the list stays small. For the server, it also has everybody's whole name, so
    // that a search finds everybody who is inside.
    fn make_card(&self) -> RoomCard {
        let permissions = self.moderation.permissions();
        let mut participants = self.attendance.in_order();
        participants.sort_by_key(|participant| !permissions.role(&participant.person.id).talks());
        let listeners = participants
            .iter()
            .filter(|participant| !permissions.role(&participant.person.id).talks())
            .count();
        let active_since_ms = self.attendance.active_since_ms();
        let shown = &participants[..participants.len().min(FACES_MAX)];
        let faces: Vec<Person> = shown
            .iter()
            .map(|participant| with_short_name(&participant.person))
            .collect();
        let mut speaking = self.list_speaking();
        speaking.retain(|user| faces.iter().any(|face| face.id == *user));
        RoomCard {
            info: RoomInfo {
                host: with_short_name(&self.info.host),
                ..self.info.clone()
            },
            more: participants.len() - faces.len(),
            faces,
            listeners,
            active_since_s: active_since_ms.map(|at_ms| self.moderation.wall_clock().unix_s(at_ms)),
            speaking,
            barred: permissions.list_barred_ids(),
            searched_names: participants
                .iter()
                .map(|participant| participant.person.name.clone())
                .collect(),
        }
    }

    pub(super) fn participant_info(&self, participant: &Participant) -> ParticipantInfo {
        let user = &participant.person.id;
        let permissions = self.moderation.permissions();
        let hand = self.stage.hand(user);
        let raised_at_s = |hand: RaisedHand| self.hand_clock.unix_s(hand.raised_at_ms);
        ParticipantInfo {
            person: participant.person.clone(),
            role: permissions.role(user),
            hand: hand.map(|hand| hand.number),
            hand_since_s: hand.map(raised_at_s),
            invited: self.stage.inviter(user).is_some(),
            mic_lock: permissions.mic_lock(user),
            away: participant.is_away(),
            muted: !self.microphones.is_open(user),
            voice: participant.voice,
        }
    }

    pub(super) fn find_participant_info(&self, user: &UserId) -> Option<ParticipantInfo> {
        let participant = self.attendance.participant(user)?;
        Some(self.participant_info(participant))
    }

    pub(super) fn list_speaking(&self) -> Vec<UserId> {
        self.attendance
            .participants()
            .filter(|participant| self.microphones.is_speaking(participant.voice))
            .map(|participant| participant.person.id.clone())
            .collect()
    }

    pub(super) fn tell_if_changed(&self, user: &UserId, before: Option<ParticipantInfo>) -> Vec<Effect> {
        self.find_participant_info(user)
            .filter(|now| Some(now) != before.as_ref())
            .map(|changed| self.attendance.tell_all(ServerSignal::changed_at(changed)))
            .into_iter()
            .collect()
    }

    /// Tells every socket of the room about a change that the list of rooms shows too.
    pub(super) fn tell_list(&mut self, signal: ServerSignal) -> Vec<Effect> {
        self.card.take();
        vec![self.attendance.tell_all(signal), Effect::RoomsChanged]
    }

    /// Announces who is speaking, if `has_changed` is true. The signal goes only to sockets without a voice connection. A
    /// page with a voice connection needs no signal: the CSRCs in the packets that it receives name the speakers.
    pub(super) fn tell_speaking_if(&mut self, has_changed: bool) -> Vec<Effect> {
        if !has_changed {
            return vec![];
        }
        self.card.take();
        let is_watching = |one: &ConnectionId| !self.microphones.is_plugged(*one);
        let tell = Effect::Tell {
            to: self.attendance.connections().filter(is_watching).collect(),
            signal: ServerSignal::Speaking {
                who: self.list_speaking(),
            },
        };
        vec![tell, Effect::VoicesChanged]
    }

    /// The moderation panel, if this connection belongs to somebody who hosts.
    pub(super) fn tell_panel(&self, connection: ConnectionId) -> Option<Effect> {
        let hosts = self.list_host_connections().contains(&connection);
        hosts.then(|| Effect::tell(connection, self.panel_signal()))
    }

    /// Who muted `user` for everyone, if somebody did and the log still has it. Only for `user`: the others must not learn the name.
    pub(super) fn muter_signal(&self, user: &UserId) -> Option<ServerSignal> {
        let by = self.current_person(self.moderation.find_muter(user)?);
        Some(ServerSignal::MutedByHost { by: by.name.clone() })
    }

    /// Who invited `user` to the stage, until they answer. Only for `user`, as above.
    pub(super) fn inviter_signal(&self, user: &UserId) -> Option<ServerSignal> {
        let by = self.current_person(self.stage.inviter(user)?);
        Some(ServerSignal::InvitedByHost { by: by.name.clone() })
    }

    pub(super) fn panel_signal(&self) -> ServerSignal {
        ServerSignal::ModerationPanel {
            panel: self.moderation.panel(),
        }
    }

    pub(super) fn list_host_connections(&self) -> Vec<ConnectionId> {
        let permissions = self.moderation.permissions();
        self.attendance
            .connections_inside(|user| permissions.role(user).hosts())
    }
}
