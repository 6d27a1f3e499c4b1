//! Tests of the registry. This file has what all of these tests use: a room that Ada hosts, and helpers to watch and enter it.

use super::*;
use crate::{
    model::{
        id::SessionId,
        room::{ParticipantInfo, Rules},
        signal::{Ending, Refusal, ServerSignal},
        stage::{Mode, ModerationAction, StageRequest},
    },
    server::voice::room::{AWAY_AFTER_MS, EXPIRE_AFTER_MS, GONE_AFTER_MS},
};

fn person(name: &str) -> Person {
    Person::named(UserId::parse(&format!("user-{name:a<10}")).expect("an id"), name)
}

fn room() -> RoomId {
    RoomId::parse("room-000000").expect("an id")
}

fn session(name: &str) -> SessionId {
    SessionId::parse(&format!("session-{name}")).expect("an id")
}

const CAPS: VoiceCaps = VoiceCaps {
    people_per_room: 3,
    peers_per_user: 2,
    peers_per_address: 4,
    hosts_are_paced: true,
};

/// The unix time, in seconds, at which the registry's clock read 0.
const EPOCH_S: i64 = 1_700_000_000;

fn info() -> RoomInfo {
    RoomInfo::new(room(), "Tea", RoomKind::Open, person("Ada"), Rules::default())
}

fn open(registry: &mut RoomRegistry, info: RoomInfo) {
    let restored = Restored::default();
    registry.apply(Command::Open { info, restored }, 0);
}

fn registry() -> RoomRegistry {
    let mut registry = RoomRegistry::new(CAPS, WallClock::new(EPOCH_S, 0));
    open(&mut registry, info());
    registry
}

fn expired() -> Effect {
    Effect::Persist {
        room: room(),
        what: Persist::Ended { by: None },
    }
}

fn watch(registry: &mut RoomRegistry, connection: u64, name: &str) -> Vec<Effect> {
    watch_from(registry, connection, name, session(name), connection as u8)
}

fn watch_from(registry: &mut RoomRegistry, connection: u64, name: &str, session: SessionId, host: u8) -> Vec<Effect> {
    let address = std::net::IpAddr::from([192, 0, 2, host]);
    let visitor = RoomVisitor {
        session,
        address,
        ..visitor(name)
    };
    watch_as(registry, connection, room(), visitor)
}

/// A visitor with an old account.
fn visitor(name: &str) -> RoomVisitor {
    RoomVisitor {
        person: person(name),
        session: session(name),
        address: std::net::IpAddr::from([192, 0, 2, 1]),
        known_since_s: 0,
        ice_servers: vec![],
        page: None,
    }
}

fn watch_as(registry: &mut RoomRegistry, connection: u64, room: RoomId, visitor: RoomVisitor) -> Vec<Effect> {
    let connection = ConnectionId(connection);
    let command = Command::Watch {
        connection,
        room,
        visitor,
    };
    registry.apply(command, 0)
}

fn join(registry: &mut RoomRegistry, connection: u64) -> Vec<Effect> {
    registry.apply(
        Command::Join {
            connection: ConnectionId(connection),
        },
        0,
    )
}

fn enter(registry: &mut RoomRegistry, connection: u64, name: &str) -> Vec<Effect> {
    watch(registry, connection, name);
    join(registry, connection)
}

fn roster(joined: Vec<ParticipantInfo>, changed: Vec<ParticipantInfo>) -> ServerSignal {
    ServerSignal::Roster {
        joined,
        left: vec![],
        changed,
    }
}

fn participant_info(name: &str, voice: u32) -> ParticipantInfo {
    let role = if name == "Ada" { Role::Host } else { Role::Speaker };
    ParticipantInfo::new(person(name), role, voice)
}

fn ids(numbers: &[u64]) -> Vec<ConnectionId> {
    numbers.iter().copied().map(ConnectionId).collect()
}

fn names(registry: &RoomRegistry) -> Vec<String> {
    registry
        .page(&room())
        .map(|page| page.roster.into_iter().map(|p| p.person.name).collect())
        .unwrap_or_default()
}

fn tell(to: &[u64], signal: ServerSignal) -> Effect {
    Effect::Tell { to: ids(to), signal }
}

mod caps;
mod checks;
mod deleted_accounts;
mod figures;
mod hands;
mod host_pace;
mod hosts;
mod moderation;
mod new_accounts;
mod owner_absence;
mod owner_properties;
mod page_sockets;
mod participants;
mod properties;
mod random_moves;
mod socket_endings;
mod stage;
mod stage_properties;
mod stand_in_table;
mod stand_ins;
mod voices;
mod wall_clock;
