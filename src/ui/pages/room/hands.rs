//! The queue of raised hands, for hosts: the region "Hands" on the page, and the list in the host tools.

use super::{
    hand_queue::{in_order, place_of},
    lost_focus::rescue_after_press,
    waiting_time::{server_now, waited},
};
use crate::{
    model::{
        id::UserId,
        room::{ParticipantInfo, Person, RoomInfo},
        stage::{ModerationAction, Role, StageRequest},
    },
    ui::{announcer::use_announcer, call::Presence, components::face::Face},
};
use leptos::prelude::*;
use std::collections::HashSet;

/// What gets the focus if a button of the region disappears.
const HEIRS: [&str; 2] = [".hands button", "section.stage"];

/// The region on the room's page.
#[component]
pub fn Hands(presence: Presence) -> impl IntoView {
    let hosts = Memo::new(move |_| presence.role().is_some_and(Role::hosts));
    let hands = Memo::new(move |_| presence.roster.with(|roster| in_order(roster)));
    let is_shown = is_shown(presence);
    announce_new_hands(presence, hosts, hands);
    move || {
        is_shown.get().then(|| {
            view! {
                <section class="hands" aria-label="Hands">
                    <h2>"Hands"</h2>
                    <HandList presence heirs=HEIRS/>
                </section>
            }
        })
    }
}

/// Whether the region is on the page: if you host, and a hand is up.
pub fn is_shown(presence: Presence) -> Memo<bool> {
    Memo::new(move |_| {
        let is_up = |roster: &Vec<ParticipantInfo>| roster.iter().any(|one| one.hand.is_some());
        presence.role().is_some_and(Role::hosts) && presence.roster.with(is_up)
    })
}

/// The raised hands in the order in which they were raised, each with the time that it has been up. When a host lowers a hand, its button
/// disappears. Then the first of `heirs` that is on the page gets the focus.
#[component]
pub fn HandList(presence: Presence, heirs: [&'static str; 2]) -> impl IntoView {
    let hands = Memo::new(move |_| presence.roster.with(|roster| in_order(roster)));
    let lowered = rescue_after_press(hands, heirs);
    let queue = HandQueue {
        presence,
        hands,
        now_s: server_now(presence),
        lowered,
    };
    view! {
        <ol role="list">
            <For each=move || hands.get() key=|one| (one.person.id.clone(), one.hand) let:one>
                {hand(queue, one)}
            </For>
        </ol>
    }
}

/// What each row of the queue needs.
#[derive(Clone, Copy)]
struct HandQueue {
    presence: Presence,
    hands: Memo<Vec<ParticipantInfo>>,
    now_s: Signal<Option<i64>>,
    /// Whether you have just lowered somebody's hand.
    lowered: StoredValue<bool>,
}

impl HandQueue {
    fn find(self, user: &UserId) -> Option<ParticipantInfo> {
        self.hands
            .with(|hands| hands.iter().find(|one| one.person.id == *user).cloned())
    }
}

fn hand(queue: HandQueue, one: ParticipantInfo) -> impl IntoView {
    let is_me = queue.presence.me.get_untracked().as_ref() == Some(&one.person.id);
    let Person {
        id,
        name,
        picture,
        guest,
    } = one.person.clone();
    // For a moment after the hand is down, the row shows the state before.
    let state = Memo::new(move |before: Option<&ParticipantInfo>| {
        queue
            .find(&id)
            .or_else(|| before.cloned())
            .unwrap_or_else(|| one.clone())
    });
    let place = move || queue.hands.with(|hands| state.with(|one| place_of(one, hands)));
    let wait = Memo::new(move |_| {
        let since_s = state.with(|one| one.hand_since_s)?;
        let now_s = queue.now_s.get()?;
        Some(waited(since_s, now_s).unwrap_or_else(|| "just now".to_owned()))
    });
    let remark = if is_me { Some("you") } else { guest.then_some("guest") };
    let can_invite = Memo::new(move |_| !is_me && state.with(|one| one.role == Role::Listener));
    let can_lower = Memo::new(move |_| {
        let mine = queue.presence.role();
        let kind = queue.presence.info.with(RoomInfo::host_kind);
        mine.is_some_and(|mine| {
            let about = state.with(|one| one.role);
            about < mine && (mine != Role::Host || kind.may_lower_hand(about))
        })
    });
    view! {
        <li>
            <span class="hand-place" aria-hidden="true">{place}</span>
            <Face picture size="s"/>
            <span class="hand-name">
                <b dir="auto" translate="no">{name}</b>
                <small>
                    {remark.map(|remark| view! { <span>{remark}</span> })}
                    {move || wait.get().map(|wait| view! { <span>{wait}</span> })}
                </small>
            </span>
            <span class="hand-buttons">
                {move || can_invite.get().then(|| view! { <InviteUpButton queue state/> })}
                {move || can_lower.get().then(|| view! { <LowerOtherHandButton queue state/> })}
            </span>
        </li>
    }
}

/// Invites a listener to the stage. The button is the same element before and after the click, so that the focus stays on it.
#[component]
fn InviteUpButton(queue: HandQueue, state: Memo<ParticipantInfo>) -> impl IntoView {
    let is_invited = Memo::new(move |_| state.with(|one| one.invited));
    let invite = move |_| {
        if !is_invited.get_untracked() {
            queue.presence.request(StageRequest::Moderate {
                about: state.with_untracked(|one| one.person.id.clone()),
                action: ModerationAction::Invite,
            });
        }
    };
    let label = move || {
        let called = state.with(|one| one.person.called().into_owned());
        match is_invited.get() {
            true => format!("Invited {called} to the stage"),
            false => format!("Invite {called}"),
        }
    };
    view! {
        <button
            class="btn" data-kind="quiet" data-small="" type="button"
            aria-disabled=move || is_invited.get().then_some("true") aria-label=label on:click=invite
        >
            {move || if is_invited.get() { "Invited" } else { "Invite" }}
        </button>
    }
}

#[component]
fn LowerOtherHandButton(queue: HandQueue, state: Memo<ParticipantInfo>) -> impl IntoView {
    let lower = move |_| {
        queue.lowered.set_value(true);
        queue.presence.request(StageRequest::LowerHand {
            about: state.with_untracked(|one| one.person.id.clone()),
        });
    };
    let label = move || state.with(|one| format!("Lower the hand of {}", one.person.called()));
    view! {
        <button class="btn" data-kind="quiet" data-small="" type="button" aria-label=label on:click=lower>
            "Lower"
        </button>
    }
}

/// Reads out, for hosts, who has raised a hand.
fn announce_new_hands(presence: Presence, hosts: Memo<bool>, hands: Memo<Vec<ParticipantInfo>>) {
    let announcer = use_announcer();
    Effect::new(move |known: Option<HashSet<(UserId, Option<u32>)>>| {
        let is_first = known.is_none();
        let (hands, known) = (hands.get(), known.unwrap_or_default());
        let is_hosting = hosts.get();
        let me = presence.me.get_untracked();
        let is_new = |one: &&ParticipantInfo| {
            Some(&one.person.id) != me.as_ref() && !known.contains(&(one.person.id.clone(), one.hand))
        };
        let new: Vec<&ParticipantInfo> = hands.iter().filter(is_new).collect();
        // When you come back to this page, the hands that are up are old news.
        if let Some(words) = new_hands(&new).filter(|_| is_hosting && !is_first) {
            announcer.say(words);
        }
        match is_hosting {
            true => hands.into_iter().map(|one| (one.person.id, one.hand)).collect(),
            // Somebody who becomes host hears of all hands.
            false => HashSet::new(),
        }
    });
}

/// The sentence about hands that were raised just now; `None` if there are none.
fn new_hands(new: &[&ParticipantInfo]) -> Option<String> {
    match new {
        [] => None,
        [one] => Some(format!("{} raised a hand.", one.person.called())),
        [first, others @ ..] => Some(format!(
            "{} and {} more raised a hand.",
            first.person.called(),
            others.len()
        )),
    }
}
