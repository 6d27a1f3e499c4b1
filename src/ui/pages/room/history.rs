//! In the host tools: the log of what hosts did, with buttons to undo it. It is hidden while they have done nothing.

use super::{lost_focus::rescue_after_press, stand_in::is_stand_in};
use crate::{
    browser::page,
    model::{moderation_log::LogEntry, stage::StageRequest},
    ui::call::Presence,
};
use leptos::prelude::*;

/// How many entries are shown until you ask to see all. The rules of the room are below them.
const SHOWN: usize = 8;
/// What gets the focus if a button of this section disappears. It is no other button, because a second press must not undo something else.
const HEIRS: [&str; 2] = ["#history-title", "#moderation-panel:popover-open button"];

#[component]
pub fn History(presence: Presence) -> impl IntoView {
    let log = Memo::new(move |_| presence.panel.with(|panel| panel.log.clone()));
    let all = RwSignal::new(false);
    let more = move || !all.get() && log.with(Vec::len) > SHOWN;
    let pressed = rescue_after_press(log, HEIRS);
    let show_all = move |_| {
        all.set(true);
        request_animation_frame(|| HEIRS.into_iter().for_each(page::rescue_focus));
    };
    let shown = move || {
        let most = if all.get() { usize::MAX } else { SHOWN };
        log.get().into_iter().take(most).collect::<Vec<_>>()
    };
    view! {
        <section aria-labelledby="history-title" hidden=move || log.with(Vec::is_empty)>
            <h3 id="history-title" tabindex="-1">"History"</h3>
            <ul class="rows" role="list">
                <For each=shown key=|entry| (entry.number, entry.undone, entry.can_undo) let:entry>
                    {log_row(presence, pressed, entry)}
                </For>
            </ul>
            {move || more().then(|| view! {
                <button class="btn" data-kind="quiet" data-small="" type="button" on:click=show_all>
                    "Show all"
                </button>
            })}
        </section>
    }
}

fn log_row(presence: Presence, pressed: StoredValue<bool>, entry: LogEntry) -> impl IntoView {
    let (number, sentence) = (entry.number, entry.sentence());
    let label = format!("Undo: {sentence}");
    // A stand-in undoes nothing.
    let can_undo = move || entry.can_undo && !is_stand_in(presence);
    let undo = move |_| {
        pressed.set_value(true);
        presence.request(StageRequest::Undo { number });
    };
    view! {
        <li data-undone=entry.undone.then_some("")>
            <p data-names="">
                <time>{page::time_of_day(entry.at_s)}</time> " " {sentence}
                {entry.undone.then(|| view! { <span class="hint">" Undone."</span> })}
            </p>
            {move || can_undo().then(|| view! {
                <button
                    class="btn" data-kind="quiet" data-small="" type="button" aria-label=label.clone()
                    on:click=undo
                >
                    "Undo"
                </button>
            })}
        </li>
    }
}
