//! Inviting people into an open room: the link to copy, the browser's share dialog, and a QR code.

use crate::{
    browser::page,
    ui::{call::Presence, components::icon::Icon, session::use_session},
};
use leptos::{prelude::*, task::spawn_local};

/// The invitation: a large card while you are alone in the room, and otherwise a row of small buttons.
#[component]
pub fn Invite(presence: Presence) -> impl IntoView {
    let session = use_session();
    let (address, can_share) = (RwSignal::new(String::new()), RwSignal::new(false));
    let copied = RwSignal::new(None::<bool>);
    Effect::new(move |_| {
        address.set(page::address().unwrap_or_default());
        can_share.set(page::can_share());
    });
    let copy = move |_| spawn_local(async move { copied.set(Some(page::copy(&address.get_untracked()).await)) });
    let share = move |_| {
        let topic = presence.info.with_untracked(|info| info.topic.clone());
        spawn_local(async move { page::share(&topic, &address.get_untracked()).await });
    };
    let message = move || match copied.get() {
        Some(true) => "Link copied",
        Some(false) => "Your browser blocked the copy. Select the link and copy it yourself.",
        None => "",
    };
    let others = Memo::new(move |_| {
        let me = presence.me.get();
        presence
            .roster
            .with(|roster| roster.iter().filter(|one| Some(&one.person.id) != me.as_ref()).count())
    });
    let is_alone = Memo::new(move |_| others.get() == 0);
    let heading = move || match presence.roster.with(Vec::is_empty) {
        true => "Nobody is here yet.",
        false => "You are alone here.",
    };
    view! {
        <section class="invite stack" data-alone=move || is_alone.get().then_some("") aria-label="Ask somebody in">
            <div class="intro" hidden=move || !is_alone.get()>
                <h2>{heading}</h2>
                <p>"Ask somebody in."</p>
            </div>
            <div class="copy">
                <input
                    readonly aria-label="Link to this room" prop:value=address
                    hidden=move || !is_alone.get() && copied.get() != Some(false)
                />
                <button
                    class="btn" data-kind="quiet" data-scripts="" type="button"
                    disabled=move || !session.ready.get() on:click=copy
                >
                    <Icon name="link"/>
                    <span>"Copy link"</span>
                </button>
                <button class="btn" data-kind="quiet" type="button" hidden=move || !can_share.get() on:click=share>
                    <Icon name="share"/>
                    <span>"Share"</span>
                </button>
            </div>
            <details class="qr">
                <summary>"Show QR code"</summary>
                <img
                    src=format!("/rooms/{}/qr.svg", presence.id()) alt="QR code of the link to this room"
                    width="240" height="240" loading="lazy"
                />
            </details>
            <p class="hint" role="status">{message}</p>
        </section>
    }
}
