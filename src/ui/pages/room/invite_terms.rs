//! What hosts can change about an invitation: a link with other terms, and the links that were made before.

use super::{invite_details::use_invite_details, invite_links::InviteLinks, stand_in::is_stand_in};
use crate::{
    api::invites::Revoke,
    browser::page,
    model::{
        invite::{DAYS, Invite, MOST_USES, READY_DAYS, READY_USES},
        room::Person,
    },
    ui::{
        call::Presence,
        components::{error_notice::Notice, icon::Icon},
    },
};
use leptos::prelude::*;

/// The id of the part that "Change" shows.
const CHANGE: &str = "invite-change";
const COPY_BUTTON: &str = ":popover-open [data-copy]";

/// Says what the offered link does. "Change" shows the form for other links, and the older links.
#[component]
pub fn InviteTerms(presence: Presence, links: InviteLinks) -> impl IntoView {
    let is_changing = use_invite_details().0;
    let words = move || match links.offered.get() {
        Some(invite) => invite.promise(),
        None if links.is_without_link() => "No link into this room works right now. Make one here.".to_owned(),
        None => "Making a link…".to_owned(),
    };
    // Without a link that works, the form is the only thing to do.
    let shows_form = Memo::new(move |_| is_changing.get() || links.is_without_link());
    view! {
        <p class="hint">
            {words} " "
            <button
                class="link" type="button" aria-expanded=move || shows_form.get().to_string() aria-controls=CHANGE
                hidden=move || links.is_without_link()
                on:click=move |_| is_changing.update(|is_changing| *is_changing = !*is_changing)
            >
                "Change"
            </button>
        </p>
        <Notice error=links.error/>
        <div class="stack links" id=CHANGE hidden=move || !shows_form.get()>
            <MakeForm presence links/>
            <LinkList presence links/>
        </div>
    }
}

#[component]
fn MakeForm(presence: Presence, links: InviteLinks) -> impl IntoView {
    let (days, most_uses) = (RwSignal::new(READY_DAYS), RwSignal::new(READY_USES));
    let end = move || {
        let (days, people) = (days_words(days.get()), people_words(most_uses.get()));
        let end = format!("stops working after {days}, {people}, or when the room ends.");
        match links.offered.with(Option::is_some) {
            true => format!("The link above stays as it is. The new link {end}"),
            false => format!("The link {end}"),
        }
    };
    view! {
        <ActionForm action=links.make attr:class="make-link">
            <input type="hidden" name="room" value=presence.id().to_string()/>
            <label>
                <span>"Works for"</span>
                <select name="days" on:change=move |event| choose(days, &event_target_value(&event))>
                    {DAYS.map(|days| option(days, days == READY_DAYS, &days_words(days)))}
                </select>
            </label>
            <label>
                <span>"up to"</span>
                <select name="most_uses" on:change=move |event| choose(most_uses, &event_target_value(&event))>
                    {MOST_USES.map(|uses| option(uses, uses == READY_USES, &people_words(uses)))}
                </select>
            </label>
            {move || (links.guests.get() == Some(true)).then(|| view! {
                <label class="tick">
                    <input type="checkbox" name="guests" value="true" checked=true/>
                    <span>"Guests are welcome: they need no account"</span>
                </label>
            })}
            <button
                class="btn" data-kind="quiet" type="submit"
                aria-busy=move || links.make.pending().get().then_some("true")
            >
                <Icon name="plus"/>
                <span>"Make a link"</span>
            </button>
            <p class="hint">{end}</p>
        </ActionForm>
    }
}

fn choose(chosen: RwSignal<u32>, value: &str) {
    if let Ok(value) = value.parse() {
        chosen.set(value);
    }
}

fn option(value: u32, is_first: bool, words: &str) -> impl IntoView + use<> {
    view! { <option value=value.to_string() selected=is_first>{words.to_owned()}</option> }
}

fn days_words(days: u32) -> String {
    match days {
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    }
}

fn people_words(uses: u32) -> String {
    match uses {
        1 => "one person".to_owned(),
        uses => format!("{uses} people"),
    }
}

#[component]
fn LinkList(presence: Presence, links: InviteLinks) -> impl IntoView {
    // The button that was pressed in the list may be gone now.
    Effect::new(move |_| {
        links.known.track();
        links.offered.track();
        request_animation_frame(|| page::rescue_focus(COPY_BUTTON));
    });
    view! {
        <ul class="devices" role="list" aria-label="Links into this room">
            <For each=move || links.known.get() key=|invite| invite.id.clone() let:invite>
                {row(invite, presence, links)}
            </For>
        </ul>
    }
}

fn row(invite: Invite, presence: Presence, links: InviteLinks) -> impl IntoView {
    let id = StoredValue::new(invite.id.clone());
    let (is_for_guests, first) = (invite.guests, invite);
    // When a link changes, its row is updated and not made again, so that its buttons keep the focus.
    let now = Memo::new(move |_| {
        let known = links.known.get().into_iter().find(|one| one.id == first.id);
        known.unwrap_or_else(|| first.clone())
    });
    let is_good = Memo::new(move |_| now.with(Invite::is_good));
    let is_offered = Memo::new(move |_| {
        links.offered.with(|offered| {
            offered
                .as_ref()
                .is_some_and(|offered| now.with(|now| now.id == offered.id))
        })
    });
    let guests_here = Memo::new(move |_| now.with(|invite| invite.guests_here));
    let turn_off = move |guests| {
        links.revoke.dispatch(Revoke {
            id: id.with_value(ToString::to_string),
            guests,
        });
    };
    let remove_words = move || match is_good.get() {
        true => "Turn off, and remove its guests",
        false => "Remove its guests",
    };
    view! {
        <li class="link-row" data-good=move || is_good.get().to_string()>
            <p class="sub">
                <b>{move || now.with(Invite::state)}</b>
                {is_for_guests.then(|| view! { <span class="chip">"Guests too"</span> })}
                {move || is_offered.get().then(|| view! { <span class="chip">"Shown above"</span> })}
                <span data-names="">{move || now.with(came_words)}</span>
            </p>
            <div class="row">
                {move || (is_good.get() && !is_offered.get()).then(|| view! {
                    <button
                        class="btn" data-kind="quiet" data-small="" type="button"
                        on:click=move |_| id.with_value(|id| links.offer(id))
                    >
                        "Use this link"
                    </button>
                })}
                {move || is_good.get().then(|| view! {
                    <button class="btn" data-kind="leave" data-small="" type="button" on:click=move |_| turn_off(false)>
                        "Turn off"
                    </button>
                })}
                // A stand-in can't delete guests.
                {move || (guests_here.get() > 0 && !is_stand_in(presence)).then(|| view! {
                    <button class="btn" data-kind="leave" data-small="" type="button" on:click=move |_| turn_off(true)>
                        {remove_words}
                    </button>
                })}
            </div>
        </li>
    }
}

fn came_words(invite: &Invite) -> String {
    let came: Vec<_> = invite.came.iter().map(Person::called).collect();
    match (came.is_empty(), invite.is_good()) {
        (true, true) => "Not used yet.".to_owned(),
        (true, false) => "Never used.".to_owned(),
        _ => format!("Used by {}.", came.join(", ")),
    }
}
