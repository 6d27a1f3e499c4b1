//! The page in place of one whose code did not load: the connection is lost, or the server has a newer build without these files.

use super::not_found::NotFoundPanel;
use crate::ui::call::use_call;
use leptos::prelude::*;
use leptos_router::{hooks::use_location, location::Location};

const ADVICE: &str = "Check your connection, then load the page again.";
const ADVICE_IN_CALL: &str = "Check your connection, then load the page again. That ends your call in this tab. To stay in it, go back to your room.";

/// Says that the page did not load. Its link loads the page from the server, together with the program that the server has now.
#[component]
pub fn NotLoadedPage() -> impl IntoView {
    let (call, location) = (use_call(), use_location());
    let message = match call.current.get_untracked() {
        Some(_) => ADVICE_IN_CALL,
        None => ADVICE,
    };
    view! {
        <NotFoundPanel heading="This page did not load." message>
            <a class="btn" href=move || address(&location) rel="external">"Load the page again"</a>
        </NotFoundPanel>
    }
}

/// The path and the query of the page.
fn address(location: &Location) -> String {
    match location.search.get() {
        search if search.is_empty() => location.pathname.get(),
        search => format!("{}?{search}", location.pathname.get()),
    }
}
