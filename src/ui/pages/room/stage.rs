//! Everybody in the room: the stage, the audience, and the raised hands.

mod now_talking;
mod people_in_order;
mod roster_view;

use super::participant_menu::{ParticipantMenu, has_actions};
use crate::{
    model::{
        id::UserId,
        room::{ParticipantInfo, Person},
        stage::{ModerationAction, Role, StageRequest},
    },
    ui::{
        call::{Presence, SoundState},
        components::{face::Face, participant::ParticipantItem},
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
    view! {
        <section class="stage" aria-label="Stage" tabindex="-1">
            <ul role="list" on:keydown=step on:focusin=move |event| people.on_focus(event)>
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
    presence.is_silent.get() && presence.sound.get() == SoundState::Through && is_up_to_others()
}

#[component]
fn Audience(presence: Presence, people: RosterView, chosen: RwSignal<Option<UserId>>) -> impl IntoView {
    let many = Memo::new(move |_| people.listeners());
    let more = Memo::new(move |_| people.more_listeners());
    view! {
        <section class="audience" aria-label="Audience" hidden=move || many.get() == 0>
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

/// The raised hands, for hosts, in the order in which they were raised.
#[component]
fn Hands(presence: Presence) -> impl IntoView {
    let hosts = Memo::new(move |_| presence.role().is_some_and(Role::hosts));
    let hands = Memo::new(move |_| {
        presence.roster.with(|roster| {
            let mut up: Vec<ParticipantInfo> = roster.iter().filter(|one| one.hand.is_some()).cloned().collect();
            up.sort_by_key(|one| one.hand);
            up
        })
    });
    let is_shown = Memo::new(move |_| hosts.get() && hands.with(|hands| !hands.is_empty()));
    let message = move || {
        let names = hands.with(|hands| {
            hands
                .iter()
                .map(|one| one.person.called().into_owned())
                .collect::<Vec<_>>()
        });
        match names.as_slice() {
            [] => String::new(),
            [one] => format!("{one} raised a hand."),
            [first, ..] => format!("{} hands are up, {first}’s first.", names.len()),
        }
    };
    view! {
        <p class="visually-hidden" role="status">{move || hosts.get().then(message)}</p>
        {move || is_shown.get().then(|| view! {
            <section class="hands" aria-label="Hands">
                <h2>"Hands"</h2>
                <ol role="list">
                    <For each=move || hands.get() key=|one| (one.person.id.clone(), one.hand) let:one>
                        {hand(presence, hands, one)}
                    </For>
                </ol>
            </section>
        })}
    }
}

fn hand(presence: Presence, hands: Memo<Vec<ParticipantInfo>>, one: ParticipantInfo) -> impl IntoView {
    let called = one.person.called().into_owned();
    let Person {
        id,
        name,
        picture,
        guest,
    } = one.person;
    let about = id.clone();
    let is_asked = Memo::new(move |_| hands.with(|hands| hands.iter().any(|one| one.person.id == id && one.invited)));
    let invite = move |_| {
        if !is_asked.get_untracked() {
            presence.request(StageRequest::Moderate {
                about: about.clone(),
                action: ModerationAction::Invite,
            });
        }
    };
    let label = move || {
        if is_asked.get() {
            format!("{called} is invited to the stage")
        } else {
            format!("Invite {called}")
        }
    };
    // The button is the same element before and after the click, so that the focus stays on it.
    view! {
        <li>
            <Face picture size="s"/>
            <b dir="auto">{name}</b>
            {guest.then(|| view! { <small>"guest"</small> })}
            <button
                class="btn" data-kind="quiet" data-small="" type="button"
                aria-disabled=move || is_asked.get().then_some("true") aria-label=label on:click=invite
            >
                {move || if is_asked.get() { "Invited" } else { "Invite" }}
            </button>
        </li>
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
