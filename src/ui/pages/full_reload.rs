//! What the browser's program shows in place of pages that only the server renders: it loads their address from the server.

use crate::browser::page;
use leptos::prelude::*;

#[component]
pub fn FullReload() -> impl IntoView {
    Effect::new(|_| {
        if let Some(address) = page::address() {
            page::go(&address);
        }
    });
}
