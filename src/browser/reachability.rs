//! Whether the server answers, as far as this tab knows, and how long to wait before asking again.

use super::timer::sleep_ms;
use futures::{
    FutureExt,
    future::{Either, LocalBoxFuture, Shared, select},
};
use std::{
    cell::{Cell, RefCell},
    pin::pin,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// The state of the server, as this tab sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachability {
    /// The server answers.
    Fine,
    /// The server answers 503, and has changed nothing.
    Busy,
    /// The server does not answer.
    Gone,
}

type OnReachChange = Box<dyn Fn(Reachability)>;

thread_local! {
    /// How many calls wait for a busy server.
    static WAITING: Cell<u32> = const { Cell::new(0) };
    static IS_GONE: Cell<bool> = const { Cell::new(false) };
    static TELL: RefCell<Option<OnReachChange>> = const { RefCell::new(None) };
    /// The running probe, which asks the server again and again until it answers. All callers in a tab share one probe.
    static PROBE: RefCell<Option<Shared<LocalBoxFuture<'static, ()>>>> = const { RefCell::new(None) };
}

/// Calls `tell` whenever the state may have changed. Call this once in a page.
pub fn on_change(tell: impl Fn(Reachability) + 'static) {
    TELL.set(Some(Box::new(tell)));
}

fn tell() {
    let reach = match (IS_GONE.get(), WAITING.get()) {
        (true, _) => Reachability::Gone,
        (false, 0) => Reachability::Fine,
        (false, _) => Reachability::Busy,
    };
    TELL.with_borrow(|tell| tell.as_ref().map(|tell| tell(reach)));
}

/// A call that waits for a busy server. It counts as waiting until this value is dropped.
pub struct BusyWait(());

impl BusyWait {
    pub fn begin() -> Self {
        WAITING.set(WAITING.get() + 1);
        tell();
        Self(())
    }
}

impl Drop for BusyWait {
    fn drop(&mut self) {
        WAITING.set(WAITING.get() - 1);
        tell();
    }
}

/// The pause after a failed attempt, in milliseconds. `misses` is the number of failed attempts before that one. The
/// pause is 1 s if `misses` is 0. It doubles with each failure up to 16 s, and after that it is 30 s.
pub fn pause_ms(misses: u32) -> u32 {
    (1_000u32 << misses.min(5)).min(30_000)
}

/// Waits for [`pause_ms`].
pub async fn pause(misses: u32) {
    sleep_ms(pause_ms(misses)).await;
}

/// The result of `future`. If `future` takes longer than `limit_ms`, it is dropped, and the result is `None`.
pub async fn within<T>(limit_ms: u32, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(sleep_ms(limit_ms))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// Call this after a request has failed. It requests `/healthz` again and again until the server answers. The server
/// counts as gone only if the first of these requests fails, too. The failed request alone proves nothing: it also fails
/// if the person is leaving the page, and no warning must appear then.
pub async fn back() {
    let probe = PROBE.with_borrow_mut(|slot| slot.get_or_insert_with(|| probe().boxed_local().shared()).clone());
    probe.await;
}

async fn probe() {
    for misses in 0.. {
        if is_alive().await {
            break;
        }
        IS_GONE.set(true);
        tell();
        pause(misses).await;
    }
    PROBE.set(None);
    IS_GONE.set(false);
    tell();
}

/// Whether the server answers one request now.
pub async fn is_alive() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let answer = JsFuture::from(window.fetch_with_str("/healthz")).await;
    answer.is_ok_and(|answer| answer.unchecked_into::<web_sys::Response>().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_1_s_to_30_s() {
        let pauses: Vec<u32> = (0..7).map(|misses| pause_ms(misses) / 1_000).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(pause_ms(u32::MAX), 30_000);
    }
}
