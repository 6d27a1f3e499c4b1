//! Muting, two pages of one person, who is speaking, and a lost voice connection.

use super::*;

fn mute(registry: &mut RoomRegistry, connection: u64, on: bool) -> Vec<Effect> {
    registry.apply(
        Command::Mute {
            connection: ConnectionId(connection),
            on,
        },
        0,
    )
}

#[test]
fn muting_shows_on_the_roster_and_is_for_participants_only() {
    let mut registry = registry();
    watch(&mut registry, 1, "Ada");
    let refused = ServerSignal::Refused {
        why: Refusal::NotJoined,
    };
    assert_eq!(mute(&mut registry, 1, false), vec![tell(&[1], refused.clone())]);
    assert_eq!(
        registry.apply(
            Command::HearYourself {
                connection: ConnectionId(1)
            },
            0
        ),
        vec![tell(&[1], refused)]
    );
    join(&mut registry, 1);
    let open = ParticipantInfo {
        muted: false,
        ..participant_info("Ada", 1)
    };
    assert_eq!(
        mute(&mut registry, 1, false),
        vec![tell(&[1], roster(vec![], vec![open]))]
    );
    assert_eq!(mute(&mut registry, 1, false), vec![], "nothing changed");
    assert_eq!(
        mute(&mut registry, 1, true),
        vec![tell(&[1], roster(vec![], vec![participant_info("Ada", 1)]))]
    );
}

#[test]
fn unmuting_on_a_second_page_mutes_the_first() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    enter(&mut registry, 2, "Ada");
    mute(&mut registry, 1, false);
    let is_open_elsewhere = |registry: &RoomRegistry| [1, 2].map(|one| registry.is_open_elsewhere(ConnectionId(one)));
    assert_eq!(is_open_elsewhere(&registry), [false, true]);
    assert_eq!(
        mute(&mut registry, 2, false),
        vec![tell(&[1], ServerSignal::MutedElsewhere)]
    );
    assert_eq!(is_open_elsewhere(&registry), [true, false]);
    assert_eq!(mute(&mut registry, 1, true), vec![], "the second page is still unmuted");
    assert!(!registry.page(&room()).expect("a room").roster[0].muted);
    registry.apply(
        Command::Leave {
            connection: ConnectionId(2),
        },
        0,
    );
    assert!(
        registry.page(&room()).expect("a room").roster[0].muted,
        "the first page does not unmute by itself"
    );
}

#[test]
fn only_people_who_watch_are_told_who_is_speaking() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    enter(&mut registry, 2, "Ben");
    watch(&mut registry, 3, "Cem");
    mute(&mut registry, 1, false);
    let sound = SoundPacket {
        ssrc: 1,
        seq: 1,
        time: 0,
        marker: false,
        level: Some(-20),
        bytes: 60,
        is_recovered: false,
    };
    let mut out = vec![];
    let speaking = |who: Vec<UserId>| vec![tell(&[3], ServerSignal::Speaking { who }), Effect::VoicesChanged];
    assert_eq!(
        registry.pass(ConnectionId(1), &sound, 0, &mut out),
        speaking(vec![person("Ada").id])
    );
    assert_eq!(registry.cards()[0].speaking, [person("Ada").id]);
    assert_eq!(out.iter().map(|one| one.to).collect::<Vec<_>>(), ids(&[2]));
    let mut silence = speaking(vec![]);
    silence.push(tell(&[1], ServerSignal::VoiceArrives { arrives: false }));
    assert_eq!(registry.tick(5_000), silence);
}

#[test]
fn you_are_told_that_your_voice_stops_arriving_and_that_it_arrives_again_but_not_while_you_are_muted() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    let pass = |registry: &mut RoomRegistry, seq: u64, now_ms: u64| {
        let sound = SoundPacket {
            ssrc: 1,
            seq,
            time: 0,
            marker: false,
            level: Some(-20),
            bytes: 60,
            is_recovered: false,
        };
        registry.pass(ConnectionId(1), &sound, now_ms, &mut vec![]);
    };
    let told = |effects: &[Effect]| {
        let arrives = |effect: &Effect| match effect {
            Effect::Tell {
                signal: ServerSignal::VoiceArrives { arrives },
                ..
            } => Some(*arrives),
            _ => None,
        };
        effects.iter().find_map(arrives)
    };
    pass(&mut registry, 1, 0);
    assert_eq!(told(&registry.tick(10_000)), None, "muted");
    mute(&mut registry, 1, false);
    assert_eq!(told(&registry.tick(1_500)), None);
    assert_eq!(
        told(&registry.tick(20_000)),
        Some(false),
        "nothing has arrived since the unmute"
    );
    pass(&mut registry, 2, 20_000);
    pass(&mut registry, 3, 20_020);
    assert_eq!(told(&registry.tick(20_500)), Some(true));
    assert_eq!(told(&registry.tick(21_500)), Some(false));
    assert_eq!(told(&registry.tick(22_000)), None, "told once");
    pass(&mut registry, 4, 22_000);
    assert_eq!(told(&registry.tick(22_050)), Some(true));
    assert_eq!(told(&registry.tick(28_000)), Some(false));
    mute(&mut registry, 1, true);
    assert_eq!(
        told(&registry.tick(30_000)),
        Some(true),
        "nothing has to arrive any more"
    );
    assert_eq!(told(&registry.tick(40_000)), None);
}

#[test]
fn a_person_whose_voice_connection_is_lost_stays_in_the_room() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    mute(&mut registry, 1, false);
    let unplug = Command::Unplug {
        connection: ConnectionId(1),
    };
    let sent_after = vec![
        tell(&[1], ServerSignal::Unplugged),
        tell(&[1], roster(vec![], vec![participant_info("Ada", 1)])),
    ];
    assert_eq!(registry.apply(unplug.clone(), 0), sent_after);
    assert_eq!(registry.apply(unplug, 0), vec![]);
    assert_eq!(names(&registry), ["Ada"]);
    join(&mut registry, 1);
    assert_eq!(names(&registry), ["Ada"]);
}

#[test]
fn signing_out_disconnects_one_session_and_the_persons_other_device_stays() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    watch_from(&mut registry, 2, "Ada", session("phone"), 2);
    join(&mut registry, 2);
    let effects = registry.apply(
        Command::DisconnectSession {
            session: session("Ada"),
        },
        0,
    );
    assert_eq!(
        effects,
        vec![
            Effect::Tell {
                to: ids(&[1]),
                signal: ServerSignal::Ended { why: Ending::SignedOut }
            },
            Effect::Forget {
                connection: ConnectionId(1)
            },
        ]
    );
    assert_eq!(names(&registry), ["Ada"]);
}
