//! Property tests of the forwarding: whatever happens in whatever order, nobody is heard without the right to talk. A
//! simple model of the rules runs beside the registry, and the tests check each packet against this model.

use super::*;
use crate::{
    model::{id::PageId, room::RoomPage},
    server::voice::room::GONE_AFTER_MS,
};
use proptest::{prelude::*, test_runner::Config};
use std::collections::BTreeMap;

/// The people at five connections: Ada and Ben have two each, Cem has one.
const NAMES: [&str; 5] = ["Ada", "Ada", "Ben", "Ben", "Cem"];

pub(super) const ROOMY: VoiceCaps = VoiceCaps {
    people_per_room: 9,
    peers_per_user: 9,
    peers_per_address: 9,
    hosts_are_paced: true,
};

#[derive(Debug, Clone)]
enum VoiceMove {
    Watch(usize),
    Join(usize),
    Mute(usize, bool),
    HearYourself(usize),
    Unplug(usize),
    Leave(usize),
    Lose(usize),
    SignOut(usize),
    /// The page opens another socket, which takes the place of the one that it has, even if that one was lost.
    Move(usize),
    Packet {
        from: usize,
        level: i8,
    },
    /// This many milliseconds pass.
    Pass(u64),
}

fn any_voice_move() -> impl Strategy<Value = VoiceMove> {
    let who = 0..NAMES.len();
    prop_oneof![
        2 => who.clone().prop_map(VoiceMove::Watch),
        4 => who.clone().prop_map(VoiceMove::Join),
        4 => (who.clone(), any::<bool>()).prop_map(|(who, on)| VoiceMove::Mute(who, on)),
        1 => who.clone().prop_map(VoiceMove::HearYourself),
        1 => who.clone().prop_map(VoiceMove::Unplug),
        1 => who.clone().prop_map(VoiceMove::Leave),
        1 => who.clone().prop_map(VoiceMove::Lose),
        1 => who.clone().prop_map(VoiceMove::SignOut),
        4 => who.clone().prop_map(VoiceMove::Move),
        20 => (who, -127i8..=0).prop_map(|(from, level)| VoiceMove::Packet { from, level }),
        3 => (0..3_000u64).prop_map(VoiceMove::Pass),
    ]
}

/// What the model expects of one connection.
#[derive(Debug, Default, Clone, Copy)]
struct Expected {
    here: bool,
    joined: bool,
    open: bool,
    echo_until_ms: u64,
    /// When the socket was lost. Until [`GONE_AFTER_MS`], the voice goes on.
    lost_at_ms: Option<u64>,
}

impl Expected {
    const GONE: Self = Self {
        here: false,
        joined: false,
        open: false,
        echo_until_ms: 0,
        lost_at_ms: None,
    };

    fn unplugged(self) -> Self {
        Self {
            here: self.here,
            lost_at_ms: self.lost_at_ms,
            ..Self::GONE
        }
    }
}

struct ForwardingBench {
    registry: RoomRegistry,
    rules: [Expected; 5],
    now_ms: u64,
    /// The number of each connection now. It changes when the connection moves to another socket.
    ids: [u64; 5],
    next_id: u64,
    seq: [u64; 5],
    /// The last sequence number that each listener got on each slot.
    numbers: BTreeMap<(ConnectionId, usize), u64>,
}

impl ForwardingBench {
    fn new() -> Self {
        let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S, 0));
        open(&mut registry, info());
        Self {
            registry,
            rules: Default::default(),
            now_ms: 0,
            ids: [0, 1, 2, 3, 4],
            next_id: 5,
            seq: [0; 5],
            numbers: BTreeMap::new(),
        }
    }

    fn run(&mut self, action: &VoiceMove) {
        // A page whose socket is lost can send nothing.
        if let VoiceMove::Join(who) | VoiceMove::Mute(who, _) | VoiceMove::HearYourself(who) | VoiceMove::Leave(who) =
            *action
            && self.rules[who].lost_at_ms.is_some()
        {
            return;
        }
        let ids = self.ids;
        let id = |who: usize| ConnectionId(ids[who]);
        match *action {
            VoiceMove::Watch(who) if !self.rules[who].here => {
                self.open_socket(who);
                self.rules[who] = Expected {
                    here: true,
                    ..Expected::GONE
                };
            }
            VoiceMove::Watch(_) => {}
            VoiceMove::Join(who) => {
                self.apply(Command::Join { connection: id(who) });
                self.forget_numbers(who);
                if self.rules[who].here {
                    self.rules[who] = Expected {
                        joined: true,
                        ..self.rules[who].unplugged()
                    };
                }
            }
            VoiceMove::Mute(who, on) => {
                self.apply(Command::Mute {
                    connection: id(who),
                    on,
                });
                if self.rules[who].joined {
                    if !on {
                        (0..5)
                            .filter(|other| NAMES[*other] == NAMES[who])
                            .for_each(|other| self.rules[other].open = false);
                    }
                    self.rules[who].open = !on;
                }
            }
            VoiceMove::HearYourself(who) => {
                self.apply(Command::HearYourself { connection: id(who) });
                if self.rules[who].joined {
                    self.rules[who].echo_until_ms = self.now_ms + crate::model::signal::HEAR_YOURSELF_MS;
                }
            }
            VoiceMove::Unplug(who) => {
                self.apply(Command::Unplug { connection: id(who) });
                self.rules[who] = self.rules[who].unplugged();
            }
            VoiceMove::Leave(who) => {
                self.apply(Command::Leave { connection: id(who) });
                self.rules[who] = Expected::GONE;
            }
            VoiceMove::Lose(who) => {
                self.apply(Command::Lose { connection: id(who) });
                if self.rules[who].joined {
                    self.rules[who].lost_at_ms.get_or_insert(self.now_ms);
                } else {
                    self.rules[who] = Expected::GONE;
                }
            }
            VoiceMove::Move(who) if self.rules[who].here => {
                let before = self.page();
                self.open_socket(who);
                self.rules[who].lost_at_ms = None;
                self.move_numbers(id(who), ConnectionId(self.ids[who]));
                // The end of the old socket changes nothing.
                self.apply(Command::Lose { connection: id(who) });
                let after = self.page();
                let without_away = |page: &RoomPage| -> Vec<ParticipantInfo> {
                    let shown = page.roster.iter().cloned();
                    shown.map(|one| ParticipantInfo { away: false, ..one }).collect()
                };
                assert_eq!(without_away(&before), without_away(&after), "a move changes nobody");
            }
            VoiceMove::Move(_) => {}
            VoiceMove::SignOut(who) => {
                self.apply(Command::DisconnectSession {
                    session: session(&format!("of-{who}")),
                });
                self.rules[who] = Expected::GONE;
            }
            VoiceMove::Packet { from, level } => self.packet(from, level),
            VoiceMove::Pass(ms) => {
                self.now_ms += ms;
                self.registry.tick(self.now_ms);
                for rules in &mut self.rules {
                    if rules
                        .lost_at_ms
                        .is_some_and(|at_ms| self.now_ms >= at_ms + GONE_AFTER_MS)
                    {
                        *rules = Expected::GONE;
                    }
                }
            }
        }
    }

    fn apply(&mut self, command: Command) {
        self.registry.apply(command, self.now_ms);
    }

    /// Opens a socket of the page with this number.
    fn open_socket(&mut self, who: usize) {
        self.ids[who] = self.next_id;
        self.next_id += 1;
        let visitor = RoomVisitor {
            session: session(&format!("of-{who}")),
            page: PageId::parse(&format!("page-of-{who:0>10}")),
            ..visitor(NAMES[who])
        };
        let (connection, room) = (ConnectionId(self.ids[who]), room());
        self.apply(Command::Watch {
            connection,
            room,
            visitor,
        });
    }

    fn page(&self) -> RoomPage {
        self.registry.page(&room()).expect("the room")
    }

    fn forget_numbers(&mut self, who: usize) {
        let connection = ConnectionId(self.ids[who]);
        self.numbers.retain(|(to, _), _| *to != connection);
    }

    /// A listener whose connection moves gets the next numbers on the new one.
    fn move_numbers(&mut self, from: ConnectionId, to: ConnectionId) {
        let moved = self.numbers.extract_if(.., |(of, _), _| *of == from);
        let moved: Vec<((ConnectionId, usize), u64)> = moved.collect();
        self.numbers
            .extend(moved.into_iter().map(|((_, slot), seq)| ((to, slot), seq)));
    }

    fn packet(&mut self, from: usize, level: i8) {
        self.now_ms += 20;
        self.seq[from] += 1;
        let sound = SoundPacket {
            ssrc: 1,
            seq: self.seq[from],
            time: self.seq[from] as u32 * 960,
            marker: false,
            level: Some(level),
            bytes: 60,
            is_recovered: false,
        };
        let mut out = vec![];
        self.registry
            .pass(ConnectionId(self.ids[from]), &sound, self.now_ms, &mut out);
        let mut slots: Vec<usize> = vec![];
        for delivery in &out {
            let to = self.ids.iter().position(|id| *id == delivery.to.0);
            let to = to.expect("a connection that is still in use");
            assert!(delivery.slot < crate::model::signal::SLOTS);
            assert!(self.rules[to].joined, "connection {to} has no voice connection");
            if to == from {
                assert!(
                    self.now_ms < self.rules[from].echo_until_ms,
                    "connection {from} hears itself, although it did not ask for that"
                );
            } else {
                assert!(self.rules[from].open, "connection {from} was heard, but must not be");
                assert_ne!(NAMES[to], NAMES[from], "people don't hear themselves");
                slots.push(delivery.slot);
            }
            // The sender's packets have no gaps, so the sequence numbers of each listener must go up by exactly one.
            let last = self
                .numbers
                .insert((delivery.to, delivery.slot), delivery.seq)
                .unwrap_or(0);
            assert_eq!(
                delivery.seq,
                last + 1,
                "a number is missing on slot {} of {to}",
                delivery.slot
            );
        }
        slots.dedup();
        assert!(slots.len() <= 1, "one voice is on more than one slot");
    }
}

proptest! {
    #![proptest_config(Config { cases: 600, ..Config::default() })]

    #[test]
    fn nobody_is_heard_without_the_right_to_talk(actions in prop::collection::vec(any_voice_move(), 1..200)) {
        let mut bench = ForwardingBench::new();
        actions.iter().for_each(|action| bench.run(action));
    }
}
