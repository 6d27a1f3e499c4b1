//! The page of a room: its header, the people in it, and your controls.

mod controls;
mod end_sheet;
mod ended;
mod following;
mod hand_queue;
mod hands;
mod history;
mod invite;
mod invite_details;
mod invite_links;
mod invite_terms;
mod leave_button;
mod lifted_lock;
mod lost_focus;
mod moderation_panel;
mod notice_count;
mod own_button;
mod own_role;
mod participant_menu;
mod question_sheet;
mod removed_people;
mod room_header;
mod room_news;
mod room_notices;
mod room_rules;
mod room_title;
mod share_link;
mod sound_sheet;
mod stage;
mod stand_in;
mod successor;
mod voice_facts;
mod waiting_time;

use super::{
    coming_back::ComingBack,
    room_exit::{ExitLinks, RoomExitPanel},
};
use crate::{
    api,
    error::{AppError, Kind},
    model::room,
    ui::{
        call::{Presence, listen_to_keys, use_call},
        components::error_notice::Notice,
        reconnecting_socket::SocketState,
        session::{redirect_on_error, use_session, with_retries},
    },
};
use controls::{Controls, SkipToOwnButton};
use ended::Ended;
use invite::Invite;
use invite_details::provide_invite_details;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use room_header::RoomHeader;
use room_notices::ConnectionBanner;
use room_title::RoomTitle;
use stage::Stage;

#[component]
pub fn RoomPage() -> impl IntoView {
    let (session, params) = (use_session(), use_params_map());
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let found = Resource::new(
        move || id.get(),
        |id| with_retries(move || api::rooms::find(id.clone())),
    );
    let load_again = Callback::new(move |()| found.refetch());
    redirect_on_error(move || found.get().and_then(Result::err));
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(room) => view! { <Inside room load_again/> }.into_any(),
                    Err(error) if matches!(error.kind, Kind::NotFound | Kind::Forbidden) => {
                        let me = session.me.await.ok().flatten();
                        let is_guest = me.is_some_and(|user| user.person.guest);
                        view! { <EntryRefused error id=id.get_untracked() is_guest load_again/> }.into_any()
                    }
                    Err(error) => {
                        crate::set_page_status(error.status());
                        view! {
                            <main class="lost" id="main">
                                <Notice error=Some(error)/>
                            </main>
                        }
                        .into_any()
                    }
                }
            })}
        </Transition>
    }
}

/// The page of a room in which you can't be. It says the same as the page that was inside.
#[component]
fn EntryRefused(error: AppError, id: String, is_guest: bool, load_again: Callback<()>) -> impl IntoView {
    let (otherwise, room_is_over) = match error.kind {
        Kind::Forbidden => ("You can't come in right now.", false),
        _ => ("There is no such room.", error.heading.is_some()),
    };
    let is_put_out = error.kind == Kind::Forbidden && error.heading.is_some();
    let coming_back = ComingBack::watch(id.clone(), is_put_out, load_again);
    view! {
        <RoomExitPanel error otherwise here=format!("/rooms/{id}") coming_back>
            <ExitLinks is_guest room_is_over/>
        </RoomExitPanel>
    }
}

#[component]
fn Inside(room: room::RoomPage, load_again: Callback<()>) -> impl IntoView {
    let call = use_call();
    let presence = call.presence_in(&room);
    Effect::new(move |_| call.join_if_requested(presence));
    listen_to_keys(presence, call.shortcuts);
    provide_invite_details();
    let is_over = Memo::new(move |_| presence.is_over());
    let has_hands = hands::is_shown(presence);
    let let_in_by = room.let_in_by;
    view! {
        <RoomTitle presence topic=room.info.topic/>
        <ConnectionBanner presence/>
        <SkipToOwnButton presence/>
        <main class="room" id="main">
            <RoomHeader presence has_hands/>
            {move || match is_over.get() {
                true => view! { <Ended presence load_again/> }.into_any(),
                false => view! {
                    <Floor presence has_hands/>
                    <Controls presence let_in_by=let_in_by.clone()/>
                }
                .into_any(),
            }}
        </main>
    }
}

/// Everything between the header and the controls.
#[component]
fn Floor(presence: Presence, has_hands: Memo<bool>) -> impl IntoView {
    let is_down = move || !matches!(presence.socket_state.get(), SocketState::Open | SocketState::Opening);
    view! {
        <div
            class="floor" data-connection=move || is_down().then_some("lost")
            data-hands=move || has_hands.get().then_some("")
        >
            <Stage presence/>
            <Invite presence/>
        </div>
    }
}
