//! The sheet for opening a room. It asks for the topic, for the kind (which decides who finds the room), and for who can talk. The
//! sheet works without scripts.

use super::{error_notice::Notice, sheet_header::SheetHeader};
use crate::{
    error::AppError,
    model::{one_line, room::RoomKind, stage::Mode},
};
use leptos::prelude::*;

/// The id of the sheet. Buttons name it in `popovertarget` to open the sheet.
pub const SHEET_ID: &str = "open-room";

/// The sheet. `children` is its form. The page passes the form in, because only pages and not components call endpoints.
#[component]
pub fn OpenRoomSheet(children: Children) -> impl IntoView {
    view! {
        <dialog class="sheet" id=SHEET_ID popover="auto" aria-labelledby="open-room-title">
            <SheetHeader sheet=SHEET_ID title="open-room-title" heading="What shall we talk about?"/>
            {children()}
        </dialog>
    }
}

/// The fields of the form: topic, kind and mode.
#[component]
pub fn OpenRoomFields(
    #[prop(into)] error: Signal<Option<AppError>>,
    #[prop(into)] pending: Signal<bool>,
) -> impl IntoView {
    view! {
        <div class="field">
            // Browsers count UTF-16 code units, so a limit of 80 would cut a topic of a few emoji. The server counts characters.
            <label for="topic">"Topic"</label>
            <input
                id="topic" name="topic" required maxlength=one_line::BYTES_MAX.to_string() autocomplete="off" autofocus dir="auto"
                placeholder="Tea and nothing in particular"
            />
        </div>
        <fieldset class="kinds">
            <legend>"Who finds it?"</legend>
            {RoomKind::ALL.map(|kind| view! { <KindChoice kind/> }).collect_view()}
        </fieldset>
        <fieldset class="kinds">
            <legend>"Who talks?"</legend>
            {Mode::ALL.map(|mode| view! { <ModeChoice mode/> }).collect_view()}
        </fieldset>
        <Notice error/>
        <button class="btn" data-wide="" type="submit" aria-busy=move || pending.get().then_some("true")>"Start"</button>
    }
}

#[component]
fn KindChoice(kind: RoomKind) -> impl IntoView {
    let (id, hint_id) = (
        format!("kind-{}", kind.as_str()),
        format!("kind-{}-hint", kind.as_str()),
    );
    let hint = match kind {
        RoomKind::Open => "Everyone here sees it in the list.",
        RoomKind::Social => "Only people you follow see it. Others need your link.",
        RoomKind::Private => "Hidden. People need your link.",
    };
    view! {
        <label>
            <input
                type="radio" name="kind" value=kind.as_str() checked=kind == RoomKind::Open
                aria-labelledby=id.clone() aria-describedby=hint_id.clone()
            />
            <span id=id>{kind.label()}</span>
            <span class="hint" id=hint_id>{hint}</span>
        </label>
    }
}

#[component]
fn ModeChoice(mode: Mode) -> impl IntoView {
    let (id, hint_id) = (
        format!("mode-{}", mode.as_str()),
        format!("mode-{}-hint", mode.as_str()),
    );
    let hint = match mode {
        Mode::Everyone => "For a table of friends. You can switch at any time.",
        Mode::Stage => "People listen first and raise a hand to speak.",
    };
    view! {
        <label>
            <input
                type="radio" name="mode" value=mode.as_str() checked=mode == Mode::default()
                aria-labelledby=id.clone() aria-describedby=hint_id.clone()
            />
            <span id=id>{mode.label()}</span>
            <span class="hint" id=hint_id>{hint}</span>
        </label>
    }
}
