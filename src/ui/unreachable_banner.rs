//! The banner at the top of every page while the server does not answer.

use crate::{browser::reachability::Reachability, ui::session::use_session};
use leptos::prelude::*;

/// The banner says what is happening and that nothing is lost.
#[component]
pub fn UnreachableBanner() -> impl IntoView {
    let reach = use_session().reach;
    let message = move || match reach.get() {
        Reachability::Fine => None,
        Reachability::Busy => Some((
            "busy",
            "Snug can't reach its data right now. Nothing is lost: this page continues by itself as soon as the data is back.",
        )),
        Reachability::Gone => Some((
            "gone",
            "Snug isn't answering right now. Nothing is lost: this page continues by itself as soon as Snug is back.",
        )),
    };
    // The element is always there: screen readers only notice new text in an element that they already know.
    view! {
        <div class="banner-place" role="status">
            {move || {
                message().map(|(why, words)| {
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
