//! What hosts do about others: mutes, removals, bans, and undoing them.

use super::{
    stage::{MINUTE_MS, action, endings, entries, is_barred, leave, part, refusal, request, role, staged, unmute},
    stand_ins::hosted_by_ben,
    *,
};
use crate::model::stage::{MicLock, REMOVED_MINUTES, Role};

#[test]
fn a_mute_for_everyone_lasts_until_a_host_lifts_it() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    enter(&mut registry, 2, "Ben");
    unmute(&mut registry, 2);
    action(&mut registry, 1, ModerationAction::Mute, "Ben");
    let ben = part(&registry, "Ben");
    assert!(ben.muted && ben.mic_lock == Some(MicLock::ByHost));
    leave(&mut registry, 2, 0);
    enter(&mut registry, 5, "Ben");
    assert_eq!(
        refusal(&unmute(&mut registry, 5)),
        Some(Refusal::MutedByHost),
        "leaving and coming back does not lift the mute"
    );
    action(&mut registry, 1, ModerationAction::LetUnmute, "Ben");
    assert_eq!(
        (part(&registry, "Ben").mic_lock, refusal(&unmute(&mut registry, 5))),
        (None, None)
    );
}

/// The connections that are told who muted their person, each time with the name.
fn told(effects: &[Effect]) -> Vec<(Vec<ConnectionId>, String)> {
    let told = |effect: &Effect| match effect {
        Effect::Tell {
            to,
            signal: ServerSignal::MutedByHost { by },
        } => Some((to.clone(), by.clone())),
        _ => None,
    };
    effects.iter().filter_map(told).collect()
}

#[test]
fn somebody_whose_mute_comes_back_is_told_who_muted_them() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::Mute, "Ben");
    action(&mut registry, 1, ModerationAction::Mute, "Cem");
    action(&mut registry, 1, ModerationAction::Mute, "Dee");
    // Ben takes over, because he has been here longest. A host is not muted.
    hosted_by_ben(&mut registry);
    assert_eq!(part(&registry, "Ben").mic_lock, None);
    let back = enter(&mut registry, 5, "Ada");
    assert_eq!(part(&registry, "Ben").mic_lock, Some(MicLock::ByHost));
    assert_eq!(told(&back), [(ids(&[2]), "Ada".to_owned())]);
}

#[test]
fn a_host_who_has_a_new_name_is_named_by_it() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben");
    action(&mut registry, 2, ModerationAction::Mute, "Cem");
    action(&mut registry, 2, ModerationAction::Remove, "Dee");
    let person = Person {
        name: "Benjamin".into(),
        ..person("Ben")
    };
    registry.apply(Command::Rename { person }, 0);
    leave(&mut registry, 3, 0);
    let back = enter(&mut registry, 5, "Cem");
    assert_eq!(told(&back), [(ids(&[5]), "Benjamin".to_owned())]);
    let bar = registry.find_active_bar(&room(), &super::person("Dee").id, 0);
    assert_eq!(bar.and_then(|bar| bar.by).expect("a host").name, "Benjamin");
}

#[test]
fn only_a_muted_person_is_told_who_muted_them_and_again_when_they_come_back() {
    let mut registry = staged();
    let by_ada = |connection| vec![(ids(&[connection]), "Ada".to_owned())];
    assert_eq!(
        told(&action(&mut registry, 1, ModerationAction::Mute, "Ben")),
        by_ada(2)
    );
    leave(&mut registry, 2, 0);
    assert_eq!(told(&enter(&mut registry, 5, "Ben")), by_ada(5));
    let lifted = action(&mut registry, 1, ModerationAction::LetUnmute, "Ben");
    leave(&mut registry, 5, 0);
    assert_eq!((told(&lifted), told(&enter(&mut registry, 6, "Ben"))), (vec![], vec![]));
}

#[test]
fn a_removal_lasts_ten_minutes_and_a_ban_until_it_is_lifted() {
    let mut registry = staged();
    watch(&mut registry, 9, "Ben");
    assert_eq!(
        endings(&action(&mut registry, 1, ModerationAction::Remove, "Ben")),
        [Ending::removed_by("Ada".into()), Ending::removed_by("Ada".into())]
    );
    assert_eq!(
        endings(&action(&mut registry, 1, ModerationAction::Ban, "Cem")),
        [Ending::Banned]
    );
    assert_eq!(names(&registry), ["Ada", "Dee"]);
    let removed_ms = u64::from(REMOVED_MINUTES) * MINUTE_MS;
    assert!(is_barred(&registry, "Ben", removed_ms - 1) && !is_barred(&registry, "Ben", removed_ms));
    assert_eq!(registry.cards()[0].barred, [person("Ben").id, person("Cem").id]);
    registry.tick(removed_ms);
    assert_eq!(registry.cards()[0].barred, [person("Cem").id]);
    assert!(is_barred(&registry, "Cem", removed_ms * 1_000));
    request(
        &mut registry,
        1,
        StageRequest::Lift {
            about: person("Cem").id,
        },
    );
    assert!(!is_barred(&registry, "Cem", 0));
}

#[test]
fn undo_restores_the_state_before() {
    let mut registry = staged();
    let made = entries(&action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben"))[0].0;
    let banned = entries(&action(&mut registry, 1, ModerationAction::Ban, "Ben"))[0].0;
    assert_eq!(role(&registry, "Ben"), Role::Listener);
    assert_eq!(
        refusal(&request(&mut registry, 1, StageRequest::Undo { number: made })),
        Some(Refusal::NotPossible),
        "Ben's role was changed again after this entry"
    );
    request(&mut registry, 1, StageRequest::Undo { number: banned });
    assert!(role(&registry, "Ben") == Role::CoHost && !is_barred(&registry, "Ben", 0));
    assert_eq!(
        refusal(&request(&mut registry, 1, StageRequest::Undo { number: banned })),
        Some(Refusal::NotPossible),
        "an entry can be undone only once"
    );
    request(&mut registry, 1, StageRequest::Undo { number: made });
    assert_eq!(role(&registry, "Ben"), Role::Listener);
}

#[test]
fn a_co_host_undoes_only_what_co_hosts_may_do() {
    let mut registry = staged();
    let made = entries(&action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben"))[0].0;
    let removed = entries(&action(&mut registry, 1, ModerationAction::Remove, "Cem"))[0].0;
    assert_eq!(
        refusal(&request(&mut registry, 2, StageRequest::Undo { number: made })),
        Some(Refusal::NotYours)
    );
    assert_eq!(
        refusal(&request(&mut registry, 2, StageRequest::Undo { number: removed })),
        None
    );
    assert!(!is_barred(&registry, "Cem", 0));
}

#[test]
fn only_hosts_and_co_hosts_see_the_moderation_panel() {
    let mut registry = staged();
    let tell = |effects: &[Effect]| -> Vec<ConnectionId> {
        let to = |effect: &Effect| match effect {
            Effect::Tell {
                to,
                signal: ServerSignal::ModerationPanel { panel },
            } if !panel.log.is_empty() => Some(to.clone()),
            _ => None,
        };
        effects.iter().filter_map(to).flatten().collect()
    };
    assert_eq!(
        tell(&action(&mut registry, 1, ModerationAction::MakeCoHost, "Ben")),
        ids(&[1, 2])
    );
    assert_eq!(
        tell(&action(&mut registry, 1, ModerationAction::TakeCoHost, "Ben")),
        ids(&[1])
    );
}

#[test]
fn somebody_removed_while_their_socket_is_lost_is_off_the_roster() {
    let mut registry = staged();
    let connection = ConnectionId(2);
    registry.apply(Command::Lose { connection }, 0);
    action(&mut registry, 1, ModerationAction::Remove, "Ben");
    assert_eq!(names(&registry), ["Ada", "Cem", "Dee"]);
}
