//! A page that only the server renders, seen from the program in the browser: the browser loads the page's address.

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
