//! New accounts: a host can keep them from talking for their first minutes.

use super::{
    stage::{MINUTE_MS, action, part, refusal, request, unmute},
    *,
};
use crate::model::stage::MicLock;

/// Ada's room, with Ben in it. Ben's account was activated at `known_since_s`, in unix seconds.
fn with_ben_known_since(known_since_s: i64) -> RoomRegistry {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    let ben = RoomVisitor {
        known_since_s,
        ..visitor("Ben")
    };
    watch_as(&mut registry, 2, room(), ben);
    join(&mut registry, 2);
    registry
}

#[test]
fn new_accounts_only_listen_for_the_time_that_the_host_sets() {
    let mut registry = with_ben_known_since(EPOCH_S);
    unmute(&mut registry, 2);
    request(&mut registry, 1, StageRequest::MuteNewAccounts { minutes: 5 });
    let ben = part(&registry, "Ben");
    assert!(ben.muted && ben.mic_lock == Some(MicLock::NewAccount));
    assert_eq!(
        refusal(&unmute(&mut registry, 2)),
        Some(Refusal::NewAccount { for_s: 300 })
    );
    action(&mut registry, 1, ModerationAction::LetUnmute, "Ben");
    assert_eq!(refusal(&unmute(&mut registry, 2)), None, "a host let him talk");
}

#[test]
fn old_accounts_talk_at_once() {
    let mut registry = with_ben_known_since(EPOCH_S - 5 * 60);
    request(&mut registry, 1, StageRequest::MuteNewAccounts { minutes: 5 });
    assert_eq!(part(&registry, "Ben").mic_lock, None);
}

#[test]
fn an_account_from_the_future_may_talk_if_the_room_has_no_limit() {
    // The registry counts whole seconds from its start, so an account may seem to be activated a little later than now.
    let mut registry = with_ben_known_since(EPOCH_S + 1);
    assert_eq!(
        (part(&registry, "Ben").mic_lock, refusal(&unmute(&mut registry, 2))),
        (None, None)
    );
}

#[test]
fn a_new_account_may_talk_once_it_is_old_enough() {
    let mut registry = with_ben_known_since(EPOCH_S);
    request(&mut registry, 1, StageRequest::MuteNewAccounts { minutes: 5 });
    registry.tick(5 * MINUTE_MS - 1);
    assert_eq!(part(&registry, "Ben").mic_lock, Some(MicLock::NewAccount));
    registry.tick(5 * MINUTE_MS);
    assert_eq!(part(&registry, "Ben").mic_lock, None);
}
