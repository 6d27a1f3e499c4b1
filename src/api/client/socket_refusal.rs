//! Why the server refuses a socket. Browsers do not tell a page, so the page asks with a plain request to the same address.

use super::socket_address;
use crate::error::{AppError, Kind};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// The sentence for the screen if a proxy turns the sockets to `path` into plain requests. `None` if the socket is refused for
/// another reason.
pub async fn find_stripped_upgrade(path: &str) -> Option<String> {
    let window = web_sys::window()?;
    let answer = JsFuture::from(window.fetch_with_str(&socket_address(path)))
        .await
        .ok()?;
    let answer: web_sys::Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    let error: AppError = serde_json::from_str(&text).ok()?;
    (error.kind == Kind::NotUpgraded).then_some(error.detail)
}
