//! The links to the previous and the next page of the list.

use crate::model::room_list::{RoomListCounts, RoomListQuery};
use leptos::prelude::*;

/// Shows nothing if the list has only one page. A click on a link sets `link_followed`.
///
/// Only the parts that change are rendered again, so that a link keeps the focus while rooms open and end.
#[component]
pub fn PageLinks(
    path: &'static str,
    query: RoomListQuery,
    counts: Memo<RoomListCounts>,
    link_followed: StoredValue<bool>,
) -> impl IntoView {
    let query = StoredValue::new(query);
    let address = move |page: usize| query.with_value(|query| query.with_page(page).address(path));
    let is_long = Memo::new(move |_| counts.get().pages > 1);
    let has_previous = Memo::new(move |_| counts.get().page > 1);
    let has_next = Memo::new(move |_| counts.get().page < counts.get().pages);
    let previous = move || {
        view! {
            <a
                class="btn" data-kind="quiet" data-small="" rel="prev" href=move || address(counts.get().page.saturating_sub(1))
                on:click=move |_| link_followed.set_value(true)
            >
                "Previous page"
            </a>
        }
    };
    let next = move || {
        view! {
            <a
                class="btn" data-kind="quiet" data-small="" rel="next" href=move || address(counts.get().page + 1)
                on:click=move |_| link_followed.set_value(true)
            >
                "Next page"
            </a>
        }
    };
    move || {
        is_long.get().then(|| {
            view! {
                <nav class="page-links" aria-label="Pages of the list">
                    {move || has_previous.get().then(previous)}
                    <span class="current" aria-current="page">
                        {move || page_words(counts.get())}
                    </span>
                    {move || has_next.get().then(next)}
                </nav>
            }
        })
    }
}

/// The words that say which page of the list this is.
pub fn page_words(counts: RoomListCounts) -> String {
    format!("Page {} of {}", counts.page, counts.pages)
}
