//! Inviting people into a room: the button, the card that shows while you are alone, and the sheet that both open.

use super::{
    invite_details::INVITE_SHEET, invite_links::InviteLinks, invite_terms::InviteTerms, share_link::ShareLink,
};
use crate::{
    browser::page,
    model::{invite::Invite as Link, room::RoomKind, stage::Role},
    ui::{
        call::Presence,
        components::{icon::Icon, sheet_header::SheetHeader},
    },
};
use leptos::prelude::*;

const ANY_SHEET: &str = "#invite";
const OPEN_SHEET: &str = "#invite:popover-open";
/// Of the two buttons, the one in the card is shown while you are alone, and the one among the controls otherwise.
const SHOWN_BUTTON: &str = "[data-invite]:not([hidden])";
const HIDDEN_BUTTON_WITH_FOCUS: &str = "[data-invite][hidden]:focus";

/// The button among the controls of the room.
#[component]
pub fn InviteButton(presence: Presence) -> impl IntoView {
    view! { <OpenButton hidden=is_alone(presence) kind="quiet"/> }
}

/// The card while you are alone, and the sheet.
#[component]
pub fn Invite(presence: Presence) -> impl IntoView {
    let is_alone = is_alone(presence);
    // If somebody comes or goes while a button has the focus, the other button takes its place.
    Effect::new(move |_| {
        is_alone.track();
        request_animation_frame(|| {
            if page::has(HIDDEN_BUTTON_WITH_FOCUS) {
                page::focus(SHOWN_BUTTON);
            }
        });
    });
    view! {
        <AloneCard presence is_alone/>
        <InviteSheet presence/>
    }
}

#[component]
fn OpenButton(#[prop(into)] hidden: Signal<bool>, #[prop(optional)] kind: Option<&'static str>) -> impl IntoView {
    view! {
        <button
            class="btn" data-kind=kind data-invite="" type="button" aria-haspopup="dialog" popovertarget=INVITE_SHEET
            hidden=move || hidden.get()
        >
            <Icon name="invite"/>
            <span>"Invite"</span>
        </button>
    }
}

#[component]
fn AloneCard(presence: Presence, is_alone: Memo<bool>) -> impl IntoView {
    let heading = move || match presence.roster.with(Vec::is_empty) {
        true => "Nobody is here yet.",
        false => "You are alone here.",
    };
    view! {
        <section class="card alone" aria-labelledby="alone" hidden=move || !is_alone.get()>
            <div class="intro">
                <h2 id="alone">{heading}</h2>
                <p>"Ask somebody to come and talk."</p>
            </div>
            <OpenButton hidden=Signal::derive(move || !is_alone.get())/>
        </section>
    }
}

/// The sheet. Hosts get an invite link that is ready. Other people get the address of the room, if that lets anybody in.
#[component]
fn InviteSheet(presence: Presence) -> impl IntoView {
    let kind = presence.info.with_untracked(|info| info.kind);
    let hosts = hosts(presence);
    let is_open = RwSignal::new(false);
    let links = InviteLinks::watch(presence, Memo::new(move |_| is_open.get() && hosts.get() == Some(true)));
    // The sheet also opens before the program runs.
    Effect::new(move |_| is_open.set(page::has(OPEN_SHEET)));
    let on_toggle = move |_| {
        let is_shown = page::has(OPEN_SHEET);
        is_open.set(is_shown);
        // The browser can't give the focus back if the button that opened the sheet is hidden now, or if the focus was lost in between.
        if !is_shown {
            page::rescue_focus_from(ANY_SHEET, SHOWN_BUTTON);
        }
    };
    let room_address = RwSignal::new(None::<String>);
    Effect::new(move |_| room_address.set(page::origin().map(|origin| format!("{origin}/rooms/{}", presence.id()))));
    let address = Memo::new(move |_| match hosts.get() {
        Some(true) => links.offered.with(|link| link.as_ref().map(|link| link.link.clone())),
        Some(false) => room_address.get(),
        None => None,
    });
    let qr = Memo::new(move |_| match hosts.get() {
        Some(true) => links.offered.with(|link| link.as_ref().and_then(qr_of)),
        None if kind != RoomKind::Open => None,
        _ => Some(format!("/rooms/{}/qr.svg", presence.id())),
    });
    let shows_link = Memo::new(move |_| kind != RoomKind::Private || hosts.get() != Some(false));
    let topic = Signal::derive(move || presence.info.with(|info| info.topic.clone()));
    view! {
        <dialog class="sheet invite-sheet" id=INVITE_SHEET popover="auto" aria-labelledby="invite-title" on:toggle=on_toggle>
            <SheetHeader sheet=INVITE_SHEET title="invite-title" heading="Invite people"/>
            <div class="stack">
                {move || shows_link.get().then(|| view! { <ShareLink address qr topic/> })}
                {move || match hosts.get() {
                    Some(true) => view! { <InviteTerms presence links/> }.into_any(),
                    Some(false) => view! { <RoomAddressHint presence kind/> }.into_any(),
                    None => view! {
                        <noscript>
                            <p class="hint">"Making a link needs scripts. Switch them on for this page, then load it again."</p>
                        </noscript>
                    }
                    .into_any(),
                }}
            </div>
        </dialog>
    }
}

/// Whom the address of the room lets in, for people who are not hosts.
#[component]
fn RoomAddressHint(presence: Presence, kind: RoomKind) -> impl IntoView {
    let host = move || presence.info.with(|info| info.host.name.clone());
    let (words, ask) = match kind {
        RoomKind::Open => (
            "People need an account to come in with this link. To invite a guest, ask ",
            " for a link.",
        ),
        RoomKind::Social => (
            "People who see this room on their list can come in with this link. To invite anyone else, ask ",
            " for a link.",
        ),
        RoomKind::Private => ("Only hosts can invite people to this room. Ask ", "."),
    };
    view! { <p class="hint" data-names="">{words}<bdi translate="no">{host}</bdi>{ask}</p> }
}

/// Whether nobody else is in the room.
fn is_alone(presence: Presence) -> Memo<bool> {
    Memo::new(move |_| {
        let me = presence.me.get();
        presence
            .roster
            .with(|roster| roster.iter().all(|one| Some(&one.person.id) == me.as_ref()))
    })
}

/// Whether you host the room, so that you may make links into it; `None` until the room's socket has said who you are.
fn hosts(presence: Presence) -> Memo<Option<bool>> {
    Memo::new(move |_| {
        // If you have not joined, you have no role yet. But the room's info already names the host and the owner.
        presence.role().map(Role::hosts).or_else(|| {
            let me = presence.me.get()?;
            Some(presence.info.with(|info| info.host.id == me || info.owned_by == me))
        })
    })
}

fn qr_of(link: &Link) -> Option<String> {
    let token = link.link.rsplit('/').next()?;
    Some(format!("/invite/{token}/qr.svg"))
}
