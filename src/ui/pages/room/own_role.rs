//! Your own role in the room: a sentence about the role, buttons to answer an invitation to the stage, and a button to leave the
//! stage.

use super::own_button::OWN_BUTTON;
use crate::{
    browser::page,
    model::{
        isolated::isolated,
        room::{ParticipantInfo, RoomInfo},
        stage::{MicLock, Mode, Role, StageRequest, muted_by},
    },
    ui::{
        call::{Presence, use_call},
        components::icon::Icon,
    },
};
use leptos::prelude::*;

/// A sentence about your role. Screen readers read it out when it changes.
#[component]
pub fn OwnRole(presence: Presence) -> impl IntoView {
    let words = Memo::new(move |_| {
        let own = presence.own_info.get()?;
        if own.mic_lock == Some(MicLock::ByHost) {
            return Some(muted_by(presence.muted_by.get().as_deref()));
        }
        Some(presence.info.with(|info| sentence(&own, info)))
    });
    view! { <p class="own-role" role="status" data-names="">{move || words.get()}</p> }
}

fn sentence(part: &ParticipantInfo, room: &RoomInfo) -> String {
    if let (Role::Host, Some(owner)) = (part.role, &room.absent_owner) {
        return format!("You are host while {} is away.", isolated(&owner.name));
    }
    let words = match (part.role, part.mic_lock, room.rules.mode) {
        (Role::Listener, ..) if part.invited => "You are invited to the stage.",
        (Role::Listener, ..) if part.hand.is_some() => "Your hand is up. A host can invite you to the stage.",
        (Role::Listener, ..) => "You are listening. Raise your hand to speak.",
        (_, Some(MicLock::NewAccount), _) => {
            "New accounts only listen at first in this room. You can talk after a short while, or as soon as a host lets you."
        }
        (Role::Host, ..) => "You host this room.",
        (Role::CoHost, ..) => "You are co-host of this room.",
        (Role::Speaker, _, Mode::Stage) => "You are on the stage.",
        (Role::Speaker, _, Mode::Everyone) => "Everyone can talk here.",
    };
    words.to_owned()
}

/// A host's invitation to the stage, with buttons to accept or decline.
#[component]
pub fn StageInvitation(presence: Presence) -> impl IntoView {
    let call = use_call();
    let is_invited = Memo::new(move |_| {
        presence
            .own_info
            .with(|part| part.as_ref().is_some_and(|part| part.invited))
    });
    let answer = move |accept: bool| {
        if accept {
            call.focus_microphone.set_value(true);
        }
        presence.request(StageRequest::Answer { accept });
        page::focus("section.stage");
    };
    move || {
        is_invited.get().then(|| {
            view! {
                <div class="notice report" data-tone="plain" role="group" aria-label="Invitation to the stage">
                    <p>"A host invites you to the stage. You are muted at first. Unmute when you are ready."</p>
                    <button class="btn" data-small="" type="button" on:click=move |_| answer(true)>"Accept"</button>
                    <button class="btn" data-kind="quiet" data-small="" type="button" on:click=move |_| answer(false)>
                        "Decline"
                    </button>
                </div>
            }
        })
    }
}

/// The button with which you leave the stage for the audience.
#[component]
pub fn StepDownButton(presence: Presence) -> impl IntoView {
    let step_down = move |_| {
        presence.request(StageRequest::StepDown);
        // This button disappears, so move the focus to a button that stays.
        page::focus(OWN_BUTTON);
    };
    view! {
        <button class="btn" data-kind="quiet" type="button" on:click=step_down>
            <Icon name="ear"/>
            <span>"Leave the stage"</span>
        </button>
    }
}
