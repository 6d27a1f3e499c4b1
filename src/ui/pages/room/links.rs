//! The links into a room that is not open: its host makes them, copies them, sees who came by which, and revokes them.

use crate::{
    api::{
        self,
        invites::{Make, Revoke},
    },
    browser::page,
    error::AppError,
    model::{
        invite::{DAYS, Invite, MOST_USES},
        room::RoomKind,
    },
    ui::{
        call::Presence,
        components::{icon::Icon, notice::Notice},
        session::use_session,
    },
};
use leptos::{prelude::*, task::spawn_local};

/// What the host's page knows of the links.
#[derive(Clone, Copy)]
struct Links {
    known: RwSignal<Vec<Invite>>,
    make: ServerAction<Make>,
    revoke: ServerAction<Revoke>,
    error: RwSignal<Option<AppError>>,
    told: RwSignal<&'static str>,
}

#[component]
pub fn HostLinks(presence: Presence) -> impl IntoView {
    let session = use_session();
    let links = Links {
        known: RwSignal::new(vec![]),
        make: ServerAction::new(),
        revoke: ServerAction::new(),
        error: RwSignal::new(None),
        told: RwSignal::new(""),
    };
    let ask = Action::new(move |(): &()| api::invites::list(presence.id().to_string()));
    let people = Memo::new(move |_| presence.roster.with(Vec::len));
    Effect::new(move |_| {
        // Somebody may have come by one of them.
        people.get();
        links.make.version().track();
        links.revoke.version().track();
        ask.dispatch(());
    });
    Effect::new(move |_| match ask.value().get() {
        Some(Ok(known)) => links.known.set(known),
        Some(Err(error)) => links.error.set(Some(error)),
        None => {}
    });
    // What was done last says how it went.
    Effect::new(move |_| links.error.set(links.make.value().get().and_then(Result::err)));
    Effect::new(move |_| links.error.set(links.revoke.value().get().and_then(Result::err)));
    let words = match presence.sign.with_untracked(|sign| sign.kind) {
        RoomKind::Social => "Your circle finds this room on its list. Others come in by a link that you make.",
        _ => "People come into this room by a link that you make.",
    };
    let is_new = Memo::new(move |_| !links.known.with(|known| known.iter().any(Invite::is_good)));
    view! {
        <section class="invite links stack" data-alone="" aria-label="Ask somebody in">
            <div class="intro">
                <h2>"Ask somebody in"</h2>
                <p>{words} " A link ends by time, by number, when you revoke it, and with the room."</p>
            </div>
            <ActionForm action=links.make attr:class="make-link">
                <input type="hidden" name="room" value=presence.id().to_string()/>
                <label>
                    <span>"Good for"</span>
                    <select name="days">{DAYS.map(|days| option(days, days == 7, &days_words(days)))}</select>
                </label>
                <label>
                    <span>"and for"</span>
                    <select name="most_uses">{MOST_USES.map(|uses| option(uses, uses == 10, &people_words(uses)))}</select>
                </label>
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
                    {row(invite, links)}
                </For>
            </ul>
            <p class="hint" role="status">{move || links.told.get()}</p>
        </section>
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
    let came: Vec<&str> = invite.came.iter().map(|person| person.name.as_str()).collect();
    match (came.is_empty(), invite.is_good()) {
        (true, true) => "Nobody came by it yet.".to_owned(),
        (true, false) => "Nobody came by it.".to_owned(),
        _ => format!("Came by it: {}.", came.join(", ")),
    }
}

fn row(invite: Invite, links: Links) -> impl IntoView {
    let (link, id) = (StoredValue::new(invite.link.clone()), invite.id.to_string());
    // The row stays while its link is used: an open QR code stays open.
    let first = invite.clone();
    let now = Memo::new(move |_| {
        let known = links.known.get().into_iter().find(|one| one.id == first.id);
        known.unwrap_or_else(|| first.clone())
    });
    let good = Memo::new(move |_| now.with(Invite::is_good));
    let copy = move |_| {
        spawn_local(async move {
            links.told.set(match page::copy(&link.get_value()).await {
                true => "Invite link copied",
                false => "The browser keeps the clipboard closed. Mark the link and copy it.",
            });
        });
    };
    let revoke = move |_| {
        links.revoke.dispatch(Revoke { id: id.clone() });
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
                <span>{move || now.with(came_words)}</span>
            </p>
            {move || good.get().then(|| view! {
                <div class="copy">
                    <input readonly aria-label="Invite link" value=link.get_value()/>
                    <button class="btn" data-kind="quiet" data-small="" type="button" on:click=copy>
                        <Icon name="link"/>
                        <span>"Copy invite link"</span>
                    </button>
                    <button class="btn" data-kind="leave" data-small="" type="button" on:click=revoke.clone()>"Revoke"</button>
                </div>
                <details class="qr">
                    <summary>"Show QR code"</summary>
                    <img src=qr.clone() alt="QR code of the invite link" width="240" height="240" loading="lazy"/>
                </details>
            })}
        </li>
    }
}
