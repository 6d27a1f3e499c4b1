//! The search box of the list of rooms. It searches when you pause while typing; without scripts, it searches when you press Enter.

use crate::{
    browser::timer::sleep_ms,
    model::room_list::{RoomListQuery, SEARCH_MAX_CHARS},
    ui::components::icon::Icon,
};
use leptos::{html::Input, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// How long you have to pause, in milliseconds. Each search is a request and opens a socket, so not every letter should start one.
const PAUSE_MS: u32 = 200;

/// The box shows the words of `query`, the current query of the page at `path`. A search changes the address, so
/// a person can share it, and coming back to the list with the back button shows the same search. It replaces the history entry, so
/// Back does not step through earlier searches.
#[component]
pub fn SearchBox(path: &'static str, query: Memo<RoomListQuery>) -> impl IntoView {
    let navigate = use_navigate();
    let input = NodeRef::<Input>::new();
    let words = StoredValue::new(query.with_untracked(|query| query.words().to_owned()));
    // The words that this box searched for last, or that it found in the address.
    let searched = StoredValue::new(words.get_value());
    // If the address changes for another reason, such as the back button, show its words. Do not do so after a search of our own,
    // because the person can have typed more letters in the meantime.
    Effect::new(move |_| {
        let now = query.with(|query| query.words().to_owned());
        if searched.get_value() != now {
            if let Some(input) = input.get_untracked() {
                input.set_value(&now);
            }
            words.set_value(now.clone());
            searched.set_value(now);
        }
    });
    let search = move || {
        let next = RoomListQuery::new(1, &words.get_value());
        if searched.get_value() != next.words() {
            searched.set_value(next.words().to_owned());
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&next.address(path), options);
        }
    };
    let keystrokes = StoredValue::new(0_u32);
    let search_after_pause = {
        let search = search.clone();
        move |text: String| {
            words.set_value(text);
            let keystroke = keystrokes.get_value() + 1;
            keystrokes.set_value(keystroke);
            let search = search.clone();
            spawn_local(async move {
                sleep_ms(PAUSE_MS).await;
                // `None` if the person has left the page.
                if keystrokes.try_get_value() == Some(keystroke) {
                    search();
                }
            });
        }
    };
    view! {
        <form
            class="search" role="search" method="get" action=path
            on:submit=move |event| {
                event.prevent_default();
                search();
            }
        >
            <label class="visually-hidden" for="q">"Search topics and people"</label>
            <Icon name="search"/>
            <input
                id="q" name="q" type="search" placeholder="Search topics and people" autocomplete="off" dir="auto" node_ref=input
                maxlength=SEARCH_MAX_CHARS.to_string() value=words.get_value()
                on:input:target=move |event| search_after_pause(event.target().value())
            />
        </form>
    }
}
