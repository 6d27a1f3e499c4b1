//! The controls at the bottom of a room: your hand, your own button in the middle, the button to invite, and the button "Sound".
//! While you look in, the button to join is in the middle. If something is wrong, the notices about it are above the buttons.

use super::{
    invite::InviteButton,
    own_button::{HandButton, OWN_BUTTON, OwnButton},
    own_role::{OwnRole, StepDownButton},
    room_notices::RoomNotices,
    sound_sheet::{SoundButton, SoundSheet},
};
use crate::{
    browser::page,
    model::stage::{Mode, Role},
    ui::{
        call::{JoinState, Presence, use_call},
        components::icon::Icon,
        document_marks::mark_document,
        session::use_session,
    },
};
use leptos::prelude::*;

/// The part of the controls with your own button.
const MIDDLE: &str = "own-button";
const FOCUSED_OWN_BUTTON: &str = "[data-own]:focus";
const JOIN_BUTTON: &str = "[data-join]";
const FOCUSED_JOIN_BUTTON: &str = "[data-join]:focus";

/// `let_in_by` is the host who has let you back in not long ago.
#[component]
pub fn Controls(presence: Presence, let_in_by: Option<String>) -> impl IntoView {
    let is_inside = is_inside(presence);
    // The sheet "Sound" and its button stay while the connection is lost for a moment. Otherwise the sheet would close.
    let has_sound = Memo::new(move |_| presence.join_state.get() != JoinState::Lobby);
    // Somebody who comes back to this page during the call knows their role.
    let is_return = StoredValue::new(is_inside.get_untracked());
    mark_document("data-controls", || Some(""));
    view! {
        <div class="controls" role="group" aria-label="Your voice">
            // Here you see the notices without scrolling, however many people are in the room.
            <RoomNotices presence let_in_by/>
            {move || match is_inside.get() {
                true => {
                    let is_news = is_return.try_update_value(std::mem::take) != Some(true);
                    view! { <OwnRole presence is_news/> }.into_any()
                }
                false => view! { <LobbyHint presence/> }.into_any(),
            }}
            <div class="controls-side">
                {move || is_inside.get().then(|| view! {
                    <HandButton presence/>
                    <LeaveStage presence/>
                })}
            </div>
            <div class="controls-middle" id=MIDDLE>
                {move || match is_inside.get() {
                    true => view! { <FocusedOwnButton presence/> }.into_any(),
                    false => view! { <JoinButton presence/> }.into_any(),
                }}
            </div>
            <div class="controls-side">
                <InviteButton presence/>
                {move || has_sound.get().then(|| view! { <SoundButton/> })}
            </div>
        </div>
        {move || has_sound.get().then(|| view! { <SoundSheet presence/> })}
    }
}

/// A link for people who use a keyboard. It moves the focus to your own button, past all the people in the room.
#[component]
pub fn SkipToOwnButton(presence: Presence) -> impl IntoView {
    let is_inside = is_inside(presence);
    let skip = |event: leptos::ev::MouseEvent| {
        // The router would add the target to the address, and "Back" would then stay on this page.
        event.prevent_default();
        page::focus(OWN_BUTTON);
    };
    // The own button of a listener is for the hand.
    let words = move || match presence.role() {
        Some(Role::Listener) => "To your hand",
        _ => "To your microphone",
    };
    move || {
        is_inside.get().then(|| {
            view! { <a class="skip-link" href=format!("#{MIDDLE}") on:click=skip>{words}</a> }
        })
    }
}

fn is_inside(presence: Presence) -> Memo<bool> {
    Memo::new(move |_| presence.join_state.get() == JoinState::Inside)
}

#[component]
fn LobbyHint(presence: Presence) -> impl IntoView {
    let hint = move || match presence.join_state.get() {
        JoinState::Joining => "One moment…",
        JoinState::Lobby | JoinState::Inside => "You're looking in. Nobody can see you.",
    };
    view! {
        <p class="lobby-hint" role="status">{hint}</p>
        <noscript>
            <p class="lobby-hint">"Hearing and talking need scripts. Switch them on for this page, then load it again."</p>
        </noscript>
    }
}

/// The button to join. After one click, you hear the room.
#[component]
fn JoinButton(presence: Presence) -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let is_joining = move || presence.join_state.get() == JoinState::Joining;
    on_cleanup(move || {
        // On the server, nobody is inside, and there is no page to ask.
        let is_inside = presence.join_state.try_get_untracked() == Some(JoinState::Inside);
        if is_inside && page::has(FOCUSED_JOIN_BUTTON) {
            call.focus_microphone.set_value(true);
        }
    });
    view! {
        <button
            class="btn" type="button" data-join="" data-scripts=""
            disabled=move || !session.ready.get()
            aria-busy=move || is_joining().then_some("true")
            on:click=move |_| {
                call.focus_microphone.set_value(true);
                call.join(presence);
            }
        >
            <Icon name="enter"/>
            <span>"Join"</span>
        </button>
    }
}

/// Your own button. It has the focus if the button that it replaces had the focus or was pressed. If the connection is lost for a moment, the
/// button to join takes its place, and then it comes back.
#[component]
fn FocusedOwnButton(presence: Presence) -> impl IntoView {
    let call = use_call();
    Effect::new(move |_| {
        presence.role();
        if call.focus_microphone.try_update_value(std::mem::take) == Some(true) {
            page::focus(OWN_BUTTON);
        }
    });
    on_cleanup(move || {
        let is_inside = presence.join_state.try_get_untracked() == Some(JoinState::Inside);
        if !is_inside && page::has(FOCUSED_OWN_BUTTON) {
            request_animation_frame(|| page::rescue_focus(JOIN_BUTTON));
        }
    });
    view! { <OwnButton presence/> }
}

/// The button to leave the stage, for speakers whom a host has invited to it.
#[component]
fn LeaveStage(presence: Presence) -> impl IntoView {
    let is_shown = Memo::new(move |_| {
        let has_stage = presence.info.with(|info| info.rules.mode) == Mode::Stage;
        has_stage && presence.role() == Some(Role::Speaker)
    });
    move || is_shown.get().then(|| view! { <StepDownButton presence/> })
}
