//! The banner at the top of every page while the server does not answer. In a room, the room's own banner says it, below the header.

use crate::{browser::reachability::Reachability, ui::session::use_session};
use leptos::prelude::*;

/// What is happening, and that nothing is lost. The first word is for the style sheet.
pub fn away_words(reach: Reachability) -> Option<(&'static str, &'static str)> {
    match reach {
        Reachability::Fine => None,
        Reachability::Busy => Some((
            "busy",
            "Snug can't reach its data right now. Nothing is lost: this page continues by itself as soon as the data is back.",
        )),
        Reachability::Gone => Some((
            "gone",
            "Snug isn't answering right now. Nothing is lost: this page continues by itself as soon as Snug is back.",
        )),
    }
}

/// The banner says what is happening and that nothing is lost.
#[component]
pub fn UnreachableBanner() -> impl IntoView {
    let reach = use_session().reach;
    // The element is always there: screen readers only notice new text in an element that they already know.
    view! {
        <div class="banner-place" role="status">
            {move || {
                away_words(reach.get()).map(|(why, words)| {
                    view! {
                        <p class="banner" data-away=why>
                            <span class="dots" aria-hidden="true"></span>
                            {words}
                        </p>
                    }
                })
            }}
        </div>
    }
}
