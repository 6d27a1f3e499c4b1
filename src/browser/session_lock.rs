//! A lock that all tabs of this browser share (Web Locks API), for requests whose answers change the session's cookies.
//!
//! Without the lock, a late answer to a refresh can overwrite the cookies of a newer session with those of an old one.
//! The server can't prevent that, because the answer is already on its way. A tab keeps the lock for one request only,
//! and the browser releases the lock when the tab is closed.

use super::reachability::within;
use futures::{
    channel::oneshot,
    future::{Either, select},
};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortSignal;

const NAME: &str = "snug-session";

/// Whether other requests can have the lock at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// For refreshes. Several can run at the same time, because the server gives all of them the same cookies.
    Shared,
    /// For signing in or out. No refresh can run meanwhile, because its answer could bring back the cookies of the old
    /// session.
    Exclusive,
}

/// The lock. Dropping it releases the lock.
pub struct SessionLock {
    _until_dropped: Option<oneshot::Sender<()>>,
}

impl SessionLock {
    /// Takes the lock. Returns without the lock if another request still has it after `limit_ms`, or if the browser has
    /// no Web Locks, for example because the page was loaded from another machine over plain http.
    ///
    /// A lock that was granted is released after `limit_ms` at the latest. Keeping it longer would be useless, because
    /// other requests do not wait longer than that.
    pub async fn take(mode: LockMode, limit_ms: u32) -> Self {
        let (grant, granted) = oneshot::channel();
        // If `wait` has already stopped waiting, `send` fails and drops `release`, which releases the lock at once.
        let hold = Closure::once_into_js(move |_lock: JsValue| {
            let (release, released) = oneshot::channel::<()>();
            let _ = grant.send(release);
            future_to_promise(async move {
                within(limit_ms, released).await;
                Ok(JsValue::UNDEFINED)
            })
        });
        Self {
            _until_dropped: wait(mode, limit_ms, hold.unchecked_ref(), granted).await,
        }
    }
}

async fn wait(
    mode: LockMode,
    limit_ms: u32,
    hold: &Function,
    granted: oneshot::Receiver<oneshot::Sender<()>>,
) -> Option<oneshot::Sender<()>> {
    let waiting = PendingRequest(web_sys::AbortController::new().ok()?);
    let asked = request(mode, &waiting.0.signal(), hold).ok()?;
    // The promise normally ends when the lock is released. If it ends before `granted`, the request was refused.
    match within(limit_ms, select(granted, JsFuture::from(asked))).await? {
        Either::Left((granted, _)) => granted.ok(),
        Either::Right(_) => None,
    }
}

/// A pending request for the lock. Dropping it withdraws the request. If the lock was already granted, dropping it has
/// no effect.
struct PendingRequest(web_sys::AbortController);

impl Drop for PendingRequest {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Calls `navigator.locks.request(name, options, hold)`. The method is looked up by its name, because web-sys has it
/// only among its unstable APIs, which need a compiler flag for the whole program.
fn request(mode: LockMode, signal: &AbortSignal, hold: &Function) -> Result<Promise, JsValue> {
    let navigator = web_sys::window().ok_or(JsValue::NULL)?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let mode = match mode {
        LockMode::Shared => "shared",
        LockMode::Exclusive => "exclusive",
    };
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &mode.into())?;
    Reflect::set(&options, &"signal".into(), signal)?;
    let request = Reflect::get(&locks, &"request".into())?.dyn_into::<Function>()?;
    request.call3(&locks, &NAME.into(), &options, hold)?.dyn_into()
}
