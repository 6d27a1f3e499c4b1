//! The forwarder of one room: which three voices are heard, and who receives each packet on which slot. A slot is one
//! of the three streams that each listener receives.
//!
//! A packet is forwarded only if its connection may talk, and only the room can allow that ([`Forwarder::let_talk`]).
//! So a person who is muted, was signed out or never joined reaches nobody, whatever they send.

mod arrival;
mod plugged_connection;

use super::{
    command::{ConnectionId, Delivery, SoundPacket},
    rtp_rewriter::Epoch,
    speaking::{Speaking, is_faint, is_voiced},
};
use crate::model::signal::{HEAR_YOURSELF_MS, SLOTS};
use plugged_connection::{Echo, PluggedConnection};
use std::collections::{BTreeMap, BTreeSet};

/// A voice keeps its slot for this long after its last voiced packet. Without this rule, a fourth speaker would take
/// another speaker's slot in every pause. In a test, browsers had to conceal 9.5 % of the sound without the rule, and
/// 0.07 % with it.
pub const HOLD_MS: u64 = 2_000;

/// The voice connections of a room, and the voices on its slots.
#[derive(Debug, Default)]
pub struct Forwarder {
    ends: BTreeMap<ConnectionId, PluggedConnection>,
    /// How many people the connections belong to.
    people: usize,
    slots: [Option<Holder>; SLOTS],
    pub speaking: Speaking,
    epochs: u64,
}

/// The voice on a slot.
#[derive(Debug, Clone, Copy)]
struct Holder {
    connection: ConnectionId,
    ssrc: u32,
    epoch: Epoch,
    /// When its last voiced packet came; `None` if all of its packets were faint.
    voiced_ms: Option<u64>,
    /// When its last packet came that was voiced or faint.
    faint_ms: u64,
}

impl Holder {
    /// Until when the voice keeps its slot, if a packet of another voice asks for it. A voiced packet takes the slot of a faint voice at
    /// once.
    fn held_until_ms(&self, other_is_voiced: bool) -> u64 {
        match (other_is_voiced, self.voiced_ms) {
            (true, Some(voiced_ms)) => voiced_ms + HOLD_MS,
            (true, None) => 0,
            (false, _) => self.faint_ms + HOLD_MS,
        }
    }
}

/// What the forwarder did with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// The packet was added to the deliveries.
    Heard,
    /// The packet was added to the deliveries, and this voice has just begun to speak.
    Began,
    /// The packet was not forwarded to other people, for one of three reasons. The connection is not allowed to talk. Or the voice
    /// got no slot, because the packet is silent, or all slots are taken. Or the sender is over a limit, and was warned a moment
    /// ago.
    Unheard,
    /// The packet was dropped because the sender is over a limit, and it is time to warn the sender.
    OverBudget,
}

impl Forwarder {
    /// Adds a voice connection. It receives sound at once, but is heard only after [`Forwarder::let_talk`]. True if it
    /// replaces a voice connection on which somebody was speaking, which silences them.
    pub fn plug(&mut self, connection: ConnectionId, voice: u32, now_ms: u64) -> bool {
        let hushed = self.unplug(connection);
        self.ends.insert(connection, PluggedConnection::new(voice, now_ms));
        self.count_people();
        hushed
    }

    /// Removes a voice connection; true if this silenced somebody who was speaking.
    pub fn unplug(&mut self, connection: ConnectionId) -> bool {
        let was_on = self.silence(connection);
        self.ends.remove(&connection);
        self.count_people();
        was_on
    }

    fn count_people(&mut self) {
        let voices: BTreeSet<u32> = self.ends.values().map(|end| end.voice).collect();
        self.people = voices.len();
    }

    /// Gives the voice connection of `from` to `to`. The streams to and from it go on without a gap.
    pub fn move_connection(&mut self, from: ConnectionId, to: ConnectionId) {
        if let Some(mut end) = self.ends.remove(&from) {
            end.arrival.forget_reports();
            self.ends.insert(to, end);
        }
        for holder in self.slots.iter_mut().flatten() {
            if holder.connection == from {
                holder.connection = to;
            }
        }
    }

    pub fn is_plugged(&self, connection: ConnectionId) -> bool {
        self.ends.contains_key(&connection)
    }

    /// The connections whose voice has stopped arriving although they may talk (`false`), and those for which that is over (`true`), since
    /// the last call.
    pub fn list_arrivals(&mut self, now_ms: u64) -> Vec<(ConnectionId, bool)> {
        let change = |(connection, end): (&ConnectionId, &mut PluggedConnection)| {
            Some((*connection, end.arrival.take_change(end.permission.is_given(), now_ms)?))
        };
        self.ends.iter_mut().filter_map(change).collect()
    }

    /// Since when this connection has been allowed to talk; `None` if it is not.
    pub fn talks_since_ms(&self, connection: ConnectionId) -> Option<u64> {
        let end = self.ends.get(&connection)?;
        end.permission.is_given().then_some(end.talks_since_ms)
    }

    /// Allows this connection to be heard.
    pub fn let_talk(&mut self, connection: ConnectionId, now_ms: u64) {
        if let Some(end) = self.ends.get_mut(&connection)
            && end.permission.give()
        {
            end.talks_since_ms = now_ms;
            end.arrival.begin(now_ms);
        }
    }

    /// Forbids this connection to be heard; true if this silenced somebody who was speaking.
    pub fn silence(&mut self, connection: ConnectionId) -> bool {
        for slot in &mut self.slots {
            *slot = slot.filter(|holder| holder.connection != connection);
        }
        let Some(end) = self.ends.get_mut(&connection) else {
            return false;
        };
        let (talked, voice) = (end.permission.take(), end.voice);
        talked && self.speaking.hush(voice)
    }

    /// Sends this connection's own voice back to it for [`HEAR_YOURSELF_MS`], even while muted. Uses a free slot, or
    /// else the last one.
    pub fn hear_yourself(&mut self, connection: ConnectionId, now_ms: u64) {
        let slot = self.slots.iter().position(Option::is_none).unwrap_or(SLOTS - 1);
        let epoch = self.next_epoch();
        if let Some(end) = self.ends.get_mut(&connection) {
            end.echo = Some(Echo {
                slot,
                epoch,
                ssrc: None,
                until_ms: now_ms + HEAR_YOURSELF_MS,
            });
        }
    }

    /// Forwards a packet of `from`: adds one delivery for each listener to `out`.
    pub fn pass(&mut self, from: ConnectionId, sound: &SoundPacket, now_ms: u64, out: &mut Vec<Delivery>) -> Passed {
        let (fresh, people) = (self.next_epoch(), self.people);
        let Some(sender) = self.ends.get_mut(&from) else {
            return Passed::Unheard;
        };
        if sound.is_recovered && !sender.recovered.spend(sound.bytes, now_ms) {
            return Passed::Unheard;
        }
        // The packet that carried a recovered one follows at once.
        if !sound.is_recovered {
            sender.arrival.note(is_voiced(sound.level), now_ms);
        }
        if !sound.is_recovered && !sender.budget.spend(sound.bytes, now_ms) {
            return match sender.exceed(now_ms) {
                true => Passed::OverBudget,
                false => Passed::Unheard,
            };
        }
        let voice = sender.voice;
        sender.echo = sender.echo.filter(|echo| now_ms < echo.until_ms);
        if let Some(mut echo) = sender.echo {
            if echo.ssrc.replace(sound.ssrc).is_some_and(|before| before != sound.ssrc) {
                echo.epoch = fresh;
            }
            sender.echo = Some(echo);
            out.extend(sender.deliver(from, (echo.slot, echo.epoch), (voice, people), sound, now_ms));
        }
        if !sender.permission.covers(sound) {
            return Passed::Unheard;
        }
        let claimed = match sound.is_recovered {
            true => self.find_held(from, sound.ssrc),
            false => self.claim(from, sound, now_ms),
        };
        let Some((slot, epoch)) = claimed else {
            return Passed::Unheard;
        };
        for (to, listener) in &mut self.ends {
            if listener.voice != voice && !listener.is_busy(slot, now_ms) {
                out.extend(listener.deliver(*to, (slot, epoch), (voice, people), sound, now_ms));
            }
        }
        match !sound.is_recovered && self.speaking.on_packet(voice, sound.level, now_ms) {
            true => Passed::Began,
            false => Passed::Heard,
        }
    }

    /// The slot that this stream holds. A packet that was lost and came as a copy takes no slot and keeps none: its own level is not
    /// known, and the packet that carried it does both.
    fn find_held(&self, from: ConnectionId, ssrc: u32) -> Option<(usize, Epoch)> {
        let is_held = |holder: &Holder| holder.connection == from && holder.ssrc == ssrc;
        let slot = self.slots.iter().position(|slot| slot.as_ref().is_some_and(is_held))?;
        Some((slot, self.slots[slot]?.epoch))
    }

    /// The slot for this voice. A voice that has a slot keeps it. Otherwise a voiced packet takes a slot that is free,
    /// or whose voice is faint or has been silent for [`HOLD_MS`]. A faint packet ([`is_faint`]) takes only a slot that nobody uses, so that
    /// a person with a quiet microphone is heard, but never instead of somebody else.
    fn claim(&mut self, from: ConnectionId, sound: &SoundPacket, now_ms: u64) -> Option<(usize, Epoch)> {
        let (voiced, faint) = (is_voiced(sound.level), is_faint(sound.level));
        let holds = |slot: &Option<Holder>| slot.is_some_and(|holder| holder.connection == from);
        if let Some(slot) = self.slots.iter().position(holds) {
            let fresh = self.next_epoch();
            let holder = self.slots[slot].as_mut()?;
            if holder.ssrc != sound.ssrc {
                (holder.ssrc, holder.epoch) = (sound.ssrc, fresh);
            }
            if voiced {
                holder.voiced_ms = Some(now_ms);
            }
            if faint {
                holder.faint_ms = now_ms;
            }
            return Some((slot, holder.epoch));
        }
        if !faint {
            return None;
        }
        let slot = self.find_free(voiced, now_ms)?;
        let epoch = self.next_epoch();
        self.slots[slot] = Some(Holder {
            connection: from,
            ssrc: sound.ssrc,
            epoch,
            voiced_ms: voiced.then_some(now_ms),
            faint_ms: now_ms,
        });
        Some((slot, epoch))
    }

    /// A slot without a voice. If there is none, the slot that its voice has stopped holding first. `voiced` says whether the packet that
    /// needs a slot is voiced.
    fn find_free(&self, voiced: bool, now_ms: u64) -> Option<usize> {
        let held_until_ms = |slot: &usize| self.slots[*slot].map_or(0, |holder| holder.held_until_ms(voiced));
        let first = (0..SLOTS).min_by_key(|slot| (self.slots[*slot].is_some(), held_until_ms(slot)))?;
        (now_ms >= held_until_ms(&first)).then_some(first)
    }

    fn next_epoch(&mut self) -> Epoch {
        self.epochs += 1;
        Epoch(self.epochs)
    }
}

#[cfg(test)]
mod tests;
