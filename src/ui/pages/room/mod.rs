//! The page of a room: its topic, the people in it, your controls, and the button to leave.

mod controls;
mod end_sheet;
mod ended;
mod following;
mod history;
mod invite;
mod invite_links;
mod invite_terms;
mod leave_button;
mod moderation_panel;
mod own_button;
mod own_role;
mod participant_menu;
mod raised_hands;
mod removed_people;
mod room_news;
mod room_notices;
mod room_rules;
mod share_link;
mod stage;
mod stand_in;
mod successor;

use super::room_exit::{ExitLinks, RoomExitPanel};
use crate::{
    api,
    error::{AppError, Kind},
    model::{isolated::isolated, room, stage::Mode},
    ui::{
        call::{Presence, listen_to_keys, use_call},
        components::error_notice::Notice,
        reconnecting_socket::SocketState,
        session::{redirect_on_error, use_session, with_retries},
    },
};
use controls::Controls;
use ended::Ended;
use invite::Invite;
use leave_button::LeaveButton;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use moderation_panel::{HostButtons, SuggestStage};
use room_notices::{ConnectionBanner, RoomNotices};
use stage::Stage;

#[component]
pub fn RoomPage() -> impl IntoView {
    let (session, params) = (use_session(), use_params_map());
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let found = Resource::new(
        move || id.get(),
        |id| with_retries(move || api::rooms::find(id.clone())),
    );
    redirect_on_error(move || found.get().and_then(Result::err));
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(room) => view! { <Inside room/> }.into_any(),
                    Err(error) if matches!(error.kind, Kind::NotFound | Kind::Forbidden) => {
                        let me = session.me.await.ok().flatten();
                        let is_guest = me.is_some_and(|user| user.person.guest);
                        view! { <EntryRefused error id=id.get_untracked() is_guest/> }.into_any()
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
fn EntryRefused(error: AppError, id: String, is_guest: bool) -> impl IntoView {
    let (otherwise, room_is_over) = match error.kind {
        Kind::Forbidden => ("You can't come in right now.", false),
        _ => ("There is no such room.", error.heading.is_some()),
    };
    view! {
        <RoomExitPanel error otherwise here=format!("/rooms/{id}")>
            <ExitLinks is_guest room_is_over/>
        </RoomExitPanel>
    }
}

#[component]
fn Inside(room: room::RoomPage) -> impl IntoView {
    let call = use_call();
    let presence = call.presence_in(&room);
    Effect::new(move |_| call.join_if_requested(presence));
    listen_to_keys(presence, call.shortcuts);
    let (topic, kind) = (room.info.topic.clone(), room.info.kind.label());
    let host = move || presence.info.with(|info| info.host.name.clone());
    let rules = move || presence.info.with(|info| info.rules);
    let count = move || match presence.roster.with(Vec::len) {
        0 => "nobody here".to_owned(),
        many => format!("{many} here"),
    };
    let is_over = Memo::new(move |_| presence.is_over());
    let is_down = move || !matches!(presence.socket_state.get(), SocketState::Open | SocketState::Opening);
    view! {
        <RoomTitle presence topic=topic.clone()/>
        <ConnectionBanner presence/>
        <main class="room" id="main">
            <header class="room-head">
                <div>
                    <h1 dir="auto">{topic}</h1>
                    <p class="sub">
                        <span class="chip">{kind}</span>
                        {move || (rules().mode == Mode::Stage).then(|| view! { <span class="chip">"Stage"</span> })}
                        {move || rules().permanent.then(|| view! { <span class="chip">"Permanent"</span> })}
                        <span>"hosted by " <bdi>{host}</bdi></span>
                        <span>{move || (!is_over.get()).then(count)}</span>
                    </p>
                </div>
                <div class="room-tools">
                    {move || match is_over.get() {
                        true => view! { <a class="btn" data-kind="quiet" href="/rooms">"Rooms"</a> }.into_any(),
                        false => view! { <HostButtons presence/> <LeaveButton presence/> }.into_any(),
                    }}
                </div>
            </header>
            {move || match is_over.get() {
                true => view! { <Ended presence/> }.into_any(),
                false => view! {
                    <div class="floor" data-connection=move || is_down().then_some("lost")>
                        <Stage presence/>
                        <SuggestStage presence/>
                        <RoomNotices presence/>
                        <Invite presence/>
                    </div>
                }
                .into_any(),
            }}
            <Controls presence/>
        </main>
    }
}

/// The page's title. It says who is speaking, so that you find the room among your browser's tabs.
#[component]
fn RoomTitle(presence: Presence, topic: String) -> impl IntoView {
    let speakers = Memo::new(move |_| presence.speakers());
    // On the server, Leptos reads the title after the render, when the signals no longer exist.
    let text = move || match speakers.try_get().unwrap_or_default().as_slice() {
        [] => isolated(&topic).into_owned(),
        [one] => format!("{} speaks · {}", isolated(one), isolated(&topic)),
        [one, other] => format!("{} and {} speak · {}", isolated(one), isolated(other), isolated(&topic)),
        [one, others @ ..] => format!(
            "{} and {} more speak · {}",
            isolated(one),
            others.len(),
            isolated(&topic)
        ),
    };
    view! { <Title text/> }
}
