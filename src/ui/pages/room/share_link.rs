//! One link to pass on: its QR code, which can fill the screen, and the buttons that copy and share the link.

use crate::{
    browser::{page, timer::sleep_ms},
    ui::{announcer::use_announcer, components::icon::Icon},
};
use leptos::{prelude::*, task::spawn_local};

/// The id of the sheet in which the QR code fills the screen.
const QR_SCREEN: &str = "invite-qr";
const ANY_QR_SCREEN: &str = "#invite-qr";
const OPEN_QR_SCREEN: &str = "#invite-qr:popover-open";
/// The button that opens the screen, if the sheet around it is open.
const QR_OPENER: &str = ":popover-open [popovertarget=invite-qr]:not([popovertargetaction])";
const QR_ALT: &str = "QR code of the link";
/// How long the button says that the link was copied, in milliseconds.
const COPIED_MS: u32 = 2_000;

const BLOCKED: &str = "Your browser blocked the copy. Select the link and copy it yourself.";

/// What the last press of "Copy" did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CopyState {
    Ready,
    Copied,
    /// The browser refused.
    Blocked,
}

/// `address` is the full link, and `qr` the address of its QR code; `None` until the page knows them. `topic` is the title that the
/// browser's share sheet passes on.
#[component]
pub fn ShareLink(
    #[prop(into)] address: Signal<Option<String>>,
    #[prop(into)] qr: Signal<Option<String>>,
    #[prop(into)] topic: Signal<String>,
) -> impl IntoView {
    let copied = RwSignal::new(CopyState::Ready);
    let can_share = RwSignal::new(false);
    Effect::new(move |_| can_share.set(page::can_share()));
    let share = move |_| {
        let Some(link) = address.get_untracked() else { return };
        let topic = topic.get_untracked();
        spawn_local(async move { page::share(&topic, &link).await });
    };
    let is_blocked = move || copied.get() == CopyState::Blocked;
    view! {
        <QrCode qr topic/>
        <div class="copy" data-scripts="">
            <input readonly aria-label="Link" prop:value=move || address.get().unwrap_or_default()/>
            <CopyButton address copied/>
            <button
                class="btn" data-kind="quiet" type="button" hidden=move || !can_share.get()
                aria-disabled=move || address.with(Option::is_none).then_some("true") on:click=share
            >
                <Icon name="share"/>
                <span>"Share"</span>
            </button>
        </div>
        // This is not a live region: the announcer says it, too.
        {move || is_blocked().then(|| view! { <p class="hint">{BLOCKED}</p> })}
    }
}

/// The button to copy. It gets the focus when the sheet opens, even before the link is there.
#[component]
fn CopyButton(address: Signal<Option<String>>, copied: RwSignal<CopyState>) -> impl IntoView {
    let presses = StoredValue::new(0_u32);
    let announcer = use_announcer();
    let copy = move |_| {
        let Some(link) = address.get_untracked() else { return };
        let press = presses.try_update_value(|presses| {
            *presses += 1;
            *presses
        });
        spawn_local(async move {
            if !page::copy(&link).await {
                copied.set(CopyState::Blocked);
                announcer.say(BLOCKED.to_owned());
                return;
            }
            copied.set(CopyState::Copied);
            // The button shows it, but a screen reader does not read out a button that changes.
            announcer.say("Link copied.".to_owned());
            sleep_ms(COPIED_MS).await;
            // After another press, that press decides.
            if presses.try_get_value() == press {
                copied.set(CopyState::Ready);
            }
        });
    };
    let is_copied = Memo::new(move |_| copied.get() == CopyState::Copied);
    view! {
        <button
            class="btn" data-copy="" type="button" autofocus
            aria-disabled=move || address.with(Option::is_none).then_some("true") on:click=copy
        >
            {move || match is_copied.get() {
                true => view! { <Icon name="check"/> <span>"Copied"</span> },
                false => view! { <Icon name="link"/> <span>"Copy"</span> },
            }}
        </button>
    }
}

#[component]
fn QrCode(qr: Signal<Option<String>>, topic: Signal<String>) -> impl IntoView {
    let picture = move || {
        qr.get()
            .map(|src| view! { <img src=src alt=QR_ALT width="240" height="240" loading="lazy"/> })
    };
    // A browser gives the focus back after the first popover, but not after one that was opened above another.
    let give_focus_back = move |_| {
        if !page::has(OPEN_QR_SCREEN) {
            page::rescue_focus_from(ANY_QR_SCREEN, QR_OPENER);
        }
    };
    view! {
        <div class="qr">
            <div class="qr-picture">{picture}</div>
            <button
                class="btn" data-kind="quiet" data-small="" type="button" aria-haspopup="dialog" popovertarget=QR_SCREEN
                hidden=move || qr.with(Option::is_none)
            >
                <Icon name="expand"/>
                <span>"Full screen"</span>
            </button>
            <dialog class="qr-screen" id=QR_SCREEN popover="auto" aria-label="QR code" on:toggle=give_focus_back>
                <div class="qr-picture">{picture}</div>
                <p dir="auto">{move || topic.get()}</p>
                <button class="btn" data-kind="quiet" type="button" popovertarget=QR_SCREEN popovertargetaction="hide" autofocus>
                    "Back"
                </button>
            </dialog>
        </div>
    }
}
