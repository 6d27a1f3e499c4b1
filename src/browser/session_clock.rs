//! When the access token ends, as this browser knows it: by the readable cookie, counted from receipt and not by the
//! client's clock, which may be wrong. News of a refresh goes to the other tabs.

use super::countdown::now_ms;
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, closure::Closure};

/// What came of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Refreshed,
    /// Only a new sign-in helps.
    Ended,
    /// Network or server failed: nothing is lost, try later.
    Unreachable,
}

thread_local! {
    /// The cookie's value, and the monotonic time at which this tab first saw it.
    static SEEN: Cell<Option<(i64, f64, f64)>> = const { Cell::new(None) };
    /// The token for which no refresh will ever come, by when it ends.
    static OVER: Cell<Option<i64>> = const { Cell::new(None) };
    /// Refreshes that found nobody, one after the other, and when to try again.
    static PATIENCE: Cell<(u32, f64)> = const { Cell::new((0, 0.0)) };
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
/// its end, counted from when this tab first saw it. A token that was there before the tab is judged by the client's
/// clock; a wrong clock costs one refresh too many. `None` while signed out, and once only a new sign-in helps.
pub fn early_refresh_in_ms() -> Option<u32> {
    let (expires, now_ms) = (access_expires()?, now_ms());
    if is_over() {
        return None;
    }
    let seen = SEEN.get().filter(|(known, ..)| *known == expires);
    let (_, seen_ms, life_s) = seen.unwrap_or_else(|| {
        let first = (expires, now_ms, expires as f64 - js_sys::Date::now() / 1000.0);
        SEEN.set(Some(first));
        first
    });
    let left_s = life_s - (now_ms - seen_ms) / 1000.0;
    let early_s = (life_s / 4.0).min(30.0);
    let due_ms = ((left_s - early_s) * 1_000.0).max(PATIENCE.get().1 - now_ms);
    Some(due_ms.max(0.0) as u32)
}

/// Whether a refresh was refused for good since the last sign-in.
pub fn is_over() -> bool {
    OVER.get().is_some_and(|over| access_expires() == Some(over))
}

/// Remembers what came of a refresh: after a refusal none is tried again, after silence the pause doubles from 1 s to 30 s.
pub fn note(outcome: Outcome) {
    let (misses, _) = PATIENCE.get();
    match outcome {
        Outcome::Refreshed => PATIENCE.set((0, 0.0)),
        Outcome::Ended => OVER.set(access_expires()),
        Outcome::Unreachable => {
            let pause_ms = (1_000u32 << misses.min(5)).min(30_000);
            PATIENCE.set((misses + 1, now_ms() + f64::from(pause_ms)));
        }
    }
    tell(outcome);
}

/// Tells the other tabs what came of a refresh.
fn tell(outcome: Outcome) {
    let word = match outcome {
        Outcome::Refreshed => "refreshed",
        Outcome::Ended => "ended",
        Outcome::Unreachable => return,
    };
    with_channel(|channel| drop(channel.post_message(&word.into())));
}

/// Tells the other tabs that this browser has signed out.
pub fn tell_signed_out() {
    tell(Outcome::Ended);
}

/// Calls `act` when another tab of this browser signed out. Once a page: the listener lives as long as it does.
pub fn on_signed_out_elsewhere(act: impl Fn() + 'static) {
    let listen = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        if event.data().as_string().as_deref() == Some("ended") && access_expires().is_none() {
            act();
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
