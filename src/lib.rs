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
        FullReload as HealthPage, FullReload as HomePage, FullReload as LeavePage, FullReload as LinkPage,
        FullReload as OutboxPage, FullReload as OwnerLinkPage, FullReload as PeoplePage, FullReload as UndoEmailPage,
    };
    #[cfg(feature = "ssr")]
    pub use crate::ui::pages::{
        health::HealthPage, home::HomePage, outbox::OutboxPage, owner_link::OwnerLinkPage, people::PeoplePage,
        settings::leave::LeavePage, sign_in_link::LinkPage, undo_email::UndoEmailPage,
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

/// Asks the browser to load the page that is being rendered once more, after this number of seconds. Works without scripts.
#[cfg(feature = "ssr")]
pub fn load_page_again_after(seconds: u16) {
    if let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>() {
        response.insert_header(http::header::REFRESH, http::HeaderValue::from(seconds));
    }
}

/// Does nothing: in the browser a page has no headers.
#[cfg(not(feature = "ssr"))]
pub fn load_page_again_after(_seconds: u16) {}

/// Starts the app on the elements that the server rendered, and then marks the body as ready. Call this only if the elements
/// have the shape that the server has written into the page: Leptos traps if it finds other elements than it expects.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    if let Some(container) = browser::page::app_container() {
        leptos::mount::hydrate_from(container, app::App).forget();
        browser::page::mark_hydrated("");
    }
}

/// Starts the app in its empty container, and then marks the body as ready. For pages that others have changed.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn mount() {
    use hydration_context::{HydrateSharedContext, SharedContext};
    use std::sync::Arc;

    console_error_panic_hook::set_once();
    let Some(container) = browser::page::app_container() else {
        return;
    };
    let from_server: Arc<dyn SharedContext + Send + Sync> = Arc::new(HydrateSharedContext::new());
    let root = leptos::prelude::Owner::new_root(Some(Arc::clone(&from_server)));
    leptos::mount::mount_to(container, move || {
        let app = app::App();
        // The app itself reads what the server has written into the page: the error of a form, the name of this Snug, and who is
        // signed in. Pages ask again, because their values are numbered in the order of the render, which differs here.
        from_server.hydration_complete();
        app
    })
    .forget();
    // The root owns everything that the app has made, so it must live as long as the page.
    std::mem::forget(root);
    browser::page::mark_hydrated("mounted");
}
