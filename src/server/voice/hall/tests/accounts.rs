//! Accounts that are new: a host may hold their talk for their first minutes.

use super::{
    stage::{MINUTE_MS, act, part, refusal, unmute, wish},
    *,
};
use crate::model::stage::Hold;

/// A room of Ada's with Ben in it, whose account was made at this unix second.
fn with_ben_known_since(known_since_s: i64) -> Hall {
    let mut hall = hall();
    enter(&mut hall, 1, "Ada");
    let ben = Visitor {
        known_since_s,
        ..visitor("Ben")
    };
    watch_as(&mut hall, 2, room(), ben);
    join(&mut hall, 2);
    hall
}

#[test]
fn new_accounts_listen_for_as_long_as_the_host_says() {
    let mut hall = with_ben_known_since(EPOCH_S);
    unmute(&mut hall, 2);
    wish(&mut hall, 1, Wish::HoldNew { minutes: 5 });
    let ben = part(&hall, "Ben");
    assert!(ben.muted && ben.hold == Some(Hold::New));
    assert_eq!(refusal(&unmute(&mut hall, 2)), Some(Refusal::HeldNew { for_s: 300 }));
    act(&mut hall, 1, Act::LetUnmute, "Ben");
    assert_eq!(refusal(&unmute(&mut hall, 2)), None, "a host vouches");
}

#[test]
fn old_accounts_talk_at_once() {
    let mut hall = with_ben_known_since(EPOCH_S - 5 * 60);
    wish(&mut hall, 1, Wish::HoldNew { minutes: 5 });
    assert_eq!(part(&hall, "Ben").hold, None);
}

#[test]
fn where_nobody_is_held_an_account_of_this_very_second_talks() {
    // The hall counts whole seconds from its start, so that an account may seem to be made a little later than now.
    let mut hall = with_ben_known_since(EPOCH_S + 1);
    assert_eq!((part(&hall, "Ben").hold, refusal(&unmute(&mut hall, 2))), (None, None));
}

#[test]
fn an_account_grows_old_while_it_listens() {
    let mut hall = with_ben_known_since(EPOCH_S);
    wish(&mut hall, 1, Wish::HoldNew { minutes: 5 });
    hall.tick(5 * MINUTE_MS - 1);
    assert_eq!(part(&hall, "Ben").hold, Some(Hold::New));
    hall.tick(5 * MINUTE_MS);
    assert_eq!(part(&hall, "Ben").hold, None);
}
