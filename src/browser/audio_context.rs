//! Starts and closes audio contexts. Systems interrupt them, for example for a phone call, and browsers refuse both at some times.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AudioContext, AudioContextState};

/// Starts a context that is suspended or interrupted. The browser may refuse, and then the caller tries again later. The state `interrupted`
/// of Safari is none of the states that `web_sys` knows.
pub fn resume(context: &AudioContext) {
    if !matches!(context.state(), AudioContextState::Running | AudioContextState::Closed) {
        ignore_refusal(context.resume());
    }
}

/// Closes a context. A browser allows only a few open ones.
pub fn close(context: &AudioContext) {
    if context.state() != AudioContextState::Closed {
        ignore_refusal(context.close());
    }
}

/// Without this, the browser would report the refusal as an error of the page.
fn ignore_refusal(promised: Result<Promise, JsValue>) {
    if let Ok(promise) = promised {
        spawn_local(async move { drop(JsFuture::from(promise).await) });
    }
}
