//! In the browser, a page that only the server renders: its address is loaded anew.

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
