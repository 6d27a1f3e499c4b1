//! The page of a room: its topic, the people in it, your controls, and the button to leave.

mod controls;
mod end_sheet;
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

use super::not_found::NotFoundPanel;
use crate::{
    api,
    browser::page,
    error::{AppError, Kind},
    model::{isolated::isolated, room, stage::Mode},
    ui::{
        call::{Presence, listen_to_keys, use_call},
        components::error_notice::Notice,
        reconnecting_socket::SocketState,
        session::{redirect_on_error, with_retries},
    },
};
use controls::Controls;
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
    let params = use_params_map();
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
                        view! { <EntryRefused error/> }.into_any()
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

#[component]
fn EntryRefused(error: AppError) -> impl IntoView {
    crate::set_page_status(error.status());
    let heading = match error.kind {
        Kind::Forbidden => "You can't come in right now.",
        _ => "There is no such room.",
    };
    view! {
        <NotFoundPanel heading message=error.detail>
            <a class="btn" href="/rooms">"To the rooms"</a>
        </NotFoundPanel>
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
    // When the room ends, the element that has the focus may disappear. If so, move the focus to the notice about the end.
    Effect::new(move |_| {
        if is_over.get() {
            request_animation_frame(|| page::rescue_focus("[data-over]"));
        }
    });
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
                    <HostButtons presence/>
                    <LeaveButton presence/>
                </div>
            </header>
            <div class="floor" data-connection=move || is_down().then_some("lost")>
                {move || (!is_over.get()).then(|| view! { <Stage presence/> <SuggestStage presence/> })}
                <RoomNotices presence/>
                {move || (!is_over.get()).then(|| view! { <Invite presence/> })}
            </div>
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
