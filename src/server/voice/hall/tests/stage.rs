//! The stage: hands, invitations, mutes that hold, removals and bans, and the way back.

use super::{properties::ROOMY, *};
use crate::model::{
    moderation::Deed,
    stage::{Hold, REMOVED_MINUTES},
};

pub(super) const MINUTE_MS: u64 = 60_000;

/// Ada, who hosts, Ben, Cem and Dee sit in a room with a stage, on the connections 1 to 4.
pub(super) fn staged() -> Hall {
    let mut hall = Hall::new(ROOMY, EPOCH_S);
    let rules = Rules {
        mode: Mode::Stage,
        ..Rules::default()
    };
    open(&mut hall, Sign { rules, ..sign() });
    for (connection, name) in [(1, "Ada"), (2, "Ben"), (3, "Cem"), (4, "Dee")] {
        enter(&mut hall, connection, name);
    }
    hall
}

pub(super) fn wish_at(hall: &mut Hall, connection: u64, wish: Wish, now_ms: u64) -> Vec<Effect> {
    let connection = ConnectionId(connection);
    hall.apply(Command::Wish { connection, wish }, now_ms)
}

pub(super) fn wish(hall: &mut Hall, connection: u64, asked: Wish) -> Vec<Effect> {
    wish_at(hall, connection, asked, 0)
}

pub(super) fn act(hall: &mut Hall, connection: u64, act: Act, about: &str) -> Vec<Effect> {
    let about = person(about).id;
    wish(hall, connection, Wish::Act { about, act })
}

pub(super) fn refusal(effects: &[Effect]) -> Option<Refusal> {
    effects.iter().find_map(|effect| match effect {
        Effect::Tell {
            signal: ServerSignal::Refused { why },
            ..
        } => Some(*why),
        _ => None,
    })
}

pub(super) fn endings(effects: &[Effect]) -> Vec<Ending> {
    let ending = |effect: &Effect| match effect {
        Effect::Tell {
            signal: ServerSignal::Ended { why },
            ..
        } => Some(*why),
        _ => None,
    };
    effects.iter().filter_map(ending).collect()
}

pub(super) fn entries(effects: &[Effect]) -> Vec<(u32, Deed)> {
    let entry = |effect: &Effect| match effect {
        Effect::Keep {
            what: Keep::Entry(entry),
            ..
        } => Some((entry.number, entry.deed)),
        _ => None,
    };
    effects.iter().filter_map(entry).collect()
}

pub(super) fn part(hall: &Hall, name: &str) -> Participant {
    let page = hall.page(&room()).expect("a room");
    page.roster
        .into_iter()
        .find(|one| one.person.name == name)
        .expect("inside")
}

pub(super) fn role(hall: &Hall, name: &str) -> Role {
    hall.find_standing(&room(), &person(name).id, 0).expect("a room").0
}

pub(super) fn is_barred(hall: &Hall, name: &str, now_ms: u64) -> bool {
    hall.find_standing(&room(), &person(name).id, now_ms)
        .expect("a room")
        .1
        .is_some()
}

pub(super) fn unmute(hall: &mut Hall, connection: u64) -> Vec<Effect> {
    let connection = ConnectionId(connection);
    hall.apply(Command::Mute { connection, on: false }, 0)
}

pub(super) fn leave(hall: &mut Hall, connection: u64, now_ms: u64) {
    let connection = ConnectionId(connection);
    hall.apply(Command::Leave { connection }, now_ms);
}

#[test]
fn a_hand_an_invitation_and_one_talks() {
    let mut hall = staged();
    assert_eq!(refusal(&unmute(&mut hall, 2)), Some(Refusal::Listening));
    wish(&mut hall, 3, Wish::Hand { up: true });
    wish(&mut hall, 2, Wish::Hand { up: true });
    assert!(
        part(&hall, "Cem").hand < part(&hall, "Ben").hand,
        "in the order of raising"
    );
    act(&mut hall, 1, Act::Invite, "Ben");
    assert!(part(&hall, "Ben").invited && role(&hall, "Ben") == Role::Listener);
    wish(&mut hall, 2, Wish::Answer { accept: true });
    let ben = part(&hall, "Ben");
    assert_eq!(
        (ben.role, ben.hand, ben.invited, ben.muted),
        (Role::Speaker, None, false, true)
    );
    assert_eq!(refusal(&unmute(&mut hall, 2)), None);
    wish(&mut hall, 2, Wish::StepDown);
    let ben = part(&hall, "Ben");
    assert!(ben.role == Role::Listener && ben.muted, "who steps down is silent");
    act(&mut hall, 1, Act::Invite, "Cem");
    wish(&mut hall, 3, Wish::Answer { accept: false });
    let cem = part(&hall, "Cem");
    assert_eq!((cem.role, cem.hand, cem.invited), (Role::Listener, None, false));
    assert_eq!(
        refusal(&wish(&mut hall, 3, Wish::Answer { accept: true })),
        Some(Refusal::NotPossible)
    );
}

#[test]
fn who_only_looks_in_can_ask_for_nothing() {
    let mut hall = staged();
    watch(&mut hall, 9, "Ada");
    for asked in [Wish::Hand { up: true }, Wish::End, Wish::Mode { mode: Mode::Everyone }] {
        assert_eq!(refusal(&wish(&mut hall, 9, asked)), Some(Refusal::NotJoined));
    }
}

#[test]
fn muted_for_everyone_holds_until_a_host_lifts_it() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    enter(&mut hall, 2, "Ben");
    unmute(&mut hall, 2);
    act(&mut hall, 1, Act::Mute, "Ben");
    let ben = part(&hall, "Ben");
    assert!(ben.muted && ben.hold == Some(Hold::ByHost));
    leave(&mut hall, 2, 0);
    enter(&mut hall, 5, "Ben");
    assert_eq!(
        refusal(&unmute(&mut hall, 5)),
        Some(Refusal::HeldByHost),
        "coming anew lifts nothing"
    );
    act(&mut hall, 1, Act::LetUnmute, "Ben");
    assert_eq!((part(&hall, "Ben").hold, refusal(&unmute(&mut hall, 5))), (None, None));
}

#[test]
fn removed_is_for_ten_minutes_and_banned_until_it_is_lifted() {
    let mut hall = staged();
    watch(&mut hall, 9, "Ben");
    assert_eq!(
        endings(&act(&mut hall, 1, Act::Remove, "Ben")),
        [Ending::Removed, Ending::Removed]
    );
    assert_eq!(endings(&act(&mut hall, 1, Act::Ban, "Cem")), [Ending::Banned]);
    assert_eq!(names(&hall), ["Ada", "Dee"]);
    let removed_ms = u64::from(REMOVED_MINUTES) * MINUTE_MS;
    assert!(is_barred(&hall, "Ben", removed_ms - 1) && !is_barred(&hall, "Ben", removed_ms));
    assert_eq!(hall.cards()[0].barred, [person("Ben").id, person("Cem").id]);
    hall.tick(removed_ms);
    assert_eq!(hall.cards()[0].barred, [person("Cem").id]);
    assert!(is_barred(&hall, "Cem", removed_ms * 1_000));
    wish(
        &mut hall,
        1,
        Wish::Lift {
            about: person("Cem").id,
        },
    );
    assert!(!is_barred(&hall, "Cem", 0));
}

#[test]
fn undo_restores_exactly_what_was() {
    let mut hall = staged();
    let made = entries(&act(&mut hall, 1, Act::MakeCoHost, "Ben"))[0].0;
    let banned = entries(&act(&mut hall, 1, Act::Ban, "Ben"))[0].0;
    assert_eq!(role(&hall, "Ben"), Role::Listener);
    assert_eq!(
        refusal(&wish(&mut hall, 1, Wish::Undo { number: made })),
        Some(Refusal::NotPossible),
        "something came between"
    );
    wish(&mut hall, 1, Wish::Undo { number: banned });
    assert!(role(&hall, "Ben") == Role::CoHost && !is_barred(&hall, "Ben", 0));
    assert_eq!(
        refusal(&wish(&mut hall, 1, Wish::Undo { number: banned })),
        Some(Refusal::NotPossible),
        "once"
    );
    wish(&mut hall, 1, Wish::Undo { number: made });
    assert_eq!(role(&hall, "Ben"), Role::Listener);
}

#[test]
fn a_co_host_undoes_what_co_hosts_may_do() {
    let mut hall = staged();
    let made = entries(&act(&mut hall, 1, Act::MakeCoHost, "Ben"))[0].0;
    let removed = entries(&act(&mut hall, 1, Act::Remove, "Cem"))[0].0;
    assert_eq!(
        refusal(&wish(&mut hall, 2, Wish::Undo { number: made })),
        Some(Refusal::NotYours)
    );
    assert_eq!(refusal(&wish(&mut hall, 2, Wish::Undo { number: removed })), None);
    assert!(!is_barred(&hall, "Cem", 0));
}

#[test]
fn who_talks_stays_on_the_stage_when_the_host_switches() {
    let mut hall = hall();
    for (connection, name) in [(1, "Ada"), (2, "Ben"), (3, "Cem")] {
        enter(&mut hall, connection, name);
    }
    unmute(&mut hall, 2);
    wish(&mut hall, 1, Wish::Mode { mode: Mode::Stage });
    assert_eq!(
        (role(&hall, "Ben"), role(&hall, "Cem")),
        (Role::Speaker, Role::Listener)
    );
    assert!(!part(&hall, "Ben").muted, "nobody is torn out of a sentence");
    wish(&mut hall, 3, Wish::Hand { up: true });
    wish(&mut hall, 1, Wish::Mode { mode: Mode::Everyone });
    let cem = part(&hall, "Cem");
    assert_eq!((cem.role, cem.hand), (Role::Speaker, None));
}

#[test]
fn new_accounts_listen_for_as_long_as_the_host_says() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    let visitor = Visitor {
        person: person("Ben"),
        session: session("Ben"),
        address: std::net::IpAddr::from([192, 0, 2, 2]),
        known_since_s: EPOCH_S,
        guest: false,
    };
    let connection = ConnectionId(2);
    let watch = Command::Watch {
        connection,
        room: room(),
        visitor,
    };
    hall.apply(watch, 0);
    join(&mut hall, 2);
    unmute(&mut hall, 2);
    wish(&mut hall, 1, Wish::HoldNew { minutes: 5 });
    let ben = part(&hall, "Ben");
    assert!(ben.muted && ben.hold == Some(Hold::New));
    assert_eq!(refusal(&unmute(&mut hall, 2)), Some(Refusal::HeldNew { for_s: 300 }));
    act(&mut hall, 1, Act::LetUnmute, "Ben");
    assert_eq!(refusal(&unmute(&mut hall, 2)), None, "a host vouches");

    let mut hall = self::hall();
    enter(&mut hall, 1, "Ada");
    wish(&mut hall, 1, Wish::HoldNew { minutes: 5 });
    enter(&mut hall, 2, "Ben");
    assert_eq!(part(&hall, "Ben").hold, None, "an old account");
}

#[test]
fn an_account_grows_old_while_it_listens() {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    wish(&mut hall, 1, Wish::HoldNew { minutes: 5 });
    let visitor = Visitor {
        person: person("Ben"),
        session: session("Ben"),
        address: std::net::IpAddr::from([192, 0, 2, 2]),
        known_since_s: EPOCH_S,
        guest: false,
    };
    let connection = ConnectionId(2);
    hall.apply(
        Command::Watch {
            connection,
            room: room(),
            visitor,
        },
        0,
    );
    join(&mut hall, 2);
    hall.tick(5 * MINUTE_MS - 1);
    assert_eq!(part(&hall, "Ben").hold, Some(Hold::New));
    hall.tick(5 * MINUTE_MS);
    assert_eq!(part(&hall, "Ben").hold, None);
}

#[test]
fn hands_and_invitations_have_a_pace() {
    let mut hall = staged();
    let raise = |hall: &mut Hall| {
        let raised = refusal(&wish(hall, 2, Wish::Hand { up: true }));
        wish(hall, 2, Wish::Hand { up: false });
        raised
    };
    assert!((0..6).all(|_| raise(&mut hall).is_none()));
    assert_eq!(raise(&mut hall), Some(Refusal::TooFast { wait_s: 60 }));
    for _ in 0..3 {
        assert_eq!(refusal(&act(&mut hall, 1, Act::Invite, "Cem")), None);
        wish(&mut hall, 3, Wish::Answer { accept: false });
    }
    assert_eq!(
        refusal(&act(&mut hall, 1, Act::Invite, "Cem")),
        Some(Refusal::TooFast { wait_s: 60 })
    );
    let raised = wish_at(&mut hall, 2, Wish::Hand { up: true }, MINUTE_MS);
    assert_eq!(refusal(&raised), None);
}

#[test]
fn only_those_who_host_see_the_desk() {
    let mut hall = staged();
    let told = |effects: &[Effect]| -> Vec<ConnectionId> {
        let to = |effect: &Effect| match effect {
            Effect::Tell {
                to,
                signal: ServerSignal::Desk { desk },
            } if !desk.log.is_empty() => Some(to.clone()),
            _ => None,
        };
        effects.iter().filter_map(to).flatten().collect()
    };
    assert_eq!(told(&act(&mut hall, 1, Act::MakeCoHost, "Ben")), ids(&[1, 2]));
    assert_eq!(told(&act(&mut hall, 1, Act::TakeCoHost, "Ben")), ids(&[1]));
}

#[test]
fn who_is_removed_while_their_line_is_lost_keeps_no_seat() {
    let mut hall = staged();
    let connection = ConnectionId(2);
    hall.apply(Command::Lose { connection }, 0);
    act(&mut hall, 1, Act::Remove, "Ben");
    assert_eq!(names(&hall), ["Ada", "Cem", "Dee"]);
}
