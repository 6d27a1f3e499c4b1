//! A participant. On the stage, they have a large face that lights up while they speak; in the audience, they have a small face.

use super::{face::Face, icon::Icon, mic_button::shown};
use crate::model::{
    isolated::isolated,
    room::ParticipantInfo,
    stage::{MicLock, Role},
};
use leptos::prelude::*;

/// A person on the stage. `is_me` is true for the person whose page this is. `level` is the loudness of the person's voice while
/// they speak.
#[component]
pub fn StageParticipant(
    #[prop(into)] participant: Signal<ParticipantInfo>,
    #[prop(into)] is_me: Signal<bool>,
    #[prop(into)] level: Signal<Option<u8>>,
    /// The button that opens the menu about this person.
    children: Children,
) -> impl IntoView {
    let remark = Memo::new(move |_| remark(&participant.get(), is_me.get()));
    let speaks = Memo::new(move |_| level.get().is_some());
    let muted = Memo::new(move |_| participant.get().muted);
    let label = move || message(&participant.get(), is_me.get());
    view! {
        <li
            class="who-is" aria-label=label
            data-away=move || participant.get().away.then_some("")
            data-muted=move || muted.get().to_string()
            data-speaking=move || speaks.get().to_string()
            data-level=move || shown(level.get())
        >
            <span class="who-face">
                <Face
                    picture=Signal::derive(move || participant.get().person.picture) speaks animated=true
                    hand=Signal::derive(move || participant.with(|one| one.hand.is_some()))
                />
                <Hand participant/>
                <span class="who-muted" hidden=move || !muted.get()>
                    <Icon name="mic-off"/>
                </span>
            </span>
            <span class="who-name">
                <b dir="auto">{move || participant.get().person.name}</b>
                {move || Some(remark.get()).filter(|remark| !remark.is_empty()).map(|remark| view! { <small>{remark}</small> })}
            </span>
            {children()}
        </li>
    }
}

/// A person in the audience.
#[component]
pub fn AudienceParticipant(
    #[prop(into)] participant: Signal<ParticipantInfo>,
    #[prop(into)] is_me: Signal<bool>,
    /// The button that opens the menu about this person.
    children: Children,
) -> impl IntoView {
    view! {
        <li
            class="audience-participant" aria-label=move || message(&participant.get(), is_me.get())
            data-away=move || participant.get().away.then_some("")
        >
            <span class="who-face">
                <Face
                    picture=Signal::derive(move || participant.get().person.picture) animated=true
                    hand=Signal::derive(move || participant.with(|one| one.hand.is_some()))
                />
                <Hand participant/>
            </span>
            <span class="who-name" dir="auto">{move || participant.get().person.name}</span>
            {move || participant.with(|one| one.person.guest).then(|| view! { <small>"guest"</small> })}
            {children()}
        </li>
    }
}

#[component]
fn Hand(participant: Signal<ParticipantInfo>) -> impl IntoView {
    let is_up = Memo::new(move |_| participant.with(|one| one.hand.is_some()));
    view! {
        <span class="who-hand" hidden=move || !is_up.get()>
            <Icon name="hand"/>
        </span>
    }
}

/// Everything that the face shows, in words for screen readers.
fn message(participant: &ParticipantInfo, is_me: bool) -> String {
    let mut words = vec![isolated(&participant.person.name).into_owned()];
    words.extend(Some(remark(participant, is_me)).filter(|remark| !remark.is_empty()));
    match (participant.role, participant.mic_lock) {
        (Role::Listener, _) => words.push("listening".to_owned()),
        (_, Some(MicLock::ByHost)) => words.push("muted by a host".to_owned()),
        (_, _) if participant.muted => words.push("muted".to_owned()),
        _ => {}
    }
    words.extend(participant.hand.map(|_| "hand up".to_owned()));
    words.extend(participant.invited.then(|| "invited to the stage".to_owned()));
    words.join(", ")
}

fn remark(participant: &ParticipantInfo, is_me: bool) -> String {
    let role = participant.role.hosts().then(|| participant.role.label());
    let guest = participant.person.guest.then_some("guest");
    let remarks = [role, guest, is_me.then_some("you"), participant.away.then_some("away")];
    remarks.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
