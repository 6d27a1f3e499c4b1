//! Everybody in the room: the stage and the audience.

mod now_talking;
mod people_in_order;
mod roster_view;

use super::{
    hands::Hands,
    participant_menu::{ParticipantMenu, has_actions},
};
use crate::{
    model::{id::UserId, room::ParticipantInfo},
    ui::{
        call::{Presence, SoundState},
        components::participant::ParticipantItem,
    },
};
use leptos::prelude::*;
use now_talking::NowTalking;
use roster_view::{RosterView, step};

#[component]
pub fn Stage(presence: Presence) -> impl IntoView {
    let chosen = RwSignal::new(None);
    let people = RosterView::watch(presence);
    let is_hushed = Memo::new(move |_| is_hushed(presence));
    let count = Memo::new(move |_| people.stage().len());
    let talks = Memo::new(move |_| presence.is_anybody_speaking(&people.stage()));
    // Styles could count the people with `:has()`, but then each change anywhere on the page costs a new style for every face: 13 ms in
    // a room of 50, without a phone's slower processor. It is the same with `data-talking`.
    let marks_if = move |is_so: fn(usize) -> bool| move || is_so(count.get()).then_some("");
    view! {
        <section
            class="stage" aria-label="Stage" tabindex="-1" data-empty=marks_if(|count| count == 0)
            data-talking=move || talks.get().then_some("")
        >
            <ul
                role="list"
                data-few=marks_if(|count| count < 4) data-many=marks_if(|count| count > 15) data-most=marks_if(|count| count > 16)
                on:keydown=step on:focusin=move |event| people.on_focus(event)>
                <For each=move || people.stage() key=|id| id.clone() let:id>
                    {person(presence, people, chosen, id)}
                </For>
            </ul>
            <p class="hush" data-slides="" data-on=move || is_hushed.get().then_some("")>
                {move || is_hushed.get().then_some("Nobody is talking right now.")}
            </p>
        </section>
        <Hands presence/>
        <Audience presence people chosen/>
        <NowTalking presence/>
        <ParticipantMenu presence chosen/>
    }
}

/// Whether to say that nobody is talking. Not if you are alone, or if yours is the only open microphone: you know it then.
fn is_hushed(presence: Presence) -> bool {
    let is_up_to_others = || {
        let me = presence.me.get();
        presence.roster.with(|roster| {
            let is_other = |one: &ParticipantInfo| Some(&one.person.id) != me.as_ref();
            let i_am_open = roster.iter().any(|one| !is_other(one) && !one.muted);
            roster.iter().any(|one| is_other(one) && (!one.muted || !i_am_open))
        })
    };
    presence.is_silent.get()
        && !presence.cut_off.get()
        && presence.sound.get() == SoundState::Through
        && is_up_to_others()
}

#[component]
fn Audience(presence: Presence, people: RosterView, chosen: RwSignal<Option<UserId>>) -> impl IntoView {
    let many = Memo::new(move |_| people.listeners());
    let more = Memo::new(move |_| people.more_listeners());
    let talks = Memo::new(move |_| presence.is_anybody_speaking(&people.audience()));
    view! {
        <section
            class="audience" aria-label="Audience" hidden=move || many.get() == 0 data-talking=move || talks.get().then_some("")
        >
            <h2 data-slides="">{move || format!("Listening, {}", many.get())}</h2>
            <ul role="list" on:keydown=step on:focusin=move |event| people.on_focus(event)>
                <For each=move || people.audience() key=|id| id.clone() let:id>
                    {person(presence, people, chosen, id)}
                </For>
            </ul>
            {move || (more.get() > 0).then(|| view! {
                <button class="btn" data-kind="quiet" data-small="" data-slides="" type="button" on:click=move |_| people.show_all_listeners()>
                    {move || format!("and {} more", more.get())}
                </button>
            })}
        </section>
    }
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

/// A person in one of the two lists.
fn person(presence: Presence, people: RosterView, chosen: RwSignal<Option<UserId>>, id: UserId) -> impl IntoView {
    let (participant, is_me) = follow(presence, id.clone())?;
    let (speaker, stop) = (id.clone(), id.clone());
    let level = Memo::new(move |_| presence.level_of(&speaker));
    let is_tab_stop = Memo::new(move |_| people.is_tab_stop(&stop));
    let has_button = Memo::new(move |_| participant.with(|one| has_actions(presence, one)));
    let choose = Callback::new(move |()| chosen.set(Some(id.clone())));
    Some(view! { <ParticipantItem participant is_me level has_button is_tab_stop choose/> })
}
