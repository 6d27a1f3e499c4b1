//! Accounts that are new: a host may hold their talk for their first minutes.

use super::{
    stage::{MINUTE_MS, action, part, refusal, request, unmute},
    *,
};
use crate::model::stage::MicLock;

/// A room of Ada's with Ben in it, whose account was made at this unix second.
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
fn new_accounts_listen_for_as_long_as_the_host_says() {
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
    assert_eq!(refusal(&unmute(&mut registry, 2)), None, "a host vouches");
}

#[test]
fn old_accounts_talk_at_once() {
    let mut registry = with_ben_known_since(EPOCH_S - 5 * 60);
    request(&mut registry, 1, StageRequest::MuteNewAccounts { minutes: 5 });
    assert_eq!(part(&registry, "Ben").mic_lock, None);
}

#[test]
fn where_nobody_is_held_an_account_of_this_very_second_talks() {
    // The registry counts whole seconds from its start, so that an account may seem to be made a little later than now.
    let mut registry = with_ben_known_since(EPOCH_S + 1);
    assert_eq!(
        (part(&registry, "Ben").mic_lock, refusal(&unmute(&mut registry, 2))),
        (None, None)
    );
}

#[test]
fn an_account_grows_old_while_it_listens() {
    let mut registry = with_ben_known_since(EPOCH_S);
    request(&mut registry, 1, StageRequest::MuteNewAccounts { minutes: 5 });
    registry.tick(5 * MINUTE_MS - 1);
    assert_eq!(part(&registry, "Ben").mic_lock, Some(MicLock::NewAccount));
    registry.tick(5 * MINUTE_MS);
    assert_eq!(part(&registry, "Ben").mic_lock, None);
}
