//! The bar that shows your call, and lets you control it, on all pages except the room's own page.

use super::{
    call::{HELD_WORDS, JoinState, Mic, Presence, cut_off_words, events::CallInput, use_call},
    components::{icon::Icon, mic_button::MicButton},
    document_marks::mark_document,
    toasts::use_toasts,
};
use crate::model::isolated::quoted;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// A bar at the bottom of the page, if you are in a room and this is not the room's own page. The bar has a link to the room, the
/// button of your microphone, and a button to leave.
#[component]
pub fn CallBar() -> impl IntoView {
    let call = use_call();
    let location = use_location();
    let elsewhere = Memo::new(move |_| {
        let current = call.current.get()?;
        let is_there = location.pathname.get() == format!("/rooms/{}", current.id());
        (!is_there && current.join_state.get() != JoinState::Lobby).then_some(current.id())
    });
    mark_document("data-call-bar", move || {
        elsewhere.with(|room| room.as_ref().map(|_| ""))
    });
    move || {
        elsewhere.get()?;
        call.current.get_untracked().map(|presence| view! { <Bar presence/> })
    }
}

#[component]
fn Bar(presence: Presence) -> impl IntoView {
    let call = use_call();
    let info = presence.info.get_untracked();
    // People who join for the first time are not on the roster yet.
    let is_new = move || presence.own_info.with(Option::is_none);
    let sentence = move || match (presence.mic_closed.get(), presence.join_state.get()) {
        (_, JoinState::Joining) if is_new() => Some("One moment…"),
        (_, JoinState::Joining) => Some("Connection lost. Trying again…"),
        _ if presence.cut_off.get() => Some(cut_off_words(presence.mic.get())),
        (Some(why), _) => Some(why.without_microphone()),
        _ if presence.held_by_system.get() => Some(HELD_WORDS),
        _ => presence.mic_remark.get(),
    };
    let toasts = use_toasts();
    let leave = move |_| {
        let is_alone =
            presence.own_info.with_untracked(Option::is_some) && presence.roster.with_untracked(Vec::len) == 1;
        let (topic, permanent) = presence
            .info
            .with_untracked(|info| (quoted(&info.topic), info.rules.permanent));
        call.leave(presence);
        if is_alone && !permanent {
            toasts.say(format!(
                "{topic} closes in a minute, and its link stops working. Go back in before then to keep it."
            ));
        }
    };
    let message = move || sentence().map(str::to_owned).or_else(|| presence.device_news.get());
    view! {
        <aside class="call-bar" aria-label="Your call">
            <p class="call-status" role="status">{message}</p>
            <a class="call-room" href=format!("/rooms/{}", info.id)>
                <small>"You are in"</small>
                <b dir="auto">{info.topic}</b>
            </a>
            <MicButton
                live=Signal::derive(move || presence.mic.get() == Mic::Live)
                opening=Signal::derive(move || presence.mic.get() == Mic::Opening)
                dimmed=presence.cut_off
                level=presence.level
                press=Callback::new(move |()| presence.tell(CallInput::ToggleMicrophone))
            />
            <button class="btn" data-kind="leave" type="button" on:click=leave>
                <Icon name="leave"/>
                <span>"Leave"</span>
            </button>
        </aside>
    }
}
