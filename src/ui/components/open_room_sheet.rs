//! The sheet for opening a room. It asks for the topic, for the kind (which decides who finds the room), and for who can talk. The
//! sheet works without scripts.

use super::{error_notice::Notice, sheet_header::SheetHeader};
use crate::{
    error::AppError,
    model::{one_line, room::RoomKind, stage::Mode},
};
use leptos::{html::Input, prelude::*};

/// The id of the sheet. Buttons name it in `popovertarget` to open the sheet.
pub const SHEET_ID: &str = "open-room";

/// Topics for people who can't think of one. A press puts the topic into the field.
const EXAMPLES: [&str; 3] = ["Coffee break", "Show and tell", "Book club"];

/// The sheet. `children` is its form. The page passes the form in, because only pages and not components call endpoints.
#[component]
pub fn OpenRoomSheet(children: Children) -> impl IntoView {
    view! {
        <dialog class="sheet open-room" id=SHEET_ID popover="auto" aria-labelledby="open-room-title">
            <SheetHeader sheet=SHEET_ID title="open-room-title" heading="What shall we talk about?"/>
            {children()}
        </dialog>
    }
}

/// The fields of the form: topic, kind and mode. `ready` is true when the page reacts to clicks.
#[component]
pub fn OpenRoomFields(
    #[prop(into)] error: Signal<Option<AppError>>,
    #[prop(into)] pending: Signal<bool>,
    #[prop(into)] ready: Signal<bool>,
) -> impl IntoView {
    let topic = NodeRef::<Input>::new();
    let fill = move |example: &str| {
        if let Some(topic) = topic.get_untracked() {
            topic.set_value(example);
            // The field keeps the focus, so that a phone's keyboard stays open and Enter starts the room.
            let _ = topic.focus();
        }
    };
    let example = move |words: &'static str| {
        view! {
            <button
                class="btn" data-kind="quiet" data-small="" type="button" disabled=move || !ready.get()
                on:click=move |_| fill(words)
            >
                {words}
            </button>
        }
    };
    view! {
        <div class="field">
            // Browsers count UTF-16 code units, so a limit of 80 would cut a topic of a few emoji. The server counts characters.
            <label for="topic">"Topic"</label>
            <input
                id="topic" name="topic" required maxlength=one_line::BYTES_MAX.to_string() autocomplete="off" autofocus dir="auto"
                placeholder="Tea and nothing in particular" node_ref=topic
                // A topic is no password and no essay, so extensions need no buttons in this field.
                data-lpignore="true" data-bwignore="true" data-gramm="false"
            />
            <div class="examples" role="group" aria-label="Examples" data-scripts="">
                {EXAMPLES.map(example).collect_view()}
            </div>
        </div>
        <fieldset class="segments">
            <legend class="visually-hidden">"Who finds it?"</legend>
            {RoomKind::ALL.map(|kind| view! { <KindSegment kind/> }).collect_view()}
        </fieldset>
        <fieldset class="segments">
            <legend class="visually-hidden">"Who talks?"</legend>
            {Mode::ALL.map(|mode| view! { <ModeSegment mode/> }).collect_view()}
        </fieldset>
        // The style sheet shows only the hints of the two chosen segments, so the line also changes without scripts.
        <p class="hint segment-hints">
            {RoomKind::ALL.map(|kind| view! { <Hint id=kind.as_str() words=kind_hint(kind)/> }).collect_view()}
            {Mode::ALL.map(|mode| view! { <Hint id=mode.as_str() words=mode_hint(mode)/> }).collect_view()}
        </p>
        <Notice error/>
        <div class="sheet-foot">
            <button class="btn" data-wide="" type="submit" aria-busy=move || pending.get().then_some("true")>"Start"</button>
        </div>
    }
}

#[component]
fn KindSegment(kind: RoomKind) -> impl IntoView {
    view! {
        <label>
            <input
                type="radio" name="kind" value=kind.as_str() checked=kind == RoomKind::default()
                aria-describedby=hint_id(kind.as_str())
            />
            {kind.label()}
        </label>
    }
}

#[component]
fn ModeSegment(mode: Mode) -> impl IntoView {
    // The segment is narrow, so only screen readers get the whole label of the mode "everyone".
    let (word, rest) = match mode {
        Mode::Everyone => ("Everyone", Some(" can talk")),
        Mode::Stage => (mode.label(), None),
    };
    view! {
        <label>
            <input
                type="radio" name="mode" value=mode.as_str() checked=mode == Mode::default()
                aria-describedby=hint_id(mode.as_str())
            />
            <span>{word}{rest.map(|rest| view! { <span class="visually-hidden">{rest}</span> })}</span>
        </label>
    }
}

/// A sentence about the segment whose value is `id`.
#[component]
fn Hint(id: &'static str, words: &'static str) -> impl IntoView {
    view! {
        <span id=hint_id(id) data-for=id>{words}" "</span>
    }
}

fn hint_id(value: &str) -> String {
    format!("{value}-hint")
}

fn kind_hint(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Open => "Everyone here sees it in the list.",
        RoomKind::Social => "Only people you follow see it. Others need your link.",
        RoomKind::Private => "Hidden. People need your link.",
    }
}

fn mode_hint(mode: Mode) -> &'static str {
    match mode {
        Mode::Everyone => "Anyone inside can talk.",
        Mode::Stage => "People listen first and raise a hand to speak.",
    }
}
