//! The forwarder of one room: which three voices are heard, and who receives each packet on which slot. A slot is one
//! of the three streams that each listener receives.
//!
//! A packet is forwarded only if its connection may talk, and only the room can allow that ([`Forwarder::let_talk`]).
//! So a person who is muted, was signed out or never joined reaches nobody, whatever they send.

use super::{
    command::{ConnectionId, Delivery, SoundPacket},
    rtp_rewriter::{Epoch, RtpRewriter},
    speaking::{Speaking, is_faint, is_voiced},
    token_bucket::TokenBucket,
};
use crate::model::signal::{HEAR_YOURSELF_MS, SLOTS};
use std::collections::BTreeMap;

/// A voice keeps its slot for this long after its last voiced packet. Without this rule, a fourth speaker would take
/// another speaker's slot in every pause. In a test, browsers had to conceal 9.5 % of the sound without the rule, and
/// 0.07 % with it.
pub const HOLD_MS: u64 = 2_000;
/// The largest number of packets that a sender may send in a second. A voice needs 50 packets a second and 32 kbit/s.
pub const PACKETS_PER_SECOND: u64 = 100;
/// The largest number of bits of payload that a sender may send in a second.
pub const BITS_PER_SECOND: u64 = 160_000;
/// A sender who exceeds one of these two limits is warned at most once in this time.
const WARN_EVERY_MS: u64 = 5_000;

/// The voice connections of a room, and the voices on its slots.
#[derive(Debug, Default)]
pub struct Forwarder {
    ends: BTreeMap<ConnectionId, PluggedConnection>,
    slots: [Option<Holder>; SLOTS],
    pub speaking: Speaking,
    epochs: u64,
}

/// One voice connection.
#[derive(Debug)]
struct PluggedConnection {
    /// The person's CSRC, the number that names them in RTP packets (RFC 3550 section 5.1). All connections of a person have the
    /// same CSRC, and don't receive each other's sound.
    voice: u32,
    /// Whether the room allows this connection to be heard.
    talks: bool,
    rewriters: [RtpRewriter; SLOTS],
    packets: TokenBucket,
    bits: TokenBucket,
    warned_ms: Option<u64>,
    echo: Option<Echo>,
}

/// "Hear yourself" on one connection: the slot on which its own voice comes back, and until when.
#[derive(Debug, Clone, Copy)]
struct Echo {
    slot: usize,
    epoch: Epoch,
    ssrc: Option<u32>,
    until_ms: u64,
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
        let end = PluggedConnection {
            voice,
            talks: false,
            rewriters: Default::default(),
            packets: TokenBucket::new(PACKETS_PER_SECOND, now_ms),
            bits: TokenBucket::new(BITS_PER_SECOND, now_ms),
            warned_ms: None,
            echo: None,
        };
        self.ends.insert(connection, end);
        hushed
    }

    /// Removes a voice connection; true if this silenced somebody who was speaking.
    pub fn unplug(&mut self, connection: ConnectionId) -> bool {
        let was_on = self.silence(connection);
        self.ends.remove(&connection);
        was_on
    }

    pub fn is_plugged(&self, connection: ConnectionId) -> bool {
        self.ends.contains_key(&connection)
    }

    /// Allows this connection to be heard, or forbids it; true if this silenced somebody who was speaking.
    pub fn let_talk(&mut self, connection: ConnectionId, on: bool) -> bool {
        match self.ends.get_mut(&connection) {
            Some(end) if on => {
                end.talks = true;
                false
            }
            _ => self.silence(connection),
        }
    }

    fn silence(&mut self, connection: ConnectionId) -> bool {
        for slot in &mut self.slots {
            *slot = slot.filter(|holder| holder.connection != connection);
        }
        let Some(end) = self.ends.get_mut(&connection) else {
            return false;
        };
        let talked = std::mem::take(&mut end.talks);
        let voice = end.voice;
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
        let fresh = self.next_epoch();
        let Some(sender) = self.ends.get_mut(&from) else {
            return Passed::Unheard;
        };
        if !sender.packets.spend(1, now_ms) || !sender.bits.spend(sound.bytes as u64 * 8, now_ms) {
            return sender.over_budget(now_ms);
        }
        let (voice, talks) = (sender.voice, sender.talks);
        sender.echo = sender.echo.filter(|echo| now_ms < echo.until_ms);
        if let Some(mut echo) = sender.echo {
            if echo.ssrc.replace(sound.ssrc).is_some_and(|before| before != sound.ssrc) {
                echo.epoch = fresh;
            }
            sender.echo = Some(echo);
            out.extend(sender.deliver(from, echo.slot, echo.epoch, voice, sound, now_ms));
        }
        if !talks {
            return Passed::Unheard;
        }
        let Some((slot, epoch)) = self.claim(from, sound, now_ms) else {
            return Passed::Unheard;
        };
        for (to, listener) in &mut self.ends {
            if listener.voice != voice && !listener.is_busy(slot, now_ms) {
                out.extend(listener.deliver(*to, slot, epoch, voice, sound, now_ms));
            }
        }
        match self.speaking.on_packet(voice, sound.level, now_ms) {
            true => Passed::Began,
            false => Passed::Heard,
        }
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

impl PluggedConnection {
    fn over_budget(&mut self, now_ms: u64) -> Passed {
        if self.warned_ms.is_some_and(|warned| now_ms < warned + WARN_EVERY_MS) {
            return Passed::Unheard;
        }
        self.warned_ms = Some(now_ms);
        Passed::OverBudget
    }

    /// Whether the listener hears their own voice on this slot now.
    fn is_busy(&self, slot: usize, now_ms: u64) -> bool {
        self.echo
            .is_some_and(|echo| echo.slot == slot && now_ms < echo.until_ms)
    }

    fn deliver(
        &mut self,
        to: ConnectionId,
        slot: usize,
        epoch: Epoch,
        voice: u32,
        sound: &SoundPacket,
        now_ms: u64,
    ) -> Option<Delivery> {
        let rewritten = self.rewriters[slot].rewrite(epoch, sound, now_ms)?;
        Some(Delivery {
            to,
            slot,
            seq: rewritten.seq,
            time: rewritten.time,
            marker: sound.marker || rewritten.begins,
            voice,
        })
    }
}

#[cfg(test)]
mod tests;
