//! The microphones of a room: on which connection each person's microphone is open, and who hears it.

use crate::{
    model::id::UserId,
    server::voice::{
        command::{ConnectionId, Delivery, SoundPacket},
        forwarder::{Forwarder, Passed},
    },
};
use std::collections::BTreeMap;

/// The open microphones. Everybody else inside is muted: the forwarder lets only these connections talk.
#[derive(Debug, Default)]
pub struct Microphones {
    /// The one connection of each person whose microphone is open.
    open: BTreeMap<UserId, ConnectionId>,
    forwarder: Forwarder,
}

impl Microphones {
    /// Adds the voice connection of a socket, or replaces the voice connection that the socket had. The new connection is muted. True if
    /// this silenced somebody who was speaking.
    pub fn plug(&mut self, connection: ConnectionId, user: &UserId, voice: u32, now_ms: u64) -> bool {
        self.forget_open(connection, user);
        self.forwarder.plug(connection, voice, now_ms)
    }

    /// Removes a voice connection; true if this silenced somebody who was speaking.
    pub fn unplug(&mut self, connection: ConnectionId, user: &UserId) -> bool {
        self.forget_open(connection, user);
        self.forwarder.unplug(connection)
    }

    /// Gives the voice connection of `from` to the connection `to` of the same person, with its open microphone. Returns another
    /// connection on which the person's microphone is open.
    pub fn move_connection(&mut self, from: ConnectionId, to: ConnectionId, user: &UserId) -> Option<ConnectionId> {
        self.forwarder.move_connection(from, to);
        let open = self.open.get_mut(user)?;
        if *open == from {
            *open = to;
        }
        Some(*open).filter(|open| *open != to)
    }

    pub fn is_plugged(&self, connection: ConnectionId) -> bool {
        self.forwarder.is_plugged(connection)
    }

    pub fn is_open(&self, user: &UserId) -> bool {
        self.open.contains_key(user)
    }

    /// Since when the person's microphone has been open on this connection; `None` if it is closed.
    pub fn open_since_ms(&self, connection: ConnectionId) -> Option<u64> {
        self.forwarder.talks_since_ms(connection)
    }

    /// The connection on which the person's microphone is open.
    pub fn open_connection(&self, user: &UserId) -> Option<ConnectionId> {
        self.open.get(user).copied()
    }

    /// Opens the microphone of one connection. If the person's microphone was open on another connection, that one is
    /// closed, so that nobody is heard twice. The result is the other connection, and whether closing its microphone
    /// silenced somebody who was speaking; `None` if there was no other connection.
    pub fn open(&mut self, connection: ConnectionId, user: &UserId, now_ms: u64) -> Option<(ConnectionId, bool)> {
        let before = self.open.insert(user.clone(), connection);
        let elsewhere = before.filter(|other| *other != connection);
        let closed = elsewhere.map(|other| (other, self.forwarder.silence(other)));
        self.forwarder.let_talk(connection, now_ms);
        closed
    }

    /// Closes the microphone of one connection; true if this silenced somebody who was speaking.
    pub fn close(&mut self, connection: ConnectionId, user: &UserId) -> bool {
        self.forget_open(connection, user);
        self.forwarder.silence(connection)
    }

    /// Closes the microphone of everybody who must not talk; true if this silenced somebody who was speaking.
    pub fn close_unless(&mut self, may_talk: impl Fn(&UserId) -> bool) -> bool {
        let closed = self.open.extract_if(.., |user, _| !may_talk(user));
        let mut hushed = false;
        for (_, connection) in closed {
            hushed |= self.forwarder.silence(connection);
        }
        hushed
    }

    /// The person has left the room. Each of their voice connections is [unplugged](Self::unplug) when it ends.
    pub fn leave(&mut self, user: &UserId) {
        self.open.remove(user);
    }

    /// See [`Forwarder::hear_yourself`].
    pub fn hear_yourself(&mut self, connection: ConnectionId, now_ms: u64) {
        self.forwarder.hear_yourself(connection, now_ms);
    }

    /// Forwards a packet; see [`Forwarder::pass`].
    pub fn pass(&mut self, from: ConnectionId, sound: &SoundPacket, now_ms: u64, out: &mut Vec<Delivery>) -> Passed {
        self.forwarder.pass(from, sound, now_ms, out)
    }

    /// Notes which voices have stopped speaking, because they have paused for too long; true if there was such a voice.
    pub fn tick(&mut self, now_ms: u64) -> bool {
        self.forwarder.speaking.tick(now_ms)
    }

    /// See [`Forwarder::list_arrivals`].
    pub fn list_arrivals(&mut self, now_ms: u64) -> Vec<(ConnectionId, bool)> {
        self.forwarder.list_arrivals(now_ms)
    }

    /// Whether this voice is speaking now.
    pub fn is_speaking(&self, voice: u32) -> bool {
        self.forwarder.speaking.is_on(voice)
    }

    fn forget_open(&mut self, connection: ConnectionId, user: &UserId) {
        if self.open.get(user) == Some(&connection) {
            self.open.remove(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: ConnectionId = ConnectionId(1);
    const PHONE: ConnectionId = ConnectionId(2);

    fn is_heard(microphones: &mut Microphones, from: ConnectionId, seq: u64) -> bool {
        let sound = SoundPacket {
            ssrc: from.0 as u32,
            seq,
            time: seq as u32 * 960,
            marker: false,
            level: Some(-20),
            bytes: 60,
            is_recovered: false,
        };
        let passed = microphones.pass(from, &sound, seq * 20, &mut vec![]);
        matches!(passed, Passed::Heard | Passed::Began)
    }

    #[test]
    fn the_microphone_that_is_shown_as_open_is_the_one_that_is_heard() {
        let user = UserId::parse("user-adaaaaa").expect("an id");
        let mut microphones = Microphones::default();
        microphones.plug(PAGE, &user, 1, 0);
        microphones.plug(PHONE, &user, 1, 0);
        assert_eq!(microphones.open(PAGE, &user, 0), None);
        assert!(is_heard(&mut microphones, PAGE, 1));
        assert_eq!(
            microphones.open(PHONE, &user, 0),
            Some((PAGE, true)),
            "nobody is heard twice"
        );
        assert!(!is_heard(&mut microphones, PAGE, 2) && is_heard(&mut microphones, PHONE, 2));
        microphones.close(PAGE, &user);
        assert!(microphones.is_open(&user), "the microphone is open on the phone");
        assert!(microphones.close_unless(|_| false) && !microphones.is_open(&user));
        assert!(!is_heard(&mut microphones, PHONE, 3));
    }
}
