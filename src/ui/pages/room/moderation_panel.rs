//! The sheet "Host tools": raised hands, people who were removed, what hosts did, the rules of the room, and its end.

use super::{
    end_sheet::{EndButton, EndSheet},
    hands::HandList,
    history::History,
    lost_focus::rescue_after_press,
    notice_count::NoticeCount,
    own_button::OWN_BUTTON,
    removed_people::RemovedPeople,
    room_rules::RoomRules,
    stand_in::{is_stand_in, may_as_host},
};
use crate::{
    browser::page,
    model::stage::{Mode, Role, SUGGEST_STAGE_AT, StageRequest},
    ui::{
        call::{Presence, events::CallInput},
        components::{icon::Icon, sheet_header::SheetHeader},
    },
};
use leptos::prelude::*;

/// The id of the sheet. Buttons name it in `popovertarget`.
const SHEET: &str = "moderation-panel";
const OPEN_SHEET: &str = "#moderation-panel:popover-open";
/// What gets the focus if a button of the list of hands disappears.
const HAND_HEIRS: [&str; 2] = [
    "#moderation-panel:popover-open .hand-list button",
    "#moderation-panel:popover-open button",
];

/// The one button for hosts, which opens the sheet.
#[component]
pub fn HostButtons(presence: Presence) -> impl IntoView {
    let hosts = Memo::new(move |_| presence.role().is_some_and(Role::hosts));
    view! {
        {move || hosts.get().then(|| view! {
            <button
                class="btn" data-kind="plain" data-icon="" type="button" aria-label="Host tools" title="Host tools"
                aria-haspopup="dialog" popovertarget=SHEET
                on:click=move |_| presence.tell(CallInput::DismissRefusal)
            >
                <Icon name="gear"/>
            </button>
            <ModerationPanel presence/>
        })}
    }
}

// A host opens the sheet to do something about somebody, so people come first and the rules later.
#[component]
fn ModerationPanel(presence: Presence) -> impl IntoView {
    let may_end = Memo::new(move |_| may_as_host(presence, &StageRequest::End));
    // The page behind the sheet has the same list, so this one is there only while somebody can see it.
    let is_open = RwSignal::new(false);
    let has_hands = Memo::new(move |_| {
        presence
            .roster
            .with(|roster| roster.iter().any(|one| one.hand.is_some()))
    });
    view! {
        <dialog
            class="sheet moderation-panel" id=SHEET popover="auto" aria-labelledby="moderation-panel-title"
            on:toggle=move |_| is_open.set(page::has(OPEN_SHEET))
        >
            <SheetHeader sheet=SHEET title="moderation-panel-title" heading="Host tools"/>
            <div class="stack">
                // This is not a live region, because the notices behind the sheet contain the same sentence, and screen readers already
                // read it out from there.
                {move || presence.refused.get().map(|words| view! { <p class="notice">{words}</p> })}
                // This is no region of its own: the page behind the sheet has the region "Hands".
                <div class="hand-list" hidden=move || !has_hands.get()>
                    <h3>"Hands"</h3>
                    {move || is_open.get().then(|| view! { <HandList presence heirs=HAND_HEIRS/> })}
                </div>
                <RemovedPeople presence/>
                <History presence/>
                <RoomRules presence/>
                {move || may_end.get().then(|| view! { <EndButton/> })}
            </div>
        </dialog>
        {move || may_end.get().then(|| view! { <EndSheet presence opened_from=SHEET/> })}
    }
}

/// Suggests a stage if many people are in a room where everyone can talk.
#[component]
pub fn SuggestStage(presence: Presence, count: NoticeCount) -> impl IntoView {
    let not_now = RwSignal::new(false);
    let is_large = Memo::new(move |_| {
        let many = presence.roster.with(|roster| roster.len() >= SUGGEST_STAGE_AT);
        let hosts = presence.role().is_some_and(Role::hosts) && !is_stand_in(presence);
        many && presence.info.with(|info| info.rules.mode) == Mode::Everyone && hosts
    });
    let is_shown = Memo::new(move |_| is_large.get() && !not_now.get());
    let pressed = rescue_after_press(is_shown, ["section.stage", OWN_BUTTON]);
    let switch = move |_| {
        pressed.set_value(true);
        presence.request(StageRequest::Mode { mode: Mode::Stage });
    };
    let dismiss = move |_| {
        pressed.set_value(true);
        not_now.set(true);
    };
    move || {
        is_shown.get().then(|| {
            count.add();
            view! {
                <div class="notice report" data-tone="plain">
                    <p>"Many people are here. With a stage, newcomers listen first and raise a hand to speak."</p>
                    <button class="btn" data-kind="quiet" data-small="" type="button" on:click=switch>
                        "Switch to Stage"
                    </button>
                    <button class="btn" data-kind="plain" data-small="" type="button" on:click=dismiss>
                        "Not now"
                    </button>
                </div>
            }
        })
    }
}
