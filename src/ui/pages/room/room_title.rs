//! The title of a room's page, as the browser's tab shows it.

use crate::{model::isolated::isolated, ui::call::Presence};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page's title. It says who is speaking, so that you find the room among your browser's tabs.
#[component]
pub fn RoomTitle(presence: Presence, topic: String) -> impl IntoView {
    let speakers = Memo::new(move |_| presence.speakers());
    // On the server, Leptos reads the title after the render, when the signals no longer exist.
    let text = move || match speakers.try_get().unwrap_or_default().as_slice() {
        [] => isolated(&topic).into_owned(),
        [one] => format!("{} speaks · {}", isolated(one), isolated(&topic)),
        [one, other] => format!("{} and {} speak · {}", isolated(one), isolated(other), isolated(&topic)),
        [one, others @ ..] => format!(
            "{} and {} more speak · {}",
            isolated(one),
            others.len(),
            isolated(&topic)
        ),
    };
    view! { <Title text/> }
}
