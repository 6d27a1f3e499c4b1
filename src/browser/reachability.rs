//! Whether the server answers, as far as this tab has noticed, and the pauses until it does again.

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

/// How the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachability {
    Fine,
    /// It says itself that it can't just now (503); nothing has changed.
    Busy,
    /// No answer at all.
    Gone,
}

type OnReachChange = Box<dyn Fn(Reachability)>;

thread_local! {
    /// Calls that wait for a server which is busy.
    static WAITING: Cell<u32> = const { Cell::new(0) };
    static IS_GONE: Cell<bool> = const { Cell::new(false) };
    static TELL: RefCell<Option<OnReachChange>> = const { RefCell::new(None) };
    /// The asking for a sign of life that goes on in this tab.
    static PROBE: RefCell<Option<Shared<LocalBoxFuture<'static, ()>>>> = const { RefCell::new(None) };
}

/// Calls `tell` whenever something about it has changed. Once a page.
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

/// Something that waits for a busy server, until it is dropped.
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

/// The pause after so many misses before: 1, 2, 4 … 30 s.
pub fn pause_ms(misses: u32) -> u32 {
    (1_000u32 << misses.min(5)).min(30_000)
}

/// Waits that long.
pub async fn pause(misses: u32) {
    sleep_ms(pause_ms(misses)).await;
}

/// What comes of `future` within so long; `None` where it takes longer, and then it is dropped.
pub async fn within<T>(limit_ms: u32, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(sleep_ms(limit_ms))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// Waits until the server gives a sign of life. The first question is asked at once: a page that is being left drops its
/// requests too, and must not cry wolf.
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

async fn is_alive() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let answer = JsFuture::from(window.fetch_with_str("/healthz")).await;
    answer.is_ok_and(|answer| answer.unchecked_into::<web_sys::Response>().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_one_second_to_thirty() {
        let pauses: Vec<u32> = (0..7).map(|misses| pause_ms(misses) / 1_000).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(pause_ms(u32::MAX), 30_000);
    }
}
