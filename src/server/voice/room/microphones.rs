//! Microphones and what comes out of them, pure: who is let talk, and where each packet goes.

use super::{Room, refuse, tell};
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
    /// Closes or opens the microphone of one connection. Opening it closes the person's others: nobody speaks twice.
    pub fn mute(&mut self, connection: ConnectionId, user: &UserId, on: bool, now_ms: u64) -> Vec<Effect> {
        let before = self.find_participant_info(user);
        if before.is_none() || !self.forwarder.is_plugged(connection) {
            return vec![refuse(connection, Refusal::NotJoined)];
        }
        if let Some(why) = self.find_mute_reason(user, now_ms).filter(|_| !on) {
            return vec![refuse(connection, why)];
        }
        let talked = self
            .participants
            .get_mut(user)
            .and_then(|participant| participant.set_talking(connection, !on));
        let elsewhere = talked.filter(|other| !on && *other != connection);
        let mut hushed = false;
        for silenced in elsewhere.into_iter().chain(on.then_some(connection)) {
            hushed |= self.forwarder.let_talk(silenced, false);
        }
        if !on {
            self.forwarder.let_talk(connection, true);
        }
        let mut effects: Vec<Effect> = elsewhere
            .map(|other| tell(other, ServerSignal::MutedElsewhere))
            .into_iter()
            .collect();
        effects.extend(self.tell_if_changed(user, before));
        effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
        effects
    }

    /// See [`Forwarder::hear_yourself`](crate::server::voice::forwarder::Forwarder::hear_yourself).
    pub fn hear_yourself(&mut self, connection: ConnectionId, now_ms: u64) -> Vec<Effect> {
        if !self.forwarder.is_plugged(connection) {
            return vec![refuse(connection, Refusal::NotJoined)];
        }
        self.forwarder.hear_yourself(connection, now_ms);
        vec![]
    }

    /// The voice connection is gone; the person stays, muted.
    pub fn unplug(&mut self, connection: ConnectionId, user: &UserId) -> Vec<Effect> {
        let before = self.find_participant_info(user);
        let Some(participant) = self
            .participants
            .get_mut(user)
            .filter(|_| self.forwarder.is_plugged(connection))
        else {
            return vec![];
        };
        participant.set_talking(connection, false);
        let hushed = self.forwarder.unplug(connection);
        let mut effects = vec![tell(connection, ServerSignal::Unplugged)];
        effects.extend(self.tell_if_changed(user, before));
        effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
        effects
    }

    /// Passes a packet on; see [`Forwarder::pass`](crate::server::voice::forwarder::Forwarder::pass).
    pub fn pass(
        &mut self,
        from: ConnectionId,
        sound: &SoundPacket,
        now_ms: u64,
        out: &mut Vec<Delivery>,
    ) -> Vec<Effect> {
        match self.forwarder.pass(from, sound, now_ms, out) {
            Passed::Began => self.tell_speaking(),
            Passed::OverBudget => vec![refuse(from, Refusal::TooMuchSound)],
            Passed::Heard | Passed::Unheard => vec![],
        }
    }
}
