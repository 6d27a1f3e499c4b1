//! The time at which the access token expires, and therefore the time at which the next refresh is due. The cookie
//! `access-expires` contains the expiry time by the server's clock. The client's clock may be wrong, so each tab counts
//! the seconds from the moment at which a token arrives. A tab that has refreshed the token tells the other tabs.

use super::{reachability::pause_ms, timer::now_ms};
use futures::channel::oneshot;
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, closure::Closure};

/// The result of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// There is a new access token.
    Refreshed,
    /// Another tab has refreshed the token or signed in, so the cookies contain a token that this tab has not used yet.
    /// The call can be repeated.
    RefreshedElsewhere,
    /// The session is over; the person must sign in again.
    Ended,
    /// The server is busy (503). Nothing is lost; try again later.
    Busy,
    /// The server did not answer. Nothing is lost; try again later.
    Gone,
}

/// The assumed life of an access token in seconds, until a refresh reports the real one.
const LIFE_USUAL_S: f64 = 600.0;

thread_local! {
    /// The server's clock minus this tab's monotonic clock, in seconds. It is `None` until the first refresh. While it
    /// is `None`, the client's own clock is used.
    static AHEAD_S: Cell<Option<f64>> = const { Cell::new(None) };
    /// The life of an access token, in seconds.
    static LIFE_S: Cell<f64> = const { Cell::new(LIFE_USUAL_S) };
    /// The expiry time of the access token that could not be refreshed because the session is over.
    static OVER: Cell<Option<i64>> = const { Cell::new(None) };
    /// The number of refreshes in a row that got no answer or a 503, and the time of the next try, in milliseconds.
    static RETRY: Cell<(u32, f64)> = const { Cell::new((0, 0.0)) };
    /// Wakes the task that sleeps until the next refresh, if the time of that refresh has changed.
    static SLEEPER: RefCell<Option<oneshot::Sender<()>>> = const { RefCell::new(None) };
    static CHANNEL: RefCell<Option<web_sys::BroadcastChannel>> = const { RefCell::new(None) };
}

/// The unix time in the cookie `access-expires`; `None` if the browser is signed out.
pub fn access_expires() -> Option<i64> {
    let document = web_sys::window()?.document()?.unchecked_into::<web_sys::HtmlDocument>();
    let cookies = document.cookie().ok()?;
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == "access-expires")?
        .1
        .parse()
        .ok()
}

/// Whether a refresh is due.
pub fn is_nearly_over() -> bool {
    early_refresh_in_ms() == Some(0)
}

/// The milliseconds until a refresh is due. A refresh is due when 30 s of the token's life are left, or a quarter of
/// its life if that is shorter. `None` if the browser is signed out, or if a refresh was refused because the session is
/// over.
///
/// Before the first refresh, this function uses the client's clock. If that clock is fast, the tab refreshes once
/// without need. If it is slow, the next call gets a 401, and the client then refreshes the token.
pub fn early_refresh_in_ms() -> Option<u32> {
    let (expires, now_ms) = (access_expires()?, now_ms());
    if is_over() {
        return None;
    }
    let ahead_s = AHEAD_S
        .get()
        .unwrap_or(js_sys::Date::now() / 1_000.0 - now_ms / 1_000.0);
    let left_s = expires as f64 - (now_ms / 1_000.0 + ahead_s);
    let due_ms = ((left_s - early_s(LIFE_S.get())) * 1_000.0).max(RETRY.get().1 - now_ms);
    Some(due_ms.max(0.0) as u32)
}

/// How many seconds before its expiry a token is refreshed. `life_s` is the token's whole life in seconds.
fn early_s(life_s: f64) -> f64 {
    (life_s / 4.0).min(30.0)
}

/// Notes that a new token has arrived and lives `life_s` seconds.
fn received(life_s: u32) {
    let life_s = f64::from(life_s);
    LIFE_S.set(life_s);
    AHEAD_S.set(access_expires().map(|expires| expires as f64 - life_s - now_ms() / 1_000.0));
    RETRY.set((0, 0.0));
    drop(SLEEPER.take());
}

/// Waits until a refresh in this tab or in another tab has changed the time of the next refresh. Only one task can
/// wait.
pub async fn changed() {
    let (sleeper, news) = oneshot::channel();
    SLEEPER.set(Some(sleeper));
    let _ = news.await;
}

/// Whether a refresh was refused because the session is over, and nobody has signed in since.
pub fn is_over() -> bool {
    OVER.get().is_some_and(|over| access_expires() == Some(over))
}

/// Notes that a refresh has brought a new token that lives `life_s` seconds, and tells the other tabs.
pub fn refreshed(life_s: u32) {
    received(life_s);
    tell(&format!("refreshed {life_s}"));
}

/// Notes that a refresh was refused because the session is over. This tab will not try to refresh this token again.
/// Also tells the other tabs.
pub fn ended() {
    OVER.set(access_expires());
    tell("ended");
}

/// Notes that a refresh got no answer or a 503. The pause before the next refresh doubles each time, from 1 s to 30 s.
pub fn missed() {
    let (misses, _) = RETRY.get();
    RETRY.set((misses + 1, now_ms() + f64::from(pause_ms(misses))));
}

/// Tells the other tabs that this browser has signed out.
pub fn tell_signed_out() {
    tell("ended");
}

fn tell(word: &str) {
    with_channel(|channel| drop(channel.post_message(&word.into())));
}

/// Listens to the other tabs, and calls `act` when one of them says that this browser is signed out. Call this once in
/// a page, because the listener is never removed.
pub fn listen_to_tabs(act: impl Fn() + 'static) {
    let listen = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        let told = event.data().as_string().unwrap_or_default();
        match told.strip_prefix("refreshed ").and_then(|life| life.parse().ok()) {
            Some(life_s) => received(life_s),
            None if told == "ended" && access_expires().is_none() => act(),
            None => {}
        }
    });
    with_channel(|channel| channel.set_onmessage(Some(listen.as_ref().unchecked_ref())));
    listen.forget();
}

/// Runs `act` on this tab's channel. A tab must have only one channel. A `BroadcastChannel` does not receive its own
/// messages, but if a tab had two channels, each would receive the messages of the other.
fn with_channel(act: impl FnOnce(&web_sys::BroadcastChannel)) {
    CHANNEL.with_borrow_mut(|channel| {
        if channel.is_none() {
            *channel = web_sys::BroadcastChannel::new("snug-session").ok();
        }
        if let Some(channel) = channel {
            act(channel);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_is_due_a_quarter_of_the_life_before_the_end_and_at_most_30_s_before() {
        let due = [4.0, 60.0, 120.0, 600.0, 3_600.0].map(early_s);
        assert_eq!(due, [1.0, 15.0, 30.0, 30.0, 30.0]);
    }
}
