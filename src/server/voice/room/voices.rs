//! What participants do with their microphones, and what the room announces about it.

use super::Room;
use crate::{
    model::{
        id::UserId,
        signal::{Refusal, ServerSignal},
    },
    server::voice::{
        command::{ConnectionId, Delivery, Effect, SoundPacket},
        forwarder::Passed,
    },
};

impl Room {
    /// Closes or opens the microphone of one connection. Opening it closes the person's microphone on their other
    /// devices, so that nobody is heard twice, and lowers the person's hand: they take the floor now.
    pub fn mute(&mut self, connection: ConnectionId, user: &UserId, on: bool, now_ms: u64) -> Vec<Effect> {
        let before = self.find_participant_info(user);
        if before.is_none() || !self.microphones.is_plugged(connection) {
            return vec![Effect::refuse(connection, Refusal::NotJoined)];
        }
        if let Some(why) = self.moderation.find_mute_reason(user, now_ms).filter(|_| !on) {
            return vec![Effect::refuse(connection, why)];
        }
        if !on {
            // An error only means that the hand is not up.
            let _ = self.stage.lower_hand(user);
        }
        let (elsewhere, hushed) = match on {
            true => (None, self.microphones.close(connection, user)),
            false => match self.microphones.open(connection, user, now_ms) {
                Some((other, hushed)) => (Some(other), hushed),
                None => (None, false),
            },
        };
        let told = elsewhere.map(|other| Effect::tell(other, ServerSignal::MutedElsewhere));
        let mut effects: Vec<Effect> = told.into_iter().collect();
        effects.extend(self.tell_if_changed(user, before));
        effects.extend(self.tell_speaking_if(hushed));
        effects
    }

    /// See [`Forwarder::hear_yourself`](crate::server::voice::forwarder::Forwarder::hear_yourself).
    pub fn hear_yourself(&mut self, connection: ConnectionId, now_ms: u64) -> Vec<Effect> {
        if !self.microphones.is_plugged(connection) {
            return vec![Effect::refuse(connection, Refusal::NotJoined)];
        }
        self.microphones.hear_yourself(connection, now_ms);
        vec![]
    }

    /// The voice connection is gone. The person stays in the room, muted.
    pub fn unplug(&mut self, connection: ConnectionId, user: &UserId) -> Vec<Effect> {
        let before = self.find_participant_info(user);
        if before.is_none() || !self.microphones.is_plugged(connection) {
            return vec![];
        }
        let hushed = self.microphones.unplug(connection, user);
        let mut effects = vec![Effect::tell(connection, ServerSignal::Unplugged)];
        effects.extend(self.tell_if_changed(user, before));
        effects.extend(self.tell_speaking_if(hushed));
        effects
    }

    /// Tells people whose microphone is open that their voice does not arrive, or arrives again. Their browsers can't know: they only
    /// see what they send.
    pub(super) fn tell_arrivals(&mut self, now_ms: u64) -> Vec<Effect> {
        let arrivals = self.microphones.list_arrivals(now_ms).into_iter();
        arrivals
            .map(|(connection, arrives)| Effect::tell(connection, ServerSignal::VoiceArrives { arrives }))
            .collect()
    }

    /// Forwards a packet; see [`Forwarder::pass`](crate::server::voice::forwarder::Forwarder::pass).
    pub fn pass(
        &mut self,
        from: ConnectionId,
        sound: &SoundPacket,
        now_ms: u64,
        out: &mut Vec<Delivery>,
    ) -> Vec<Effect> {
        match self.microphones.pass(from, sound, now_ms, out) {
            Passed::Began => self.tell_speaking_if(true),
            Passed::OverBudget => vec![Effect::refuse(from, Refusal::TooMuchSound)],
            Passed::Heard | Passed::Unheard => vec![],
        }
    }
}
