//! The links to the previous and the next page of a list.

use leptos::prelude::*;

/// Shows nothing if there is only one page. `page` counts from 1. `address` returns the address of a page. `on_follow` runs when the
/// person clicks a link.
///
/// If the numbers change, only the parts that differ are rendered again, so that a link keeps the focus.
#[component]
pub fn Pager(
    #[prop(into)] page: Signal<usize>,
    #[prop(into)] pages: Signal<usize>,
    address: Callback<usize, String>,
    #[prop(optional)] on_follow: Option<Callback<()>>,
) -> impl IntoView {
    let has_pages = Memo::new(move |_| pages.get() > 1);
    let has_previous = Memo::new(move |_| page.get() > 1);
    let has_next = Memo::new(move |_| page.get() < pages.get());
    let link = move |word: &'static str, rel: &'static str, to: Signal<usize>| {
        view! {
            <a
                class="btn" data-kind="quiet" data-small="" href=move || address.run(to.get()) rel=rel
                on:click=move |_| {
                    if let Some(follow) = on_follow {
                        follow.run(());
                    }
                }
            >
                {word}
            </a>
        }
    };
    let previous = move || link("Previous", "prev", Signal::derive(move || page.get().saturating_sub(1)));
    let next = move || link("Next", "next", Signal::derive(move || page.get() + 1));
    move || {
        has_pages.get().then(|| {
            view! {
                <nav class="row pager" aria-label="Pages">
                    {move || has_previous.get().then(previous)}
                    <span class="hint" aria-current="page">
                        {move || page_words(page.get(), pages.get())}
                    </span>
                    {move || has_next.get().then(next)}
                </nav>
            }
        })
    }
}

/// The words that say which page this is.
pub fn page_words(page: usize, pages: usize) -> String {
    format!("Page {page} of {pages}")
}
