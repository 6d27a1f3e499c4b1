//! The refresh in flight: one a tab. Refreshes, and what begins or ends the browser's session, wait for one another.

use super::session_endpoints::changes_session;
use crate::{
    api::refresh::refresh,
    browser::{
        access_token_expiry::{self, RefreshOutcome},
        reachability::{self, BusyWait},
        session_lock::{LockMode, SessionLock},
    },
    error::Kind,
};
use futures::{FutureExt, future::LocalBoxFuture, future::Shared};
use leptos::task::spawn_local;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use std::cell::RefCell;

/// A refresh has this long from its question to its answer.
const REFRESH_LIMIT_MS: u32 = 20_000;

/// Renews the access cookie if it is nearly over; and, for an endpoint that signs in or out, takes the lock: a late answer to a
/// refresh would overwrite the new cookies with the old ones. So such an endpoint waits for every refresh under way, in this
/// tab and, if the browser knows locks, in all others; for 20 s at most, all in all. No other endpoint waits.
pub(super) async fn prepare_request(endpoint: &str) -> Option<SessionLock> {
    if !changes_session(endpoint) {
        refresh_if_due().await;
        return None;
    }
    reachability::within(REFRESH_LIMIT_MS, async {
        refresh_if_due().await;
        if let Some(flight) = IN_FLIGHT.with_borrow(Clone::clone) {
            flight.await;
        }
        SessionLock::take(LockMode::Exclusive, REFRESH_LIMIT_MS).await
    })
    .await
}

thread_local! {
    /// The refresh in flight in this tab: whoever needs one meanwhile waits for the same.
    static IN_FLIGHT: RefCell<Option<Shared<LocalBoxFuture<'static, RefreshOutcome>>>> = const { RefCell::new(None) };
    /// The last refresh found the server busy.
    static WAITING: RefCell<Option<BusyWait>> = const { RefCell::new(None) };
}

/// Makes sure of a good access cookie: before a socket is opened (a refused upgrade is invisible to the page), and a
/// little before each token ends.
pub async fn refresh_if_due() {
    if access_token_expiry::is_nearly_over() {
        refresh_once(access_token_expiry::access_expires()).await;
    }
}

/// Refreshes, once a tab at a time. `before` is when the access token ended, as far as the request knew that was refused:
/// where that has changed, another tab has refreshed already.
pub(super) async fn refresh_once(before: Option<i64>) -> RefreshOutcome {
    let Some(known) = access_token_expiry::access_expires() else {
        // Signed out: there is nothing to refresh, and nobody to send away.
        return RefreshOutcome::Ended;
    };
    if before.is_some_and(|before| before != known) {
        return RefreshOutcome::FullReload;
    }
    if access_token_expiry::is_over() {
        return RefreshOutcome::Ended;
    }
    let take_off = || {
        let flight = run_refresh(known).boxed_local().shared();
        // It goes on where nobody waits for it any more.
        spawn_local(flight.clone().map(drop));
        flight
    };
    let flight = IN_FLIGHT.with_borrow_mut(|slot| slot.get_or_insert_with(take_off).clone());
    flight.await
}

async fn run_refresh(known: i64) -> RefreshOutcome {
    let lock = SessionLock::take(LockMode::Shared, REFRESH_LIMIT_MS).await;
    // Somebody may have signed in or out in another tab meanwhile, or have refreshed.
    let outcome = match access_token_expiry::access_expires() {
        Some(now) if now == known => ask(known).await,
        Some(_) => RefreshOutcome::FullReload,
        None => RefreshOutcome::Ended,
    };
    drop(lock);
    IN_FLIGHT.set(None);
    // Dropped outside of the borrow: it tells the page.
    let waits = (outcome == RefreshOutcome::Busy).then(BusyWait::begin);
    drop(WAITING.replace(waits));
    outcome
}

/// Asks the refresh door, for the access token that ends at `known`, and tells the clock.
async fn ask(known: i64) -> RefreshOutcome {
    // What takes longer is given up, so that no cookies come late: the rule of rotation reckons with 22 s a message.
    let answer = reachability::within(REFRESH_LIMIT_MS, refresh())
        .await
        .unwrap_or_else(|| Err(no_answer()));
    match answer {
        Ok(life_s) => {
            access_token_expiry::refreshed(life_s);
            RefreshOutcome::Refreshed
        }
        // Refused was the session before: where nobody waits for the lock, another may have begun meanwhile.
        Err(error)
            if error.needs_sign_in() && access_token_expiry::access_expires().is_some_and(|now| now != known) =>
        {
            RefreshOutcome::FullReload
        }
        Err(error) if error.needs_sign_in() => {
            access_token_expiry::ended();
            RefreshOutcome::Ended
        }
        Err(error) if error.kind == Kind::Network => {
            access_token_expiry::missed();
            spawn_local(reachability::back());
            RefreshOutcome::Gone
        }
        Err(_) => {
            access_token_expiry::missed();
            RefreshOutcome::Busy
        }
    }
}

/// The error of a call that had to wait for a refresh which got no answer.
pub(super) fn no_answer<E: FromServerFnError>() -> E {
    E::from_server_fn_error(ServerFnErrorErr::Request("no answer to a refresh".into()))
}
