//! Everybody in the room: the stage and the audience.

use super::{
    hands::Hands,
    participant_menu::{ParticipantMenu, ParticipantMenuButton},
};
use crate::{
    model::{id::UserId, room::ParticipantInfo, stage::Role},
    ui::{
        call::{Presence, SoundState},
        components::participant::{AudienceParticipant, StageParticipant},
    },
};
use leptos::prelude::*;

/// How many listeners are shown until you ask to see all.
const LISTENERS_SHOWN: usize = 48;

#[component]
pub fn Stage(presence: Presence) -> impl IntoView {
    let chosen = RwSignal::new(None);
    let ids = ids(presence, Role::talks);
    let is_alone = Memo::new(move |_| presence.roster.with(|roster| roster.len() < 2));
    let nobody_speaks = Memo::new(move |_| {
        presence.sound.get() == SoundState::Through && !is_alone.get() && presence.speakers().is_empty()
    });
    view! {
        <section class="stage" aria-label="Stage" tabindex="-1">
            <ul role="list">
                <For each=move || ids.get() key=|id| id.clone() let:id>
                    {stage_participant(presence, chosen, id)}
                </For>
            </ul>
            <p class="hush" data-on=move || nobody_speaks.get().then_some("")>
                {move || nobody_speaks.get().then_some("Nobody is talking right now.")}
            </p>
        </section>
        <Hands presence/>
        <Audience presence chosen/>
        <ParticipantMenu presence chosen/>
    }
}

#[component]
fn Audience(presence: Presence, chosen: RwSignal<Option<UserId>>) -> impl IntoView {
    let ids = ids(presence, |role| !role.talks());
    let all = RwSignal::new(false);
    let many = Memo::new(move |_| ids.with(Vec::len));
    let more = move || {
        (!all.get())
            .then(|| many.get().saturating_sub(LISTENERS_SHOWN))
            .filter(|more| *more > 0)
    };
    let shown = move || {
        let most = if all.get() { usize::MAX } else { LISTENERS_SHOWN };
        ids.get().into_iter().take(most).collect::<Vec<_>>()
    };
    view! {
        <section class="audience" aria-label="Audience" hidden=move || many.get() == 0>
            <h2>{move || format!("Listening, {}", many.get())}</h2>
            <ul role="list">
                <For each=shown key=|id| id.clone() let:id>
                    {audience_participant(presence, chosen, id)}
                </For>
            </ul>
            {move || more().map(|more| view! {
                <button class="btn" data-kind="quiet" data-small="" type="button" on:click=move |_| all.set(true)>
                    {format!("and {more} more")}
                </button>
            })}
        </section>
    }
}

/// The people in the room for whose role `belongs` returns true, in the order in which they came.
fn ids(presence: Presence, belongs: fn(Role) -> bool) -> Memo<Vec<UserId>> {
    Memo::new(move |_| {
        presence.roster.with(|roster| {
            let here = roster.iter().filter(|one| belongs(one.role));
            here.map(|one| one.person.id.clone()).collect()
        })
    })
}

/// The state of a person in the room, and whether this person is you. `None` if the person is not in the room when this function is
/// called. After the person has left, the page still shows the person's last state for a moment.
fn follow(presence: Presence, id: UserId) -> Option<(Memo<ParticipantInfo>, Signal<bool>)> {
    let find = move |id: &UserId| {
        presence
            .roster
            .with(|roster| roster.iter().find(|one| one.person.id == *id).cloned())
    };
    let first = untrack(|| find(&id))?;
    let mine = id.clone();
    let is_me = Signal::derive(move || presence.me.get().as_ref() == Some(&mine));
    let participant = Memo::new(move |before: Option<&ParticipantInfo>| {
        find(&id).or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    Some((participant, is_me))
}

fn stage_participant(presence: Presence, chosen: RwSignal<Option<UserId>>, id: UserId) -> impl IntoView {
    let speaker = id.clone();
    let level = Memo::new(move |_| presence.level_of(&speaker));
    let (participant, is_me) = follow(presence, id)?;
    Some(view! {
        <StageParticipant participant is_me level>
            {move || is_somebody_else(presence, is_me).then(|| view! { <ParticipantMenuButton participant chosen/> })}
        </StageParticipant>
    })
}

fn audience_participant(presence: Presence, chosen: RwSignal<Option<UserId>>, id: UserId) -> impl IntoView {
    let (participant, is_me) = follow(presence, id)?;
    Some(view! {
        <AudienceParticipant participant is_me>
            {move || is_somebody_else(presence, is_me).then(|| view! { <ParticipantMenuButton participant chosen/> })}
        </AudienceParticipant>
    })
}

fn is_somebody_else(presence: Presence, is_me: Signal<bool>) -> bool {
    presence.me.get().is_some() && !is_me.get()
}
