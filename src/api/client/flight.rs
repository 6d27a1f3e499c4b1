//! The refresh in flight: one a tab. Refreshes, and what begins or ends the browser's session, wait for one another.

use super::no_answer;
use crate::{
    api::refresh::refresh,
    browser::{
        reach::{self, Waiting},
        session_clock::{self, Outcome},
        turn::{Turn, With},
    },
    error::{AppError, Kind},
};
use futures::{FutureExt, future::LocalBoxFuture, future::Shared};
use leptos::task::spawn_local;
use std::cell::RefCell;

/// A refresh has this long from its question to its answer.
const REFRESH_LIMIT_MS: u32 = 20_000;

/// The doors whose answer sets or clears the cookies of a session, but for the refresh door.
const CHANGES_SESSION: [&str; 5] = [
    "/api/auth/verify_code",
    "/api/auth/verify_link",
    "/api/auth/sign_out",
    "/api/auth/sign_out_device",
    "/api/invites/come_as_guest",
];

/// Who signs in or out must not be overtaken by a refresh: a late answer would put the cookies of before over the new ones.
/// So such a door waits for every refresh under way, in this tab and, where the browser knows locks, in all others. No
/// other door waits.
pub(super) async fn turn_to_ask(door: &str) -> Option<Turn> {
    if !CHANGES_SESSION.contains(&door) {
        return None;
    }
    let flight = IN_FLIGHT.with_borrow(Clone::clone);
    if let Some(flight) = flight {
        reach::within(REFRESH_LIMIT_MS, flight).await;
    }
    Some(Turn::take(With::Nobody, REFRESH_LIMIT_MS).await)
}

thread_local! {
    /// The refresh in flight in this tab: whoever needs one meanwhile waits for the same.
    static IN_FLIGHT: RefCell<Option<Shared<LocalBoxFuture<'static, Outcome>>>> = const { RefCell::new(None) };
    /// The last refresh found the server busy.
    static WAITING: RefCell<Option<Waiting>> = const { RefCell::new(None) };
}

/// Makes sure of a good access cookie: before a socket is opened (a refused upgrade is invisible to the page), and a
/// little before each token ends.
pub async fn refresh_if_due() {
    if session_clock::is_nearly_over() {
        refresh_once(session_clock::access_expires()).await;
    }
}

/// Refreshes, once a tab at a time. `before` is when the access token ended, as far as the request knew that was refused:
/// where that has changed, another tab has refreshed already.
pub(super) async fn refresh_once(before: Option<i64>) -> Outcome {
    let Some(known) = session_clock::access_expires() else {
        // Signed out: there is nothing to refresh, and nobody to send away.
        return Outcome::Ended;
    };
    if before.is_some_and(|before| before != known) {
        return Outcome::Elsewhere;
    }
    if session_clock::is_over() {
        return Outcome::Ended;
    }
    let flight = || fly(known).boxed_local().shared();
    let flight = IN_FLIGHT.with_borrow_mut(|slot| slot.get_or_insert_with(flight).clone());
    flight.await
}

async fn fly(known: i64) -> Outcome {
    let turn = Turn::take(With::Others, REFRESH_LIMIT_MS).await;
    // Somebody may have signed in or out in another tab meanwhile, or have refreshed.
    let outcome = match session_clock::access_expires() {
        Some(now) if now == known => ask(known).await,
        Some(_) => Outcome::Elsewhere,
        None => Outcome::Ended,
    };
    drop(turn);
    IN_FLIGHT.set(None);
    // Dropped outside of the borrow: it tells the page.
    let waits = (outcome == Outcome::Busy).then(Waiting::begin);
    drop(WAITING.replace(waits));
    outcome
}

/// Asks the refresh door, for the access token that ends at `known`, and tells the clock.
async fn ask(known: i64) -> Outcome {
    // What takes longer is given up, so that no cookies come late: the rule of rotation reckons with 22 s a message.
    let answer = reach::within(REFRESH_LIMIT_MS, refresh())
        .await
        .unwrap_or_else(|| Err(no_answer()));
    let outcome = outcome(&answer);
    match outcome {
        Outcome::Refreshed => session_clock::refreshed(answer.unwrap_or_default()),
        Outcome::Elsewhere => {}
        // Refused was the session before: where nobody waits for a turn, another may have begun meanwhile.
        Outcome::Ended if session_clock::access_expires().is_some_and(|now| now != known) => return Outcome::Elsewhere,
        Outcome::Ended => session_clock::ended(),
        Outcome::Busy => session_clock::missed(),
        Outcome::Gone => {
            session_clock::missed();
            spawn_local(reach::back());
        }
    }
    outcome
}

fn outcome(answer: &Result<u32, AppError>) -> Outcome {
    match answer {
        Ok(_) => Outcome::Refreshed,
        Err(error) if error.needs_sign_in() => Outcome::Ended,
        Err(error) if error.kind == Kind::Network => Outcome::Gone,
        Err(_) => Outcome::Busy,
    }
}
