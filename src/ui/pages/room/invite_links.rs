//! The invite links into a room. Hosts can make and copy links, see who used them, and revoke them.

use super::stand_in::is_stand_in;
use crate::{
    api::{
        self,
        invites::{Make, Revoke},
    },
    browser::page,
    error::AppError,
    model::{
        invite::{DAYS, Invite, MOST_USES},
        room::{Person, RoomKind},
    },
    ui::{
        call::Presence,
        components::{error_notice::Notice, icon::Icon},
        session::use_session,
    },
};
use leptos::{prelude::*, task::spawn_local};

/// The links that the host's page knows.
#[derive(Clone, Copy)]
struct Links {
    known: RwSignal<Vec<Invite>>,
    /// Whether this Snug allows links that let guests in; `None` until the page knows it.
    guests: RwSignal<Option<bool>>,
    make: ServerAction<Make>,
    revoke: ServerAction<Revoke>,
    error: RwSignal<Option<AppError>>,
    message: RwSignal<&'static str>,
}

impl Links {
    /// Loads the links when the page starts to run in the browser, and again whenever the links may have changed.
    fn watch(presence: Presence) -> Self {
        let links = Self::new();
        let ask = Action::new(move |(): &()| api::invites::list(presence.id().to_string()));
        let people = Memo::new(move |_| presence.roster.with(Vec::len));
        // A stand-in sees only their own links.
        let sees_all = Memo::new(move |_| !is_stand_in(presence));
        Effect::new(move |_| {
            links.make.version().track();
            links.revoke.version().track();
            sees_all.track();
            ask.dispatch(());
        });
        Effect::new(move |before: Option<usize>| {
            let people = people.get();
            // People have come or left. Somebody may have come by one of the links.
            if before.is_some() && !links.known.with_untracked(Vec::is_empty) {
                ask.dispatch(());
            }
            people
        });
        Effect::new(move |_| match ask.value().get() {
            Some(Ok(list)) => {
                links.known.set(list.invites);
                links.guests.set(Some(list.guests));
            }
            Some(Err(error)) => links.error.set(Some(error)),
            None => {}
        });
        // Show the error of the last action only.
        Effect::new(move |_| links.error.set(links.make.value().get().and_then(Result::err)));
        Effect::new(move |_| links.error.set(links.revoke.value().get().and_then(Result::err)));
        links
    }

    fn new() -> Self {
        Self {
            known: RwSignal::new(vec![]),
            guests: RwSignal::new(None),
            make: ServerAction::new(),
            revoke: ServerAction::new(),
            error: RwSignal::new(None),
            message: RwSignal::new(""),
        }
    }
}

/// The links of a room. In an open room, the links are folded away, because only guests need a link there.
#[component]
pub fn HostLinks(presence: Presence) -> impl IntoView {
    let links = Links::watch(presence);
    match presence.info.with_untracked(|info| info.kind) {
        RoomKind::Open => view! { <ForGuests presence links/> }.into_any(),
        RoomKind::Social => {
            let words = "The people you follow see this room in the list. Others need a link from you.";
            view! { <InvitePrompt presence links words/> }.into_any()
        }
        RoomKind::Private => {
            let words = "People need a link from you to come in.";
            view! { <InvitePrompt presence links words/> }.into_any()
        }
    }
}

#[component]
fn ForGuests(presence: Presence, links: Links) -> impl IntoView {
    let summary = move || {
        links.guests.get().map(|guests| match guests {
            true => "Let guests in by a link",
            false => "Invite by a link",
        })
    };
    view! {
        <details class="for-guests" hidden=move || summary().is_none()>
            <summary>{summary}</summary>
            <section class="invite links stack" data-alone="" aria-label="Links for guests">
                <p>
                    "Everybody with an account can find this room on the list. A link lets others in, too. It works for the chosen \
                     time and the chosen number of people. It also stops working when you revoke it or when the room ends."
                </p>
                <MakeAndList presence links/>
            </section>
        </details>
    }
}

#[component]
fn InvitePrompt(presence: Presence, links: Links, words: &'static str) -> impl IntoView {
    view! {
        <section class="invite links stack" data-alone="" aria-label="Ask somebody in">
            <div class="intro">
                <h2>"Ask somebody in"</h2>
                <p>{words} " A link works for the chosen time and the chosen number of people. It also stops working when you revoke it or when the room ends."</p>
            </div>
            <MakeAndList presence links/>
        </section>
    }
}

#[component]
fn MakeAndList(presence: Presence, links: Links) -> impl IntoView {
    let session = use_session();
    let is_open = presence.info.with_untracked(|info| info.kind == RoomKind::Open);
    let is_new = Memo::new(move |_| !links.known.with(|known| known.iter().any(Invite::is_good)));
    view! {
        <ActionForm action=links.make attr:class="make-link">
            <input type="hidden" name="room" value=presence.id().to_string()/>
            <label>
                <span>"Works for"</span>
                <select name="days">{DAYS.map(|days| option(days, days == 7, &days_words(days)))}</select>
            </label>
            <label>
                <span>"and for"</span>
                <select name="most_uses">{MOST_USES.map(|uses| option(uses, uses == 10, &people_words(uses)))}</select>
            </label>
            {move || (links.guests.get() == Some(true)).then(|| view! {
                <label class="tick">
                    <input type="checkbox" name="guests" value="true" checked=is_open/>
                    <span>"Guests can come in without an " <span class="whole">"e-mail"</span> " address"</span>
                </label>
            })}
            <button
                class="btn" data-kind=move || (!is_new.get()).then_some("quiet") data-scripts="" type="submit"
                disabled=move || !session.ready.get()
                aria-busy=move || links.make.pending().get().then_some("true")
            >
                <Icon name="plus"/>
                <span>"Make a link"</span>
            </button>
        </ActionForm>
        <Notice error=links.error/>
        <ul class="devices" role="list" aria-label="Links into this room">
            <For each=move || links.known.get() key=|invite| invite.id.clone() let:invite>
                {row(invite, presence, links)}
            </For>
        </ul>
        <p class="hint" role="status">{move || links.message.get()}</p>
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

fn came_words(invite: &Invite) -> String {
    let came: Vec<_> = invite.came.iter().map(Person::called).collect();
    match (came.is_empty(), invite.is_good()) {
        (true, true) => "Not used yet.".to_owned(),
        (true, false) => "Never used.".to_owned(),
        _ => format!("Used by {}.", came.join(", ")),
    }
}

fn row(invite: Invite, presence: Presence, links: Links) -> impl IntoView {
    let (link, id) = (StoredValue::new(invite.link.clone()), invite.id.to_string());
    // When a link changes, its row is updated and not made again, so that an open QR code stays open.
    let first = invite.clone();
    let now = Memo::new(move |_| {
        let known = links.known.get().into_iter().find(|one| one.id == first.id);
        known.unwrap_or_else(|| first.clone())
    });
    let good = Memo::new(move |_| now.with(Invite::is_good));
    let copy = move |_| {
        spawn_local(async move {
            links.message.set(match page::copy(&link.get_value()).await {
                true => "Invite link copied",
                false => "Your browser blocked the copy. Select the link and copy it yourself.",
            });
        });
    };
    let id = StoredValue::new(id);
    let revoke = move |guests| {
        links.revoke.dispatch(Revoke {
            id: id.get_value(),
            guests,
        });
    };
    let guests_here = Memo::new(move |_| now.with(|invite| invite.guests_here));
    let remove_words = move || match good.get() {
        true => "Revoke and remove its guests",
        false => "Remove its guests",
    };
    let qr = invite
        .link
        .rsplit('/')
        .next()
        .map(|token| format!("/invite/{token}/qr.svg"));
    view! {
        <li class="link-row" data-good=move || good.get().to_string()>
            <p class="sub">
                <b>{move || now.with(Invite::state)}</b>
                {invite.guests.then(|| view! { <span class="chip">"Guests too"</span> })}
                <span data-names="">{move || now.with(came_words)}</span>
            </p>
            {move || good.get().then(|| view! {
                <div class="copy">
                    <input readonly aria-label="Invite link" value=link.get_value()/>
                    <button class="btn" data-kind="quiet" data-small="" type="button" on:click=copy>
                        <Icon name="link"/>
                        <span>"Copy invite link"</span>
                    </button>
                    <button class="btn" data-kind="leave" data-small="" type="button" on:click=move |_| revoke(false)>
                        "Revoke"
                    </button>
                </div>
                <details class="qr">
                    <summary>"Show QR code"</summary>
                    <img src=qr.clone() alt="QR code of the invite link" width="240" height="240" loading="lazy"/>
                </details>
            })}
            // A stand-in can't delete guests.
            {move || (guests_here.get() > 0 && !is_stand_in(presence)).then(|| view! {
                <button class="btn" data-kind="leave" data-small="" type="button" on:click=move |_| revoke(true)>
                    {remove_words}
                </button>
            })}
        </li>
    }
}
