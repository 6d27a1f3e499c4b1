//! Every request of a host while the owner is away, compared with the table in `docs/permissions.md`.

use super::{
    owner_absence::LONG_MS,
    properties::ROOMY,
    stage::{action, entries, leave, refusal, request, request_at},
    stand_ins::{AWAY_MS, hosted_by_ben},
    *,
};

/// Makes Dee a speaker whom Ada has muted for everyone. So Dee is the last one who would take over.
fn mute_on_stage(registry: &mut RoomRegistry) {
    action(registry, 1, ModerationAction::Invite, "Dee");
    request(registry, 4, StageRequest::Answer { accept: true });
    action(registry, 1, ModerationAction::Mute, "Dee");
}

/// A room that Ben hosts on connection 2. Inside are the listener Cem with a raised hand, the muted speaker Dee, and the co-host
/// Fay with a raised hand. Ada has banned Eve, and Ben has removed Gus. Returns the number of the log entry of the removal, too.
fn scene(appointed: bool, rules: Rules, now_ms: u64) -> (RoomRegistry, u32) {
    let mut registry = RoomRegistry::new(ROOMY, WallClock::new(EPOCH_S, 0));
    open(&mut registry, RoomInfo { rules, ..info() });
    for (connection, name) in (1..).zip(["Ada", "Ben", "Cem", "Dee", "Eve", "Fay", "Gus"]) {
        enter(&mut registry, connection, name);
    }
    action(&mut registry, 1, ModerationAction::Ban, "Eve");
    mute_on_stage(&mut registry);
    action(&mut registry, 1, ModerationAction::MakeCoHost, "Fay");
    leave(&mut registry, 6, 0);
    if appointed {
        action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben");
    }
    hosted_by_ben(&mut registry);
    enter(&mut registry, 8, "Fay");
    registry.tick(now_ms);
    let about = person("Gus").id;
    let remove = StageRequest::Moderate {
        about,
        action: ModerationAction::Remove,
    };
    let removed = entries(&request_at(&mut registry, 2, remove, now_ms))[0].0;
    for connection in [3, 8] {
        request_at(&mut registry, connection, StageRequest::Hand { up: true }, now_ms);
    }
    (registry, removed)
}

/// The first cell of each row of the table, and the request that the row describes.
fn requests(removed: u32) -> Vec<(&'static str, StageRequest)> {
    let act = |action, about: &str| StageRequest::Moderate {
        about: person(about).id,
        action,
    };
    let lift = |about: &str| StageRequest::Lift {
        about: person(about).id,
    };
    let lower_hand = |about: &str| StageRequest::LowerHand {
        about: person(about).id,
    };
    vec![
        ("`invite` a listener", act(ModerationAction::Invite, "Cem")),
        ("`to_audience` a speaker", act(ModerationAction::ToAudience, "Dee")),
        ("`mute` another, for everyone", act(ModerationAction::Mute, "Cem")),
        ("`let_unmute` a muted speaker", act(ModerationAction::LetUnmute, "Dee")),
        ("`lower_hand` of a listener", lower_hand("Cem")),
        ("`lower_hand` of a co-host", lower_hand("Fay")),
        ("`remove` a listener", act(ModerationAction::Remove, "Cem")),
        ("`remove` a co-host", act(ModerationAction::Remove, "Fay")),
        ("`ban` a listener", act(ModerationAction::Ban, "Cem")),
        ("`ban` a co-host", act(ModerationAction::Ban, "Fay")),
        ("`make_co_host` a listener", act(ModerationAction::MakeCoHost, "Cem")),
        ("`take_co_host` a co-host", act(ModerationAction::TakeCoHost, "Fay")),
        ("`hand_over` to a speaker", act(ModerationAction::HandOver, "Dee")),
        ("`lift` a removal", lift("Gus")),
        ("`lift` a ban", lift("Eve")),
        ("`undo` a removal of their own", StageRequest::Undo { number: removed }),
        ("`mode`", StageRequest::Mode { mode: Mode::Everyone }),
        ("`hold_new`", StageRequest::MuteNewAccounts { minutes: 5 }),
        ("`stand`", StageRequest::SetPermanent { on: true }),
        ("`end`", StageRequest::End),
    ]
}

/// The outcome of a request in the words of the table.
fn outcome(effects: &[Effect]) -> String {
    refusal(effects).map_or("done".to_owned(), |why| {
        let why = serde_json::to_value(why).expect("plain data");
        format!("`{}`", why["reason"].as_str().expect("a reason"))
    })
}

/// The rows of the table in `docs/permissions.md`, without the spaces around the cells.
fn documented_rows() -> Vec<Vec<String>> {
    let page = include_str!("../../../../../docs/permissions.md");
    let (_, section) = page
        .split_once("### While the owner is away\n")
        .expect("docs/permissions.md has this section");
    let table = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let cells = |line: &str| {
        line.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect::<Vec<String>>()
    };
    table.take_while(|line| line.starts_with('|')).map(cells).collect()
}

#[test]
fn every_request_of_a_host_while_the_owner_is_away_does_what_the_table_says() {
    let rules = Rules {
        mode: Mode::Stage,
        ..Rules::default()
    };
    // The columns: a stand-in, a stand-in after 24 hours, and a co-host who hosts.
    let columns = [(false, 2 * AWAY_MS), (false, LONG_MS), (true, 2 * AWAY_MS)];
    let rows: Vec<Vec<String>> = (0..requests(0).len())
        .map(|row| {
            let of_column = |(appointed, now_ms)| {
                let (mut registry, removed) = scene(appointed, rules, now_ms);
                let request = requests(removed).swap_remove(row).1;
                outcome(&request_at(&mut registry, 2, request, now_ms))
            };
            let first = requests(0)[row].0.to_owned();
            std::iter::once(first).chain(columns.map(of_column)).collect()
        })
        .collect();
    assert_eq!(
        rows,
        documented_rows(),
        "the program (left) and docs/permissions.md (right)"
    );
}

#[test]
fn only_the_owner_ends_hands_over_or_changes_a_permanent_room() {
    let rules = Rules {
        mode: Mode::Stage,
        permanent: true,
        ..Rules::default()
    };
    for appointed in [false, true] {
        let (mut registry, _) = scene(appointed, rules, LONG_MS);
        let hand_over = StageRequest::Moderate {
            about: person("Cem").id,
            action: ModerationAction::HandOver,
        };
        for asked in [StageRequest::End, StageRequest::SetPermanent { on: false }, hand_over] {
            let effects = request_at(&mut registry, 2, asked.clone(), LONG_MS);
            assert_eq!(refusal(&effects), Some(Refusal::StandIn), "{asked:?}");
        }
    }
}
