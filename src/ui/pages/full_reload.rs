//! A replacement, in the browser, for pages that only the server can render. If the router leads to such a page, the browser loads
//! the page from the server.

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
