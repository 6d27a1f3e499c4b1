//! Opening a room from the list: the form in its sheet, and the choices that the browser remembers. The person who opens a room enters
//! it at once.

use crate::{
    api::rooms::Open,
    browser::page,
    error::AppError,
    model::{room::RoomKind, stage::Mode},
    ui::{
        call::use_call,
        components::{
            error_notice::Notice,
            open_room_sheet::{OpenRoomFields, OpenRoomSheet},
        },
        session::{redirect_on_error, use_session},
    },
};
use leptos::prelude::*;

/// The local storage key for the kind and the mode of the last room that was opened in this browser, such as "social stage".
const REMEMBERED: &str = "snug-new-room";

#[component]
pub fn OpenRoom() -> impl IntoView {
    let (session, call, open) = (use_session(), use_call(), ServerAction::<Open>::new());
    // Without scripts, the page loads again after an error, and the sheet with the form is closed. So the page shows the error.
    let before = open.value().get_untracked().and_then(Result::err);
    let error = Signal::derive(move || match open.version().get() {
        0 => None,
        _ => open.value().get().and_then(Result::err),
    });
    redirect_on_error(move || error.get().filter(AppError::needs_sign_in));
    // When this effect runs, the form may not be on the page yet.
    Effect::new(|_| request_animation_frame(preselect_last_choice));
    Effect::new(move |_| {
        open.input().with(|sent| {
            if let Some(Open { kind, mode, .. }) = sent {
                page::remember(REMEMBERED, &format!("{kind} {mode}"));
                call.set_join_on_arrival(true);
            }
        });
    });
    Effect::new(move |_| {
        if error.with(Option::is_some) {
            call.set_join_on_arrival(false);
        }
    });
    view! {
        {before.map(|error| view! { <Notice error=Some(error)/> })}
        <OpenRoomSheet>
            <ActionForm action=open attr:class="stack">
                <OpenRoomFields error pending=open.pending() ready=session.ready/>
            </ActionForm>
        </OpenRoomSheet>
    }
}

/// Chooses the kind and the mode that the person chose the last time. Anybody can change what is in local storage, so this function
/// uses only the words that it knows.
fn preselect_last_choice() {
    let last = page::recall(REMEMBERED).unwrap_or_default();
    let words = last.split_once(' ');
    let Some((Ok(kind), Ok(mode))) = words.map(|(kind, mode)| (RoomKind::parse(kind), Mode::parse(mode))) else {
        return;
    };
    page::preselect_radio("kind", kind.as_str());
    page::preselect_radio("mode", mode.as_str());
}
