//! The button to leave the room. If a host leaves others behind, a sheet asks what happens to the room.

use super::{stand_in::may_as_host, successor::find_successor};
use crate::{
    browser::page,
    model::{
        host_kind::HostKind,
        isolated::{isolated, quoted},
        stage::{Role, StageRequest},
    },
    ui::{
        call::{Presence, use_call},
        components::icon::Icon,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

const SHEET: &str = "leave-room";

/// The button to leave. Without scripts it is a plain form that leads to the list of rooms.
#[component]
pub fn LeaveButton(presence: Presence) -> impl IntoView {
    let navigate = use_navigate();
    let call = use_call();
    let hosts = Memo::new(move |_| presence.role() == Some(Role::Host));
    let asks = Memo::new(move |_| hosts.get() && presence.roster.with(Vec::len) > 1);
    let leave = Callback::new(move |()| {
        call.leave(presence);
        navigate("/rooms", Default::default());
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match asks.get_untracked() {
            true => page::open_popover(SHEET),
            false => leave.run(()),
        }
    };
    view! {
        <form method="get" action="/rooms" on:submit=submit>
            <button class="btn" data-kind="leave" type="submit" aria-haspopup=move || asks.get().then_some("dialog")>
                <Icon name="leave"/>
                <span>"Leave"</span>
            </button>
        </form>
        {move || hosts.get().then(|| view! { <LeaveSheet presence leave/> })}
    }
}

/// Asks a host whether the others stay.
#[component]
fn LeaveSheet(presence: Presence, leave: Callback<()>) -> impl IntoView {
    let heading = move || presence.info.with(|info| format!("Leave {}?", quoted(&info.topic)));
    let may_end = Memo::new(move |_| may_as_host(presence, &StageRequest::End));
    view! {
        <dialog class="sheet" id=SHEET popover="auto" aria-labelledby="leave-room-title">
            <div class="stack">
                <h2 id="leave-room-title" data-names="">{heading}</h2>
                <p id="leave-room-next" data-names="">{move || who_hosts_next(presence)}</p>
                <button
                    class="btn" data-wide="" type="button" aria-describedby="leave-room-next"
                    popovertarget=SHEET popovertargetaction="hide" on:click=move |_| leave.run(())
                >
                    "Leave, the others stay"
                </button>
                {move || may_end.get().then(|| view! {
                    <div class="choice">
                        <button
                            class="btn" data-kind="leave" data-wide="" type="button" aria-describedby="leave-room-end"
                            popovertarget=SHEET popovertargetaction="hide"
                            on:click=move |_| presence.request(StageRequest::End)
                        >
                            "End for everybody"
                        </button>
                        <p class="hint" id="leave-room-end">
                            "The room closes and its link stops working. This can't be undone."
                        </p>
                    </div>
                })}
                <button
                    class="btn" data-kind="plain" data-wide="" type="button"
                    popovertarget=SHEET popovertargetaction="hide" autofocus
                >
                    "Keep talking"
                </button>
            </div>
        </dialog>
    }
}

/// What happens if the host leaves: who hosts next, and whether the host gets the room back.
fn who_hosts_next(presence: Presence) -> String {
    let next = presence
        .roster
        .with(|roster| find_successor(roster).map(|one| isolated(&one.person.name).into_owned()));
    let is_owner = presence.info.with(|info| info.host_kind() == HostKind::Owner);
    match (next, is_owner) {
        (None, _) => "Nobody else is here right now.".to_owned(),
        (Some(next), true) => {
            format!("If you leave, {next} takes over as host after a minute. You are host again when you come back.")
        }
        (Some(next), false) => format!("If you leave, {next} takes over as host after a minute."),
    }
}
