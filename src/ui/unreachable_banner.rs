//! The server does not answer: said at the top of every page, until it does again.

use crate::{browser::reachability::Reachability, ui::session::use_session};
use leptos::prelude::*;

/// A sentence that says what happens, and that nothing is lost.
#[component]
pub fn UnreachableBanner() -> impl IntoView {
    let reach = use_session().reach;
    let message = move || match reach.get() {
        Reachability::Fine => None,
        Reachability::Busy => Some((
            "busy",
            "Snug can't reach its data right now. Nothing is lost: this page goes on by itself as soon as it can.",
        )),
        Reachability::Gone => Some((
            "gone",
            "Snug isn't answering right now. Nothing is lost: this page goes on by itself as soon as it is back.",
        )),
    };
    // Always there, so that screen readers notice when something stands in it.
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
