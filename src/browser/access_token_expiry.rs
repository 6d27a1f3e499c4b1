//! When the access token ends, as this browser knows it: by the readable cookie, counted from receipt and not by the
//! client's clock, which may be wrong. News of a refresh goes to the other tabs.

use super::{reachability::pause_ms, timer::now_ms};
use futures::channel::oneshot;
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, closure::Closure};

/// What came of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshOutcome {
    Refreshed,
    /// Another tab has refreshed, or signed in: its token is said to be good, and was not seen to be.
    FullReload,
    /// Only a new sign-in helps.
    Ended,
    /// The server can't just now: nothing is lost, try later.
    Busy,
    /// No answer: nothing is lost, try later.
    Gone,
}

/// An access token's life, seconds, until a refresh has told it.
const LIFE_USUAL_S: f64 = 600.0;

thread_local! {
    /// The server's clock less this tab's monotonic one, seconds; the client's own clock until a refresh has told better.
    static AHEAD_S: Cell<Option<f64>> = const { Cell::new(None) };
    static LIFE_S: Cell<f64> = const { Cell::new(LIFE_USUAL_S) };
    /// The token for which no refresh will ever come, by when it ends.
    static OVER: Cell<Option<i64>> = const { Cell::new(None) };
    /// Refreshes that found nobody, one after the other, and when to try again.
    static RETRY: Cell<(u32, f64)> = const { Cell::new((0, 0.0)) };
    /// Who sleeps until the early refresh, and wants to know that it is due at another time.
    static SLEEPER: RefCell<Option<oneshot::Sender<()>>> = const { RefCell::new(None) };
    static CHANNEL: RefCell<Option<web_sys::BroadcastChannel>> = const { RefCell::new(None) };
}

/// The unix time in `access-expires`; `None` means signed out.
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

/// Whether the early refresh is due.
pub fn is_nearly_over() -> bool {
    early_refresh_in_ms() == Some(0)
}

/// How long until the early refresh is due, in milliseconds: the smaller of 30 s and a quarter of the token's life before
/// its end. Until a refresh has told this tab or another how long a token lives, the client's clock judges: a wrong one
/// costs a refresh too many, or has the next call find out. `None` while signed out, and once only a new sign-in helps.
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

/// How long before the end of a token that lives `life_s` its refresh is due, seconds.
fn early_s(life_s: f64) -> f64 {
    (life_s / 4.0).min(30.0)
}

/// A token that lives `life_s` was received just now.
fn received(life_s: u32) {
    let life_s = f64::from(life_s);
    LIFE_S.set(life_s);
    AHEAD_S.set(access_expires().map(|expires| expires as f64 - life_s - now_ms() / 1_000.0));
    RETRY.set((0, 0.0));
    drop(SLEEPER.take());
}

/// Ends when a refresh, here or in another tab, has told when the next one is due. For one at a time.
pub async fn changed() {
    let (sleeper, news) = oneshot::channel();
    SLEEPER.set(Some(sleeper));
    let _ = news.await;
}

/// Whether a refresh was refused for good since the last sign-in.
pub fn is_over() -> bool {
    OVER.get().is_some_and(|over| access_expires() == Some(over))
}

/// A refresh has brought a token that lives `life_s`: the other tabs count with it as well.
pub fn refreshed(life_s: u32) {
    received(life_s);
    tell(&format!("refreshed {life_s}"));
}

/// A refresh was refused: none is tried again for this token.
pub fn ended() {
    OVER.set(access_expires());
    tell("ended");
}

/// A refresh found nobody: the pause before the next doubles from 1 s to 30 s.
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

/// Hears what the other tabs tell, and calls `act` when this browser signed out there. Once a page: the listener lives as
/// long as it does.
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

/// This tab's one end of the channel: a channel does not hear itself, two would hear each other.
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
    fn a_refresh_is_due_a_quarter_of_a_life_before_its_end_and_at_most_30_s() {
        let due = [4.0, 60.0, 120.0, 600.0, 3_600.0].map(early_s);
        assert_eq!(due, [1.0, 15.0, 30.0, 30.0, 30.0]);
    }
}
