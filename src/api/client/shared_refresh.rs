//! Refreshes the access token, at most one refresh at a time in a tab. Refreshes and the calls that begin or end a
//! session wait for each other.

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

/// After this many milliseconds, a refresh is given up, and a call stops waiting for the refresh in flight.
const REFRESH_LIMIT_MS: u32 = 20_000;

/// Prepares a call of `endpoint`: refreshes the access token if it expires soon. If the endpoint begins or ends a
/// session, this function also takes the session lock. The caller must keep the lock until the call's answer arrives.
///
/// Without the lock, a late answer to a refresh could overwrite the cookies of the new session with those of the old
/// one. So a call that begins or ends a session waits for every refresh in flight, in this tab and, if the browser has
/// the Web Locks API, in all other tabs. It waits for at most 20 s in total. For other endpoints, this function
/// returns no lock.
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
    /// The refresh in flight in this tab. Calls that need a refresh meanwhile wait for the same refresh.
    static IN_FLIGHT: RefCell<Option<Shared<LocalBoxFuture<'static, RefreshOutcome>>>> = const { RefCell::new(None) };
    /// Set if the last refresh found the server busy. While it is set, the page says that the server is busy.
    static WAITING: RefCell<Option<BusyWait>> = const { RefCell::new(None) };
}

/// Refreshes the access token if it expires soon. Call this before opening a socket, too: if the server refuses the
/// socket because the token has expired, the page can't see why.
pub async fn refresh_if_due() {
    if access_token_expiry::is_nearly_over() {
        refresh_once(access_token_expiry::access_expires()).await;
    }
}

/// Refreshes the access token, or waits for the refresh in flight. `before` is the value of the cookie `access-expires`
/// before the refused call was sent. If the cookie has changed since, another tab has already refreshed the token, and
/// this function does nothing.
pub(super) async fn refresh_once(before: Option<i64>) -> RefreshOutcome {
    let Some(known) = access_token_expiry::access_expires() else {
        // Without `access-expires` this browser is signed out, so there is nothing to refresh.
        return RefreshOutcome::Ended;
    };
    if before.is_some_and(|before| before != known) {
        return RefreshOutcome::RefreshedElsewhere;
    }
    if access_token_expiry::is_over() {
        return RefreshOutcome::Ended;
    }
    let take_off = || {
        let flight = run_refresh(known).boxed_local().shared();
        // Run the refresh as a task, so that it finishes even if no call waits for it any more.
        spawn_local(flight.clone().map(drop));
        flight
    };
    let flight = IN_FLIGHT.with_borrow_mut(|slot| slot.get_or_insert_with(take_off).clone());
    flight.await
}

async fn run_refresh(known: i64) -> RefreshOutcome {
    let lock = SessionLock::take(LockMode::Shared, REFRESH_LIMIT_MS).await;
    // While this refresh waited for the lock, another tab may have refreshed, signed in or signed out.
    let outcome = match access_token_expiry::access_expires() {
        Some(now) if now == known => ask(known).await,
        Some(_) => RefreshOutcome::RefreshedElsewhere,
        None => RefreshOutcome::Ended,
    };
    drop(lock);
    IN_FLIGHT.set(None);
    // `replace` takes the old value out first. The value's `Drop` notifies the page, and `WAITING` must not be borrowed
    // then.
    let waits = (outcome == RefreshOutcome::Busy).then(BusyWait::begin);
    drop(WAITING.replace(waits));
    outcome
}

/// Calls the refresh endpoint, for the access token that expires at `known`, and notes the result in
/// [`access_token_expiry`].
async fn ask(known: i64) -> RefreshOutcome {
    // Give up on a slow answer, so that its cookies can't arrive late. The server's rule for replacing refresh tokens
    // is safe only if no message takes longer than 22 s (docs/sessions.md).
    let answer = reachability::within(REFRESH_LIMIT_MS, refresh())
        .await
        .unwrap_or_else(|| Err(no_answer()));
    match answer {
        Ok(life_s) => {
            access_token_expiry::refreshed(life_s);
            RefreshOutcome::Refreshed
        }
        // The cookie has changed, so a new session has begun while this refresh was in flight, and the refusal is about
        // the older session. This can happen in browsers without Web Locks.
        Err(error)
            if error.needs_sign_in() && access_token_expiry::access_expires().is_some_and(|now| now != known) =>
        {
            RefreshOutcome::RefreshedElsewhere
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

/// The error of a call whose refresh got no answer.
pub(super) fn no_answer<E: FromServerFnError>() -> E {
    E::from_server_fn_error(ServerFnErrorErr::Request("the server did not answer".into()))
}
