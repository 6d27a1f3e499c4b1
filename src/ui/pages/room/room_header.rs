//! The header of a room, in one line: the link to the rooms, the topic, how many people are here, and the buttons of hosts and to
//! leave. A press on the topic shows all of it, and a line about the room.

use super::{leave_button::LeaveButton, moderation_panel::HostButtons};
use crate::{
    browser::page,
    model::{isolated::quoted, stage::Mode},
    ui::{
        call::{JoinState, Presence},
        components::icon::Icon,
        toasts::use_toasts,
    },
};
use leptos::prelude::*;

/// The browser's local storage remembers under this key that the person knows that the call goes on while they visit other pages.
const KNOWS_THAT_CALL_GOES_ON: &str = "snug-call-goes-on";

#[component]
pub fn RoomHeader(
    presence: Presence,
    /// Whether the queue of raised hands is on the page. On a wide page it is a column, and the header is as wide as the floor.
    has_hands: Memo<bool>,
) -> impl IntoView {
    let is_over = Memo::new(move |_| presence.is_over());
    let is_looking_in = move || presence.join_state.get() == JoinState::Lobby;
    view! {
        <header class="room-head" data-hands=move || (has_hands.get() && !is_over.get()).then_some("")>
            <RoomsLink presence/>
            <TopicLine presence is_over/>
            {move || (!is_over.get()).then(|| view! {
                // While you look in, there is nothing to leave. Without scripts you always only look in, and the button is shown.
                <div class="room-tools" data-looking-in=move || is_looking_in().then_some("")>
                    <HostButtons presence/>
                    <LeaveButton presence/>
                </div>
            })}
        </header>
    }
}

/// The link to the list of rooms. A call goes on there; the first time, a toast says so.
#[component]
fn RoomsLink(presence: Presence) -> impl IntoView {
    let toasts = use_toasts();
    let say_that_call_goes_on = move |_| {
        let is_in_call = presence.join_state.get_untracked() != JoinState::Lobby;
        if is_in_call && page::recall(KNOWS_THAT_CALL_GOES_ON).is_none() {
            page::remember(KNOWS_THAT_CALL_GOES_ON, "yes");
            let topic = presence.info.with_untracked(|info| quoted(&info.topic));
            toasts.say(format!("You are still in {topic}."));
        }
    };
    view! {
        <a class="to-rooms" href="/rooms" on:click=say_that_call_goes_on>
            <Icon name="chevron-left"/>
            <span>"Rooms"</span>
        </a>
    }
}

#[component]
fn TopicLine(presence: Presence, is_over: Memo<bool>) -> impl IntoView {
    let (topic, kind) = presence
        .info
        .with_untracked(|info| (info.topic.clone(), info.kind.label()));
    let host = move || presence.info.with(|info| info.host.name.clone());
    let rules = move || presence.info.with(|info| info.rules);
    let count = move || match presence.roster.with(Vec::len) {
        0 => "nobody".to_owned(),
        many => many.to_string(),
    };
    view! {
        <details class="room-topic">
            <summary>
                <h1 dir="auto">{topic}</h1>
                {move || (!is_over.get()).then(|| view! {
                    // On a narrow page, the icon is in place of the word, so that more of the topic fits.
                    <span class="room-count">
                        <Icon name="people"/>
                        <span>{count}</span>
                        <span class="room-count-word">" here"</span>
                    </span>
                })}
                <Icon name="chevron-down"/>
            </summary>
            <p class="room-facts">
                <span class="chip">{kind}</span>
                {move || (rules().mode == Mode::Stage).then(|| view! { <span class="chip">"Stage"</span> })}
                {move || rules().permanent.then(|| view! { <span class="chip">"Permanent"</span> })}
                <span data-names="">"hosted by " <bdi translate="no">{host}</bdi></span>
            </p>
        </details>
    }
}
