//! Snug: drop-in voice rooms on your own machine. This file lists the modules, and is the only file of the crate that uses `cfg`
//! to tell the server from the browser.
//!
//! The crate is compiled twice: with the feature `ssr` into the server, and with `hydrate` into the program that runs in the browser.

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

/// Pages that only the server renders. The program in the browser does not contain their code. If a person goes to such a page,
/// the browser loads it from the server.
pub mod static_pages {
    #[cfg(not(feature = "ssr"))]
    pub use crate::ui::pages::full_reload::{
        FullReload as HomePage, FullReload as LeavePage, FullReload as LinkPage, FullReload as OutboxPage,
        FullReload as OwnerLinkPage, FullReload as PeoplePage, FullReload as UndoEmailPage,
    };
    #[cfg(feature = "ssr")]
    pub use crate::ui::pages::{
        home::HomePage, outbox::OutboxPage, owner_link::OwnerLinkPage, people::PeoplePage, settings::leave::LeavePage,
        sign_in_link::LinkPage, undo_email::UndoEmailPage,
    };
}

/// Sets the HTTP status of the page that is being rendered.
#[cfg(feature = "ssr")]
pub fn set_page_status(status: http::StatusCode) {
    if let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(status);
    }
}

/// Does nothing: in the browser a page has no HTTP status.
#[cfg(not(feature = "ssr"))]
pub fn set_page_status(_status: http::StatusCode) {}

/// Starts the app on the page that the server rendered, and then marks the body as ready.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    browser::page::mark_hydrated();
}
