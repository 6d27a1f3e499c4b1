//! Snug: drop-in voice rooms on your own machine. The contents, and every `cfg` of the crate.
//!
//! One crate, built twice: with `ssr` it is the program, with `hydrate` it is what runs in the browser.

#![recursion_limit = "512"]

pub mod api;
pub mod app;
pub mod assets;
pub mod browser;
pub mod error;
pub mod model;
#[cfg(feature = "ssr")]
pub mod router;
#[cfg(feature = "ssr")]
pub mod server;
pub mod ui;

/// Pages that the server alone renders: in the browser their addresses are loaded anew, and their code is not there.
pub mod static_pages {
    #[cfg(not(feature = "ssr"))]
    pub use crate::ui::pages::full_reload::{
        FullReload as HomePage, FullReload as LinkPage, FullReload as OutboxPage, FullReload as OwnerLinkPage,
        FullReload as PeoplePage, FullReload as UndoEmailPage,
    };
    #[cfg(feature = "ssr")]
    pub use crate::ui::pages::{
        home::HomePage, outbox::OutboxPage, owner_link::OwnerLinkPage, people::PeoplePage, sign_in_link::LinkPage,
        undo_email::UndoEmailPage,
    };
}

/// Sets the status of the page being rendered; in the browser there is none to set.
#[cfg(feature = "ssr")]
pub fn set_page_status(status: http::StatusCode) {
    if let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(status);
    }
}

/// Sets the status of the page being rendered; in the browser there is none to set.
#[cfg(not(feature = "ssr"))]
pub fn set_page_status(_status: http::StatusCode) {}

/// Takes the page over that the server rendered, and says so on the body.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    browser::page::mark_hydrated();
}
