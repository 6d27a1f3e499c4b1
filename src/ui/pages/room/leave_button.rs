//! The button to leave the room.

use crate::ui::{
    call::{Presence, use_call},
    components::icon::Icon,
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

/// The button to leave. Without scripts it is a plain form that leads to the list of rooms.
#[component]
pub fn LeaveButton(presence: Presence) -> impl IntoView {
    let navigate = use_navigate();
    let call = use_call();
    let leave = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        call.leave(presence);
        navigate("/rooms", Default::default());
    };
    view! {
        <form method="get" action="/rooms" on:submit=leave>
            <button class="btn" data-kind="leave" type="submit">
                <Icon name="leave"/>
                <span>"Leave"</span>
            </button>
        </form>
    }
}
