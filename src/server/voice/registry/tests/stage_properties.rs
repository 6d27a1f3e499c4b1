//! Property tests of the stage. Whatever people ask in whatever order: there is exactly one host, nobody is heard
//! without the right to talk, only listeners are invited to the stage, an undo restores the exact state before, and the log
//! explains every change of a role.

use super::{
    properties::ROOMY,
    random_moves::{Move, NAMES, step},
    *,
};
use crate::model::{
    moderation_log::{Deed, LogEntry},
    stage::HOST_AWAY_SECONDS,
};
use proptest::{prelude::*, test_runner::Config};
use std::collections::BTreeMap;

/// The registry ticks this often.
const TICK_MS: u64 = 100;

/// Everything about somebody that an undo must restore.
type Stand = (Role, Option<Barred>, Option<crate::model::stage::MicLock>);

struct StageBench {
    registry: RoomRegistry,
    now_ms: u64,
    connections: [Option<u64>; 5],
    next: u64,
    seq: u64,
    log: Vec<LogEntry>,
    /// For each entry of the log, by number: the mode and everybody's state before it.
    before: BTreeMap<u32, (Mode, Vec<Stand>)>,
    /// Since when the room has had people in it but not the host.
    hostless_since_ms: Option<u64>,
}

impl StageBench {
    fn new() -> Self {
        let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S, 0));
        let rules = Rules {
            mode: Mode::Stage,
            permanent: true,
            new_account_minutes: 0,
        };
        open(&mut registry, RoomInfo { rules, ..info() });
        Self {
            registry,
            now_ms: 0,
            connections: [None; 5],
            next: 0,
            seq: 0,
            log: vec![],
            before: BTreeMap::new(),
            hostless_since_ms: None,
        }
    }

    fn page(&self) -> RoomPage {
        self.registry.page(&room()).expect("a permanent room")
    }

    fn stands(&self) -> Vec<Stand> {
        let roster = self.page().roster;
        let of = |name: &&str| {
            let (role, bar) = self
                .registry
                .find_role_and_ban(&room(), &person(name).id, self.now_ms)
                .expect("a permanent room");
            let inside = roster.iter().find(|one| one.person.name == **name);
            (role, bar, inside.and_then(|one| one.mic_lock))
        };
        NAMES.iter().map(of).collect()
    }

    fn roles(&self) -> BTreeMap<UserId, Role> {
        self.page()
            .roster
            .into_iter()
            .map(|one| (one.person.id, one.role))
            .collect()
    }

    fn run(&mut self, step: &Move) {
        match step {
            Move::Enter(who) => self.enter(*who),
            Move::Leave(who) => {
                if let Some(connection) = self.connections[*who].take().map(ConnectionId) {
                    self.apply(Command::Leave { connection });
                }
            }
            Move::Lose(who) => {
                if let Some(connection) = self.connections[*who].take().map(ConnectionId) {
                    self.apply(Command::Lose { connection });
                }
            }
            Move::Mute(who, on) => {
                if let Some(connection) = self.connections[*who].map(ConnectionId) {
                    self.apply(Command::Mute { connection, on: *on });
                }
            }
            Move::StageRequest(who, request) => {
                if let Some(connection) = self.connections[*who].map(ConnectionId) {
                    let request = request.clone();
                    self.apply(Command::StageRequest { connection, request });
                }
            }
            Move::Packet(who) => self.packet(*who),
            Move::Wait(ms) => {
                for _ in 0..ms / TICK_MS {
                    self.now_ms += TICK_MS;
                    self.watched(|bench| bench.registry.tick(bench.now_ms));
                }
            }
        }
    }

    fn enter(&mut self, who: usize) {
        let barred = self
            .registry
            .find_role_and_ban(&room(), &person(NAMES[who]).id, self.now_ms)
            .expect("a permanent room")
            .1;
        // The server checks the same before it opens a socket.
        if self.connections[who].is_some() || barred.is_some() {
            return;
        }
        self.next += 1;
        self.connections[who] = Some(self.next);
        let visitor = RoomVisitor {
            // Ada and Ben have new accounts.
            known_since_s: if who < 2 { EPOCH_S } else { 0 },
            ..visitor(NAMES[who])
        };
        let connection = ConnectionId(self.next);
        self.apply(Command::Watch {
            connection,
            room: room(),
            visitor,
        });
        self.apply(Command::Join { connection });
    }

    fn apply(&mut self, command: Command) {
        self.watched(|bench| bench.registry.apply(command, bench.now_ms));
    }

    /// Runs `action`, and checks its effects against the rules.
    fn watched(&mut self, action: impl FnOnce(&mut Self) -> Vec<Effect>) {
        let (stands, roles, mode) = (self.stands(), self.roles(), self.page().info.rules.mode);
        let effects = action(self);
        let mut events = vec![];
        for effect in effects {
            match effect {
                Effect::Forget { connection } => {
                    let gone = |one: &Option<u64>| *one == Some(connection.0);
                    if let Some(at) = self.connections.iter().position(gone) {
                        self.connections[at] = None;
                    }
                }
                Effect::Persist {
                    what: Persist::LogEntry(entry),
                    ..
                } => events.push(entry),
                _ => {}
            }
        }
        for entry in &events {
            if entry.undone {
                self.restored(entry);
            } else {
                self.before.insert(entry.number, (mode, stands.clone()));
            }
        }
        self.log.extend(events.clone());
        self.explained(&roles, &events);
        self.only_listeners_are_invited();
        self.one_host();
    }

    /// Checks that undoing this entry restored the people it is about.
    fn restored(&self, entry: &LogEntry) {
        let (mode, before) = &self.before[&entry.number];
        let now = self.stands();
        let about = |person: &Option<Person>| {
            NAMES
                .iter()
                .position(|name| Some(*name) == person.as_ref().map(|one| one.name.as_str()))
        };
        let handed_over = matches!(entry.deed, Deed::Role { to: Role::Host, .. });
        let concerned = about(&entry.about)
            .into_iter()
            .chain(about(&entry.by).filter(|_| handed_over));
        for at in concerned {
            assert_eq!(
                now[at].1, before[at].1,
                "the removal or ban of {} after undoing {entry:?}",
                NAMES[at]
            );
            // Roles can only be compared in the same mode: in another mode the same record gives another role.
            if *mode == self.page().info.rules.mode {
                assert_eq!(
                    now[at].0, before[at].0,
                    "the role of {} after undoing {entry:?}",
                    NAMES[at]
                );
            }
        }
    }

    /// Checks that an entry of the log explains each change of a role.
    fn explained(&self, before: &BTreeMap<UserId, Role>, events: &[LogEntry]) {
        for (user, role) in self.roles() {
            let was = before.get(&user);
            if was.is_none_or(|was| *was == role) {
                continue;
            }
            let explains = |entry: &LogEntry| match entry.deed {
                Deed::Role { to: Role::Host, .. } if role == Role::CoHost => {
                    entry.by.as_ref().is_some_and(|one| one.id == user)
                }
                Deed::Role { to, .. } => to == role && entry.about.as_ref().is_some_and(|one| one.id == user),
                Deed::Mode { .. } | Deed::Undid { .. } => true,
                _ => false,
            };
            assert!(
                events.iter().any(explains),
                "{user} became {role:?} from {was:?}, and the log says {events:?}"
            );
        }
    }

    fn only_listeners_are_invited(&self) {
        for one in self.page().roster {
            assert!(!one.invited || one.role == Role::Listener, "{one:?}");
        }
    }

    /// Checks that there is one host, and that a host who is away is replaced in time.
    fn one_host(&mut self) {
        let page = self.page();
        let hosts = page.roster.iter().filter(|one| one.role == Role::Host).count();
        assert!(hosts <= 1);
        let (role, _) = self
            .registry
            .find_role_and_ban(&room(), &page.info.host.id, self.now_ms)
            .expect("a permanent room");
        assert_eq!(role, Role::Host, "the room's info names the host");
        let others = NAMES
            .iter()
            .map(|name| person(name).id)
            .filter(|user| *user != page.info.host.id);
        for other in others {
            let (role, _) = self
                .registry
                .find_role_and_ban(&room(), &other, self.now_ms)
                .expect("a permanent room");
            assert_ne!(role, Role::Host);
        }
        let present = page.roster.iter().any(|one| !one.away);
        self.hostless_since_ms = (hosts == 0 && present).then(|| self.hostless_since_ms.unwrap_or(self.now_ms));
        let away_limit_ms = u64::from(HOST_AWAY_SECONDS) * 1_000 + GONE_AFTER_MS;
        assert!(
            self.hostless_since_ms
                .is_none_or(|since| self.now_ms <= since + away_limit_ms + TICK_MS),
            "the room was without a host for too long"
        );
    }

    fn packet(&mut self, who: usize) {
        let Some(connection) = self.connections[who] else {
            return;
        };
        self.seq += 1;
        let sound = SoundPacket {
            ssrc: connection as u32 + 1,
            seq: self.seq,
            time: self.seq as u32 * 960,
            marker: false,
            level: Some(-20),
            bytes: 60,
            is_recovered: false,
        };
        let mut out = vec![];
        self.registry
            .pass(ConnectionId(connection), &sound, self.now_ms, &mut out);
        let may = self.page().roster.into_iter().find(|one| one.person.name == NAMES[who]);
        let may = may.is_some_and(|one| one.role.talks() && one.mic_lock.is_none() && !one.muted);
        assert!(may || out.is_empty(), "{} was heard, but must not be", NAMES[who]);
    }
}

proptest! {
    #![proptest_config(Config { cases: 400, ..Config::default() })]

    #[test]
    fn hosts_decisions_hold_in_any_order_of_events(steps in prop::collection::vec(step(), 1..150)) {
        let mut bench = StageBench::new();
        steps.iter().for_each(|step| bench.run(step));
    }
}
