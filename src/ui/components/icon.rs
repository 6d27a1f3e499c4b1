//! An icon from the sprite. Screen readers skip it, so put a word beside it.

use leptos::prelude::*;

/// The symbol `name` of `public/icons.svg`.
#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use_ href=format!("/icons.svg#{name}")></use_>
        </svg>
    }
}
