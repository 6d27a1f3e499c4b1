//! Muting, two pages of one person, who speaks, and a voice connection that is lost.

use super::*;

fn mute(hall: &mut Hall, connection: u64, on: bool) -> Vec<Effect> {
    hall.apply(
        Command::Mute {
            connection: ConnectionId(connection),
            on,
        },
        0,
    )
}

#[test]
fn muting_shows_on_the_roster_and_only_participants_can() {
    let mut hall = hall();
    watch(&mut hall, 1, "Ada");
    let refused = ServerSignal::Refused {
        why: Refusal::NotJoined,
    };
    assert_eq!(mute(&mut hall, 1, false), vec![told(&[1], refused.clone())]);
    assert_eq!(
        hall.apply(
            Command::HearYourself {
                connection: ConnectionId(1)
            },
            0
        ),
        vec![told(&[1], refused)]
    );
    join(&mut hall, 1);
    let open = Participant {
        muted: false,
        ..participant("Ada", 1)
    };
    assert_eq!(mute(&mut hall, 1, false), vec![told(&[1], roster(vec![], vec![open]))]);
    assert_eq!(mute(&mut hall, 1, false), vec![], "no news");
    assert_eq!(
        mute(&mut hall, 1, true),
        vec![told(&[1], roster(vec![], vec![participant("Ada", 1)]))]
    );
}

#[test]
fn who_unmutes_on_a_second_page_is_muted_on_the_first() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    enter(&mut hall, 2, "Ada");
    mute(&mut hall, 1, false);
    assert_eq!(
        mute(&mut hall, 2, false),
        vec![told(&[1], ServerSignal::MutedElsewhere)]
    );
    assert_eq!(mute(&mut hall, 1, true), vec![], "the second page still talks");
    assert!(!hall.page(&room()).expect("a room").roster[0].muted);
    hall.apply(
        Command::Leave {
            connection: ConnectionId(2),
        },
        0,
    );
    assert!(
        hall.page(&room()).expect("a room").roster[0].muted,
        "the first page does not begin by itself"
    );
}

#[test]
fn whoever_watches_learns_who_speaks_and_participants_do_not() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    enter(&mut hall, 2, "Ben");
    watch(&mut hall, 3, "Cem");
    mute(&mut hall, 1, false);
    let sound = Sound {
        ssrc: 1,
        seq: 1,
        time: 0,
        marker: false,
        level: Some(-20),
        bytes: 60,
    };
    let mut out = vec![];
    let speaking = |who: Vec<UserId>| vec![told(&[3], ServerSignal::Speaking { who }), Effect::VoicesChanged];
    assert_eq!(
        hall.pass(ConnectionId(1), &sound, 0, &mut out),
        speaking(vec![person("Ada").id])
    );
    assert_eq!(hall.cards()[0].speaking, [person("Ada").id]);
    assert_eq!(out.iter().map(|one| one.to).collect::<Vec<_>>(), ids(&[2]));
    assert_eq!(hall.tick(5_000), speaking(vec![]));
}

#[test]
fn a_voice_connection_that_is_lost_leaves_its_person_in_the_room() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    mute(&mut hall, 1, false);
    let unplug = Command::Unplug {
        connection: ConnectionId(1),
    };
    let told_after = vec![
        told(&[1], ServerSignal::Unplugged),
        told(&[1], roster(vec![], vec![participant("Ada", 1)])),
    ];
    assert_eq!(hall.apply(unplug.clone(), 0), told_after);
    assert_eq!(hall.apply(unplug, 0), vec![]);
    assert_eq!(names(&hall), ["Ada"]);
    join(&mut hall, 1);
    assert_eq!(names(&hall), ["Ada"]);
}

#[test]
fn a_signed_out_session_is_cut_and_the_persons_other_device_stays() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    watch_from(&mut hall, 2, "Ada", session("phone"), 2);
    join(&mut hall, 2);
    let effects = hall.apply(
        Command::CutSession {
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
    assert_eq!(names(&hall), ["Ada"]);
}
