//! The stage: everybody who is inside, each by their name and face, lit while they speak.

use super::more::{Circle, More};
use crate::{
    model::{id::UserId, room::Participant},
    ui::{
        call::{Presence, Sound},
        components::participant::Seat,
    },
};
use leptos::prelude::*;

#[component]
pub fn Stage(presence: Presence) -> impl IntoView {
    let ids = Memo::new(move |_| {
        presence
            .roster
            .with(|roster| roster.iter().map(|one| one.person.id.clone()).collect::<Vec<_>>())
    });
    let circle = Circle::watch();
    let nobody_speaks = Memo::new(move |_| {
        presence.sound() == Sound::Through && ids.with(Vec::len) > 1 && presence.speakers().is_empty()
    });
    view! {
        <section class="stage" aria-label="Stage">
            <ul role="list">
                <For each=move || ids.get() key=|id| id.clone() let:id>
                    {seat(presence, circle, id)}
                </For>
            </ul>
            <p class="hush" data-on=move || nobody_speaks.get().then_some("")>
                {move || nobody_speaks.get().then_some("Nobody is talking just now.")}
            </p>
        </section>
    }
}

fn seat(presence: Presence, circle: Circle, id: UserId) -> impl IntoView {
    let find = move |id: &UserId| {
        presence
            .roster
            .with(|roster| roster.iter().find(|one| one.person.id == *id).cloned())
    };
    let first = untrack(|| find(&id))?;
    let (mine, speaker) = (id.clone(), id.clone());
    let is_me = Signal::derive(move || presence.me.get().as_ref() == Some(&mine));
    let level = Memo::new(move |_| presence.level(&speaker));
    // Who has just left is shown as they were for as long as it takes to take them off.
    let participant: Memo<Participant> = Memo::new(move |before: Option<&Participant>| {
        find(&id).or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    Some(view! {
        <Seat participant is_me level>
            {move || (presence.me.get().is_some() && !is_me.get()).then(|| view! { <More participant circle/> })}
        </Seat>
    })
}
