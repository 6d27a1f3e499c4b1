//! Whose turn it is to have the session's cookies changed, among all tabs of this browser: a lock of the Web Locks API
//! (W3C, section 3), which a tab that goes away gives back. Held over one request, never over a second one.
//!
//! The server can't help here: an answer on its way overwrites the cookies of one that came sooner.

use futures::{
    channel::oneshot,
    future::{Either, select},
};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

const NAME: &str = "snug-session";

/// Who may have a turn at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// Refreshes: the rule of rotation has them all end with the same cookies.
    Others,
    /// Who signs in or out: no cookies of before may come later.
    Nobody,
}

/// A turn, until it is dropped.
pub struct Turn {
    _until_dropped: Option<oneshot::Sender<()>>,
}

impl Turn {
    /// Waits for a turn for at most so long, and then goes without; so does a browser that knows no locks, as none does
    /// over plain http from another machine.
    pub async fn take(with: With, limit_ms: u32) -> Self {
        let (grant, granted) = oneshot::channel();
        let hold = Closure::once(move |_lock: JsValue| {
            let (release, released) = oneshot::channel::<()>();
            let _ = grant.send(release);
            future_to_promise(async move {
                let _ = released.await;
                Ok(JsValue::UNDEFINED)
            })
        });
        let until_dropped = match request(with, limit_ms, hold.as_ref().unchecked_ref()) {
            // The second ends first only where the limit is over.
            Ok(asked) => match select(granted, JsFuture::from(asked)).await {
                Either::Left((granted, _)) => granted.ok(),
                Either::Right(_) => None,
            },
            Err(_) => None,
        };
        Self {
            _until_dropped: until_dropped,
        }
    }
}

/// `navigator.locks.request(name, options, hold)`: web-sys calls it unstable, and would have all of ours compiled so.
fn request(with: With, limit_ms: u32, hold: &Function) -> Result<Promise, JsValue> {
    let navigator = web_sys::window().ok_or(JsValue::NULL)?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let mode = match with {
        With::Others => "shared",
        With::Nobody => "exclusive",
    };
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &mode.into())?;
    let limit = web_sys::AbortSignal::timeout_with_u32(limit_ms);
    Reflect::set(&options, &"signal".into(), &limit)?;
    let request = Reflect::get(&locks, &"request".into())?.dyn_into::<Function>()?;
    request.call3(&locks, &NAME.into(), &options, hold)?.dyn_into()
}
