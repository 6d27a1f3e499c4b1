//! Who may have the session's cookies changed, among all tabs of this browser: a lock of the Web Locks API
//! (W3C, section 3), which a tab that goes away gives back. Held over one request, never over a second one.
//!
//! The server can't help here: an answer on its way overwrites the cookies of one that came sooner.

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

/// Who may have the lock at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Refreshes: the rule of rotation has them all end with the same cookies.
    Shared,
    /// Who signs in or out: no cookies of before may come later.
    Exclusive,
}

/// The lock, until it is dropped.
pub struct SessionLock {
    _until_dropped: Option<oneshot::Sender<()>>,
}

impl SessionLock {
    /// Waits for the lock for at most `limit_ms`, and then goes without; so does a browser that knows no locks, as none does
    /// over plain http from another machine. It is held for as long at most: then those who wait for it have gone on.
    pub async fn take(mode: LockMode, limit_ms: u32) -> Self {
        let (grant, granted) = oneshot::channel();
        // Where nobody waits for it any more, the lock is given back at once.
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
    // What was asked for ends first only where it was refused.
    match within(limit_ms, select(granted, JsFuture::from(asked))).await? {
        Either::Left((granted, _)) => granted.ok(),
        Either::Right(_) => None,
    }
}

/// Who waits for a lock, until this is dropped; a lock that was granted stays so.
struct PendingRequest(web_sys::AbortController);

impl Drop for PendingRequest {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// `navigator.locks.request(name, options, hold)`: web-sys calls it unstable, and would have all of ours compiled so.
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
