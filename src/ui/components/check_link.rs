//! The ways to the page "Check my connection". A call goes on while you are on that page.

use super::icon::Icon;
use leptos::prelude::*;

const PAGE: &str = "/connection";
const WORDS: &str = "Check my connection";

/// A link in a sentence about a voice that does not get through.
#[component]
pub fn CheckLink() -> impl IntoView {
    view! { <a href=PAGE>{WORDS}</a> }
}

/// A link that stands alone.
#[component]
pub fn CheckButton() -> impl IntoView {
    view! {
        <a class="btn" data-kind="quiet" href=PAGE>
            <Icon name="headphones"/>
            <span>{WORDS}</span>
        </a>
    }
}
