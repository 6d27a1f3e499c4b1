//! Everybody in the room: the stage, the audience, and the raised hands.

use super::participant_menu::{ParticipantMenu, ParticipantMenuButton};
use crate::{
    model::{
        id::UserId,
        room::{ParticipantInfo, Person},
        stage::{ModerationAction, Role, StageRequest},
    },
    ui::{
        call::{Presence, SoundState},
        components::{
            face::Face,
            participant::{AudienceParticipant, StageParticipant},
        },
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
