//! The list of active rooms. Each row has a button to close the room.

use super::account_actions::AccountActions;
use crate::{model::people::ActiveRoom, ui::components::confirm_sheet::ConfirmSheet};
use leptos::prelude::*;

#[component]
pub fn ActiveRooms(rooms: Vec<ActiveRoom>, actions: AccountActions) -> impl IntoView {
    if rooms.is_empty() {
        return view! { <p class="hint">"None right now."</p> }.into_any();
    }
    view! {
        <ul class="active-rooms" role="list">
            {rooms.into_iter().map(|room| view! { <Row room actions/> }).collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn Row(room: ActiveRoom, actions: AccountActions) -> impl IntoView {
    let message = "Everybody inside is told that the room has ended, and its links stop working.";
    let title = room.topic.clone();
    view! {
        <li class="active-room" aria-label=title>
            <b dir="auto">{room.topic.clone()}</b>
            <p class="sub">
                <span class="chip">{room.kind.label()}</span>
                <span data-names="">"hosted by " <bdi translate="no">{room.host}</bdi></span>
                <span>{format!("{} inside", room.inside)}</span>
            </p>
            <div>
                <ConfirmSheet id=format!("close-{}", room.id) word="Close room" about=room.topic kind="leave" message=message.to_owned()>
                    <ActionForm action=actions.close_room>
                        <input type="hidden" name="room" value=room.id.to_string()/>
                        <button class="btn" data-kind="leave" data-wide="" type="submit">"Close room"</button>
                    </ActionForm>
                </ConfirmSheet>
            </div>
        </li>
    }
}
