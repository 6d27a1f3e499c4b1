//! The button to leave the room. If a host leaves others behind, or leaves a room that then closes, a sheet asks what happens to the room.

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
        toasts::use_toasts,
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
    let is_alone = Memo::new(move |_| presence.roster.with(Vec::len) <= 1);
    let asks = Memo::new(move |_| hosts.get() && (!is_alone.get() || !is_permanent(presence)));
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
        {move || hosts.get().then(|| view! { <LeaveSheet presence is_alone leave/> })}
    }
}

/// Asks a host whether the others stay, or whether the room stays open without anybody.
#[component]
fn LeaveSheet(presence: Presence, is_alone: Memo<bool>, leave: Callback<()>) -> impl IntoView {
    let heading = move || presence.info.with(|info| format!("Leave {}?", quoted(&info.topic)));
    let message = move || match is_alone.get() && !is_permanent(presence) {
        true => "Nobody else is here. The room closes in a minute, and its link stops working.".to_owned(),
        false => who_hosts_next(presence),
    };
    let keep_open = keep_open(presence, leave);
    view! {
        <dialog class="sheet" id=SHEET popover="auto" aria-labelledby="leave-room-title">
            <div class="stack">
                <h2 id="leave-room-title" data-names="">{heading}</h2>
                <p id="leave-room-next" data-names="">{message}</p>
                {move || match is_alone.get() {
                    true => view! { <ChoicesAlone presence keep_open leave/> }.into_any(),
                    false => view! { <ChoicesWithOthers presence leave/> }.into_any(),
                }}
                <button
                    class="btn" data-kind="plain" data-wide="" type="button"
                    popovertarget=SHEET popovertargetaction="hide" autofocus
                >
                    {move || if is_alone.get() { "Stay" } else { "Keep talking" }}
                </button>
            </div>
        </dialog>
    }
}

#[component]
fn ChoicesWithOthers(presence: Presence, leave: Callback<()>) -> impl IntoView {
    let may_end = Memo::new(move |_| may_as_host(presence, &StageRequest::End));
    view! {
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
    }
}

/// Only the owner can make the room permanent. The words of the button to leave are not those of the button in the header, because both are on
/// the page at once.
#[component]
fn ChoicesAlone(presence: Presence, keep_open: Callback<()>, leave: Callback<()>) -> impl IntoView {
    let may_keep = Memo::new(move |_| may_as_host(presence, &StageRequest::SetPermanent { on: true }));
    view! {
        {move || may_keep.get().then(|| view! {
            <div class="choice">
                <button
                    class="btn" data-wide="" type="button" aria-describedby="leave-room-keep"
                    popovertarget=SHEET popovertargetaction="hide" on:click=move |_| keep_open.run(())
                >
                    "Keep it open"
                </button>
                <p class="hint" id="leave-room-keep">
                    "You leave, and the room becomes permanent: it stays on the list, with its link and bans."
                </p>
            </div>
        })}
        <button
            class="btn" data-kind="quiet" data-wide="" type="button" aria-describedby="leave-room-next"
            popovertarget=SHEET popovertargetaction="hide" on:click=move |_| leave.run(())
        >
            "Leave, the room closes"
        </button>
    }
}

/// Makes the room permanent, and leaves it once it is. If the room refuses, you stay and read why.
fn keep_open(presence: Presence, leave: Callback<()>) -> Callback<()> {
    let toasts = use_toasts();
    let is_asked = RwSignal::new(false);
    Effect::new(move |_| {
        presence.refusals.track();
        is_asked.set(false);
    });
    Effect::new(move |_| {
        if is_asked.get() && is_permanent(presence) {
            is_asked.set(false);
            let topic = presence.info.with_untracked(|info| quoted(&info.topic));
            toasts.say(format!("{topic} stays open, and its link works."));
            leave.run(());
        }
    });
    Callback::new(move |()| {
        is_asked.set(true);
        presence.request(StageRequest::SetPermanent { on: true });
    })
}

fn is_permanent(presence: Presence) -> bool {
    presence.info.with(|info| info.rules.permanent)
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
