//! One live room, pure: its sign, who looks in, who sits inside, who may be heard, and what time does to them.

mod news;

use super::{
    command::{ConnectionId, Delivery, Effect, Sound},
    forwarder::{Forwarder, Passed},
    seat::Seat,
};
use crate::model::{
    id::UserId,
    room::{Person, RoomCard, Sign},
    signal::{Refusal, ServerSignal},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// An empty room that nobody looks into fades after this long.
pub const FADE_AFTER_MS: u64 = 60_000;
/// A person whose line was lost without a goodbye shows as away after this long,
pub const AWAY_AFTER_MS: u64 = 2_000;
/// and is off the roster after this long: within 5 s, with a second to spare.
pub const GONE_AFTER_MS: u64 = 4_000;

/// A live room. Times are milliseconds, as the hall has them.
#[derive(Debug)]
pub struct Room {
    sign: Sign,
    pub opened: u64,
    /// Everybody at a socket of this room, inside or not.
    watchers: BTreeMap<ConnectionId, UserId>,
    seats: BTreeMap<UserId, Seat>,
    forwarder: Forwarder,
    /// The voice of the last who came in; the next gets the next.
    voices: u32,
    /// Since when nobody is here.
    empty_since_ms: Option<u64>,
    /// The card as it was last made; emptied when something on it changes.
    card: OnceLock<Arc<RoomCard>>,
}

impl Room {
    /// An empty room; `opened` is its place in the order of openings.
    pub fn new(sign: Sign, opened: u64, now_ms: u64) -> Self {
        Self {
            sign,
            opened,
            watchers: BTreeMap::new(),
            seats: BTreeMap::new(),
            forwarder: Forwarder::default(),
            voices: 0,
            empty_since_ms: Some(now_ms),
            card: OnceLock::new(),
        }
    }

    /// Whether somebody is inside.
    pub fn is_lit(&self) -> bool {
        !self.seats.is_empty()
    }

    /// Whether it has been empty for so long that it is no more.
    pub fn has_faded(&self, now_ms: u64) -> bool {
        self.empty_since_ms.is_some_and(|since| now_ms >= since + FADE_AFTER_MS)
    }

    /// Whether `user` may come in, where `most` may be inside.
    ///
    /// # Errors
    /// `RoomFull`.
    pub fn admits(&self, user: &UserId, most: u32) -> Result<(), Refusal> {
        match self.seats.len() < most as usize || self.seats.contains_key(user) {
            true => Ok(()),
            false => Err(Refusal::RoomFull { most }),
        }
    }

    /// Somebody looks in, and is told what there is to see.
    pub fn watch(&mut self, connection: ConnectionId, user: UserId) -> Effect {
        self.empty_since_ms = None;
        self.watchers.insert(connection, user.clone());
        let welcome = ServerSignal::Welcome {
            you: user,
            room: self.page(),
            speaking: self.list_speaking(),
        };
        Effect::Tell {
            to: vec![connection],
            signal: welcome,
        }
    }

    /// Gives a person a seat, or their seat another connection; muted.
    pub fn seat(&mut self, connection: ConnectionId, person: &Person, now_ms: u64) -> Vec<Effect> {
        if let Some(seat) = self.seats.get_mut(&person.id) {
            let before = seat.participant(&self.sign);
            seat.take(connection);
            let hushed = self.forwarder.plug(connection, seat.voice, now_ms);
            let mut effects = self.tell_if_changed(&person.id, &before);
            effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
            return effects;
        }
        self.voices += 1;
        let seat = Seat::new(person.clone(), self.voices, connection);
        self.forwarder.plug(connection, seat.voice, now_ms);
        let joined = seat.participant(&self.sign);
        self.seats.insert(person.id.clone(), seat);
        self.tell_list(ServerSignal::joined_by(joined))
    }

    /// Closes or opens the microphone of one connection. Opening it closes the person's others: nobody speaks twice.
    pub fn mute(&mut self, connection: ConnectionId, user: &UserId, on: bool) -> Vec<Effect> {
        let refused = || vec![refuse(connection, Refusal::NotJoined)];
        let Some(seat) = self.seats.get_mut(user) else {
            return refused();
        };
        if !self.forwarder.is_plugged(connection) {
            return refused();
        }
        let before = seat.participant(&self.sign);
        let talked = seat.set_talking(connection, !on);
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
        effects.extend(self.tell_if_changed(user, &before));
        effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
        effects
    }

    /// See [`Forwarder::hear_yourself`].
    pub fn hear_yourself(&mut self, connection: ConnectionId, now_ms: u64) -> Vec<Effect> {
        if !self.forwarder.is_plugged(connection) {
            return vec![refuse(connection, Refusal::NotJoined)];
        }
        self.forwarder.hear_yourself(connection, now_ms);
        vec![]
    }

    /// The voice connection is gone; the person stays, muted.
    pub fn unplug(&mut self, connection: ConnectionId, user: &UserId) -> Vec<Effect> {
        let Some(seat) = self
            .seats
            .get_mut(user)
            .filter(|_| self.forwarder.is_plugged(connection))
        else {
            return vec![];
        };
        let before = seat.participant(&self.sign);
        seat.set_talking(connection, false);
        let hushed = self.forwarder.unplug(connection);
        let mut effects = vec![tell(connection, ServerSignal::Unplugged)];
        effects.extend(self.tell_if_changed(user, &before));
        effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
        effects
    }

    /// Takes a connection from the room, and from its seat: that is given up at once after a goodbye, else it waits a while.
    pub fn depart(&mut self, connection: ConnectionId, user: &UserId, goodbye: bool, now_ms: u64) -> Vec<Effect> {
        self.watchers.remove(&connection);
        let hushed = self.forwarder.unplug(connection);
        let mut effects = match self.seats.get_mut(user) {
            Some(seat) => {
                let before = seat.participant(&self.sign);
                match seat.release(connection) {
                    true if goodbye => self.remove(user),
                    true => {
                        seat.lost_since_ms = Some(now_ms);
                        self.tell_if_changed(user, &before)
                    }
                    false => self.tell_if_changed(user, &before),
                }
            }
            None => vec![],
        };
        self.note_emptiness(now_ms);
        effects.extend(hushed.then(|| self.tell_speaking()).into_iter().flatten());
        effects
    }

    /// Lets time do its work: away, gone, silent.
    pub fn settle(&mut self, now_ms: u64) -> Vec<Effect> {
        let late: Vec<UserId> = self
            .seats
            .iter()
            .filter(|(_, seat)| seat.is_lost_for(AWAY_AFTER_MS, now_ms))
            .map(|(user, _)| user.clone())
            .collect();
        let mut effects = vec![];
        for user in late {
            let Some(seat) = self.seats.get_mut(&user) else {
                continue;
            };
            if seat.is_lost_for(GONE_AFTER_MS, now_ms) {
                effects.extend(self.remove(&user));
            } else {
                let before = seat.participant(&self.sign);
                seat.away = true;
                effects.extend(self.tell_if_changed(&user, &before));
            }
        }
        if self.forwarder.speaking.settle(now_ms) {
            effects.extend(self.tell_speaking());
        }
        self.note_emptiness(now_ms);
        effects
    }

    /// Passes a packet on; see [`Forwarder::pass`].
    pub fn pass(&mut self, from: ConnectionId, sound: &Sound, now_ms: u64, out: &mut Vec<Delivery>) -> Vec<Effect> {
        match self.forwarder.pass(from, sound, now_ms, out) {
            Passed::Began => self.tell_speaking(),
            Passed::OverBudget => vec![refuse(from, Refusal::TooMuchSound)],
            Passed::Heard | Passed::Unheard => vec![],
        }
    }

    /// Shows the new name and face, on the roster and as the host.
    pub fn rename(&mut self, person: &Person) -> Vec<Effect> {
        let is_host = self.sign.host.id == person.id;
        if is_host {
            self.sign.host = person.clone();
            self.card.take();
        }
        let Some(seat) = self.seats.get_mut(&person.id) else {
            return if is_host { vec![Effect::RoomsChanged] } else { vec![] };
        };
        seat.person = person.clone();
        let changed = seat.participant(&self.sign);
        self.tell_list(ServerSignal::changed_at(changed))
    }

    fn remove(&mut self, user: &UserId) -> Vec<Effect> {
        self.seats.remove(user);
        self.tell_list(ServerSignal::left_by(user.clone()))
    }

    fn note_emptiness(&mut self, now_ms: u64) {
        let is_empty = self.seats.is_empty() && self.watchers.is_empty();
        self.empty_since_ms = is_empty.then(|| self.empty_since_ms.unwrap_or(now_ms));
    }
}

fn tell(to: ConnectionId, signal: ServerSignal) -> Effect {
    Effect::Tell { to: vec![to], signal }
}

fn refuse(connection: ConnectionId, why: Refusal) -> Effect {
    tell(connection, ServerSignal::Refused { why })
}
