//! Property test of ownership. Whatever people ask in whatever order, a room stays with its owner: no stand-in removes, bans or
//! replaces the owner, or ends the room while the owner may come back.

use super::{
    owner_absence::LONG_MS,
    properties::ROOMY,
    random_moves::{Move, NAMES, step},
    *,
};
use crate::model::host_kind::HostKind;
use proptest::{prelude::*, test_runner::Config};
use std::collections::BTreeSet;

/// The registry ticks this often, and once after a long wait.
const TICK_MS: u64 = 1_000;

/// What no stand-in may change.
#[derive(Debug, Clone, PartialEq)]
struct Owned {
    owner: UserId,
    /// The co-hosts, and the host if they are a co-host who hosts while the owner is away.
    chosen: BTreeSet<UserId>,
    banned: BTreeSet<UserId>,
    rules: Rules,
}

struct OwnerBench {
    registry: RoomRegistry,
    now_ms: u64,
    connections: [Option<u64>; 5],
    next: u64,
    /// When the owner was last seen inside.
    owner_seen_ms: u64,
}

impl OwnerBench {
    fn new(permanent: bool) -> Self {
        let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S, 0));
        let rules = Rules {
            mode: Mode::Stage,
            permanent,
            ..Rules::default()
        };
        open(&mut registry, RoomInfo { rules, ..info() });
        Self {
            registry,
            now_ms: 0,
            connections: [None; 5],
            next: 0,
            owner_seen_ms: 0,
        }
    }

    fn role_and_ban(&self, user: &UserId) -> (Role, Option<Barred>) {
        let found = self.registry.find_role_and_ban(&room(), user, self.now_ms);
        found.expect("the room has not ended")
    }

    /// What the owner owns, or `None` if the room has ended.
    fn owned(&self) -> Option<Owned> {
        let info = self.registry.page(&room())?.info;
        let people = NAMES.map(|name| person(name).id).into_iter();
        let is_chosen = |user: &UserId| {
            let hosts_as_co_host = *user == info.host.id && info.host_kind() == HostKind::Appointed;
            self.role_and_ban(user).0 == Role::CoHost || hosts_as_co_host
        };
        let is_banned = |user: &UserId| self.role_and_ban(user).1.is_some_and(|bar| bar.until_s.is_none());
        Some(Owned {
            chosen: people.clone().filter(is_chosen).collect(),
            banned: people.filter(is_banned).collect(),
            owner: info.owned_by,
            rules: info.rules,
        })
    }

    fn run(&mut self, step: &Move) {
        match step {
            Move::Enter(who) => self.enter(*who),
            Move::Leave(who) => self.on_connection(*who, |connection| Command::Leave { connection }),
            Move::Lose(who) => self.on_connection(*who, |connection| Command::Lose { connection }),
            Move::StageRequest(who, request) => self.request(*who, request),
            Move::Mute(..) | Move::Packet(_) => {}
            Move::Wait(ms) => self.wait(*ms),
        }
    }

    fn enter(&mut self, who: usize) {
        let bar = self.role_and_ban(&person(NAMES[who]).id).1;
        // The server checks the same before it opens a socket.
        if self.connections[who].is_some() || bar.is_some() {
            return;
        }
        self.next += 1;
        self.connections[who] = Some(self.next);
        let connection = ConnectionId(self.next);
        self.apply(Command::Watch {
            connection,
            room: room(),
            visitor: visitor(NAMES[who]),
        });
        self.apply(Command::Join { connection });
        self.check();
    }

    /// Ends the connection of this person, if there is one.
    fn on_connection(&mut self, who: usize, command: impl Fn(ConnectionId) -> Command) {
        if let Some(connection) = self.connections[who].take() {
            self.changing_nothing_owned(|bench| bench.apply(command(ConnectionId(connection))));
        }
    }

    fn wait(&mut self, ms: u64) {
        let step_ms = if ms > LONG_MS { ms } else { TICK_MS };
        for _ in 0..ms / step_ms {
            if self.registry.page(&room()).is_none_or(|page| page.roster.is_empty()) {
                // Nobody is inside, and an ordinary room would expire. Nothing else would happen.
                return;
            }
            self.now_ms += step_ms;
            self.changing_nothing_owned(|bench| {
                let effects = bench.registry.tick(bench.now_ms);
                bench.forget(&effects);
            });
        }
    }

    fn request(&mut self, who: usize, request: &StageRequest) {
        let Some(connection) = self.connections[who].map(ConnectionId) else {
            return;
        };
        let asking = person(NAMES[who]).id;
        let before = self.owned().expect("the room has not ended");
        let info = self.registry.page(&room()).expect("the room has not ended").info;
        let kind = (info.host.id == asking).then(|| info.host_kind());
        let request = request.clone();
        self.apply(Command::StageRequest {
            connection,
            request: request.clone(),
        });
        let Some(after) = self.owned() else {
            assert_eq!(request, StageRequest::End);
            // A connection is lost some seconds before its person is off the roster.
            let is_long = self.now_ms + GONE_AFTER_MS + TICK_MS >= self.owner_seen_ms + LONG_MS;
            let may_end = match kind {
                Some(HostKind::Owner) => true,
                Some(HostKind::Appointed) => !before.rules.permanent,
                Some(HostKind::StandIn) => !before.rules.permanent && is_long,
                None => false,
            };
            assert!(may_end, "{asking} ended the room as {kind:?}");
            return;
        };
        if asking != before.owner {
            assert_eq!(after.owner, before.owner, "{asking} replaced the owner by {request:?}");
            assert_eq!(
                after.chosen, before.chosen,
                "{asking} changed the co-hosts by {request:?}"
            );
        }
        if kind == Some(HostKind::StandIn) {
            assert_eq!(after, before, "a stand-in changed what is the owner's by {request:?}");
        }
        self.check();
    }

    fn apply(&mut self, command: Command) {
        let effects = self.registry.apply(command, self.now_ms);
        self.forget(&effects);
    }

    fn forget(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Forget { connection } = effect {
                let is_gone = |one: &&mut Option<u64>| **one == Some(connection.0);
                if let Some(gone) = self.connections.iter_mut().find(is_gone) {
                    *gone = None;
                }
            }
        }
    }

    /// Runs `action`, which is no request, and checks that the owner owns what they owned before.
    fn changing_nothing_owned(&mut self, action: impl FnOnce(&mut Self)) {
        let before = self.owned();
        action(self);
        assert_eq!(self.owned(), before);
        self.check();
    }

    /// Checks that the owner is neither removed nor banned, and hosts whenever they are inside.
    fn check(&mut self) {
        let page = self.registry.page(&room()).expect("the room has not ended");
        let owner = &page.info.owned_by;
        let (role, bar) = self.role_and_ban(owner);
        assert_eq!(bar, None, "the owner is removed or banned");
        if page.roster.iter().any(|one| one.person.id == *owner) {
            assert_eq!(role, Role::Host, "the owner is inside");
            self.owner_seen_ms = self.now_ms;
        }
        assert_eq!(page.info.host.id == *owner, page.info.absent_owner.is_none());
    }
}

/// The moves of [`step`], with more of those that concern ownership.
fn owner_step() -> impl Strategy<Value = Move> {
    let asked = prop_oneof![
        2 => Just(StageRequest::End),
        1 => any::<bool>().prop_map(|on| StageRequest::SetPermanent { on }),
        3 => prop::sample::select(NAMES.to_vec()).prop_map(|name| StageRequest::Moderate {
            about: person(name).id,
            action: ModerationAction::HandOver,
        }),
    ];
    prop_oneof![
        20 => step(),
        3 => (1..NAMES.len(), asked).prop_map(|(who, request)| Move::StageRequest(who, request)),
        2 => Just(Move::Leave(0)),
        4 => (65_000..90_000u64).prop_map(Move::Wait),
        1 => Just(Move::Wait(LONG_MS + 1)),
    ]
}

proptest! {
    #![proptest_config(Config { cases: 400, ..Config::default() })]

    #[test]
    fn no_stand_in_takes_a_room_from_its_owner_in_any_order_of_events(
        permanent in any::<bool>(),
        steps in prop::collection::vec(owner_step(), 1..150),
    ) {
        let mut bench = OwnerBench::new(permanent);
        for step in &steps {
            if !bench.registry.has_room(&room()) {
                break;
            }
            bench.run(step);
        }
    }
}
