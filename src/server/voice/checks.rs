//! Connection checks: voice connections that are in no room. Each gets its own voice back, so that a page can see what comes back of it.

use super::{
    command::{CheckVisitor, ConnectionId, Delivery, Effect, SoundPacket},
    forwarder::Forwarder,
};
use crate::model::{
    id::{SessionId, UserId},
    signal::{Ending, HEAR_YOURSELF_MS, ServerSignal},
};
use std::collections::BTreeMap;

/// A check ends this many milliseconds after it has begun, or after its last join.
pub const CHECK_MAX_MS: u64 = 30_000;
/// The CSRC of the voice. There is only one in a check.
const VOICE: u32 = 1;

/// All checks. Times are milliseconds of the registry's clock.
#[derive(Debug, Default)]
pub struct Checks(BTreeMap<ConnectionId, Check>);

/// The socket of one check, and its voice connection, if it has one.
#[derive(Debug)]
struct Check {
    visitor: CheckVisitor,
    /// Has only the voice connection of this check.
    forwarder: Forwarder,
    echo_until_ms: u64,
    ends_at_ms: u64,
}

impl Checks {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn open(&mut self, connection: ConnectionId, visitor: CheckVisitor, now_ms: u64) {
        let check = Check {
            visitor,
            forwarder: Forwarder::default(),
            echo_until_ms: 0,
            ends_at_ms: now_ms + CHECK_MAX_MS,
        };
        self.0.insert(connection, check);
    }

    /// The person who checks their connection over this socket; `None` if it is the socket of a room.
    pub fn visitor(&self, connection: ConnectionId) -> Option<&CheckVisitor> {
        self.0.get(&connection).map(|check| &check.visitor)
    }

    /// Whether this check has a voice connection.
    pub fn is_plugged(&self, connection: ConnectionId) -> bool {
        let check = self.0.get(&connection);
        check.is_some_and(|check| check.forwarder.is_plugged(connection))
    }

    /// The people of all voice connections of checks, each with the socket.
    pub fn list_plugged(&self) -> impl Iterator<Item = (ConnectionId, &CheckVisitor)> {
        let plugged = self.0.iter();
        let plugged = plugged.filter(|(connection, check)| check.forwarder.is_plugged(**connection));
        plugged.map(|(connection, check)| (*connection, &check.visitor))
    }

    /// Adds the voice connection of a check, or replaces the one that it had. Does nothing if this is the socket of a room.
    pub fn join(&mut self, connection: ConnectionId, now_ms: u64) {
        if let Some(check) = self.0.get_mut(&connection) {
            check.forwarder.plug(connection, VOICE, now_ms);
            check.echo_until_ms = 0;
            check.ends_at_ms = now_ms + CHECK_MAX_MS;
        }
    }

    /// The voice connection of a check is gone. Its page is told, because it waits for what comes back.
    pub fn unplug(&mut self, connection: ConnectionId) -> Vec<Effect> {
        let Some(check) = self.0.get_mut(&connection) else {
            return vec![];
        };
        check.forwarder.unplug(connection);
        vec![Effect::tell(connection, ServerSignal::Unplugged)]
    }

    /// The socket of a check has ended, or must end.
    pub fn end(&mut self, connection: ConnectionId) -> Vec<Effect> {
        let ended = self.0.remove(&connection);
        ended.map(|_| Effect::Forget { connection }).into_iter().collect()
    }

    /// Sends a packet back to the check that it came from: adds a delivery to `out`.
    pub fn pass(&mut self, from: ConnectionId, sound: &SoundPacket, now_ms: u64, out: &mut Vec<Delivery>) {
        if let Some(check) = self.0.get_mut(&from) {
            if now_ms >= check.echo_until_ms {
                check.forwarder.hear_yourself(from, now_ms);
                check.echo_until_ms = now_ms + HEAR_YOURSELF_MS;
            }
            check.forwarder.pass(from, sound, now_ms, out);
        }
    }

    /// Ends the checks of a person or of a session, and tells each page why.
    pub fn disconnect(&mut self, is_meant: impl Fn(&UserId, &SessionId) -> bool, why: &Ending) -> Vec<Effect> {
        let meant = self.list(|check| is_meant(&check.visitor.user, &check.visitor.session));
        let end = |connection| {
            let told = Effect::tell(connection, ServerSignal::Ended { why: why.clone() });
            std::iter::once(told).chain(self.end(connection)).collect::<Vec<_>>()
        };
        meant.into_iter().flat_map(end).collect()
    }

    /// Ends the checks whose time is over.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Effect> {
        let over = self.list(|check| now_ms >= check.ends_at_ms);
        over.into_iter().flat_map(|connection| self.end(connection)).collect()
    }

    fn list(&self, is_meant: impl Fn(&Check) -> bool) -> Vec<ConnectionId> {
        let meant = self.0.iter().filter(|(_, check)| is_meant(check));
        meant.map(|(connection, _)| *connection).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: ConnectionId = ConnectionId(1);

    fn visitor(name: &str) -> CheckVisitor {
        CheckVisitor {
            user: UserId::parse(&format!("user-{name:a<10}")).expect("an id"),
            session: SessionId::parse(&format!("session-{name}")).expect("an id"),
            address: [192, 0, 2, 1].into(),
        }
    }

    /// How many of 50 packets in a second come back, from `at_ms`.
    fn echoes(checks: &mut Checks, at_ms: u64) -> usize {
        let mut out = vec![];
        for number in 0..50 {
            let sound = SoundPacket {
                ssrc: 7,
                seq: at_ms + number,
                time: (at_ms + number) as u32 * 960,
                marker: false,
                level: Some(-90),
                bytes: 60,
                is_recovered: false,
            };
            checks.pass(CHECK, &sound, at_ms + number * 20, &mut out);
        }
        assert!(out.iter().all(|delivery| delivery.to == CHECK));
        out.len()
    }

    #[test]
    fn a_check_gets_its_own_voice_back_until_its_time_is_over() {
        let mut checks = Checks::default();
        checks.open(CHECK, visitor("ada"), 0);
        assert_eq!(echoes(&mut checks, 0), 0, "it has no voice connection yet");
        checks.join(CHECK, 1_000);
        for second in 1..30 {
            assert_eq!(echoes(&mut checks, second * 1_000), 50, "in second {second}");
            assert!(checks.tick(second * 1_000).is_empty());
        }
        assert_eq!(
            checks.tick(1_000 + CHECK_MAX_MS),
            [Effect::Forget { connection: CHECK }]
        );
        assert!(checks.is_empty());
    }

    #[test]
    fn a_check_ends_with_its_session_and_its_person() {
        let mut checks = Checks::default();
        checks.open(CHECK, visitor("ada"), 0);
        checks.open(ConnectionId(2), visitor("ben"), 0);
        let of_ada = visitor("ada");
        let ended = checks.disconnect(|_, session| *session == of_ada.session, &Ending::SignedOut);
        let told = Effect::tell(CHECK, ServerSignal::Ended { why: Ending::SignedOut });
        assert_eq!(ended, [told, Effect::Forget { connection: CHECK }]);
        assert!(checks.visitor(CHECK).is_none() && checks.visitor(ConnectionId(2)).is_some());
    }

    #[test]
    fn a_lost_voice_connection_is_told_and_the_check_can_join_again() {
        let mut checks = Checks::default();
        checks.open(CHECK, visitor("ada"), 0);
        checks.join(CHECK, 0);
        assert_eq!(checks.list_plugged().count(), 1);
        assert_eq!(checks.unplug(CHECK), [Effect::tell(CHECK, ServerSignal::Unplugged)]);
        assert!(!checks.is_plugged(CHECK) && checks.list_plugged().count() == 0);
        checks.join(CHECK, 0);
        assert!(checks.is_plugged(CHECK));
    }
}
