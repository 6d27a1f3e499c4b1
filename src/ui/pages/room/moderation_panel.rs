//! The panel for hosts (the rules of the room, the people who were removed, and the log with its undo buttons), and the sheet that
//! ends a room.

use super::stand_in::{LimitsOfStandIn, is_stand_in, may_as_host};
use crate::{
    browser::page,
    model::{
        moderation_log::{Barred, LogEntry, REACH_OF_A_BAN},
        room::Rules,
        stage::{Mode, NEW_ACCOUNT_MINUTES, Role, SUGGEST_STAGE_AT, StageRequest},
    },
    ui::{
        call::{Presence, events::CallInput},
        components::{face::Face, icon::Icon, sheet_header::SheetHeader},
    },
};
use leptos::prelude::*;

const SHEET: &str = "moderation-panel";
const END: &str = "end-room";

fn rules(presence: Presence) -> Rules {
    // After a refusal, redraw the clicked switch as it was before the click.
    presence.refusals.track();
    presence.info.with(|info| info.rules)
}

/// The buttons for hosts, which open the panel and the sheet that ends the room.
#[component]
pub fn HostButtons(presence: Presence) -> impl IntoView {
    let hosts = Memo::new(move |_| presence.role().is_some_and(Role::hosts));
    let may_end = Memo::new(move |_| may_as_host(presence, &StageRequest::End));
    view! {
        {move || hosts.get().then(|| view! {
            <button
                class="btn" data-kind="quiet" data-tool="" type="button" aria-haspopup="dialog" popovertarget=SHEET
                on:click=move |_| presence.tell(CallInput::DismissRefusal)
            >
                <Icon name="gear"/>
                <span><span class="label-wide">"Host’s "</span>"desk"</span>
            </button>
            <ModerationPanel presence/>
        })}
        {move || may_end.get().then(|| view! {
            <button class="btn" data-kind="leave" data-tool="" type="button" aria-haspopup="dialog" popovertarget=END>
                <Icon name="close"/>
                <span>"End" <span class="label-wide">" room"</span></span>
            </button>
            <EndSheet presence/>
        })}
    }
}

#[component]
fn EndSheet(presence: Presence) -> impl IntoView {
    let stays = move || rules(presence).permanent;
    view! {
        <dialog class="sheet" id=END popover="auto" aria-labelledby="end-title">
            <div class="stack">
                <h2 id="end-title">"End this room for everybody?"</h2>
                <p>
                    "Everybody has to leave, the links stop working, and this can't be undone. "
                    {move || stays().then_some("The room is gone for good, although it is a permanent room. ")}
                    "If you leave quietly instead, the others go on talking."
                </p>
                <button
                    class="btn" data-kind="leave" data-wide="" type="button"
                    popovertarget=END popovertargetaction="hide" on:click=move |_| presence.request(StageRequest::End)
                >
                    "Yes, for everybody"
                </button>
                <button class="btn" data-kind="quiet" data-wide="" type="button" popovertarget=END popovertargetaction="hide" autofocus>
                    "No, go on"
                </button>
            </div>
        </dialog>
    }
}

#[component]
fn ModerationPanel(presence: Presence) -> impl IntoView {
    let is_stand_in = Memo::new(move |_| is_stand_in(presence));
    let minutes = 0;
    let sets_rules = Memo::new(move |_| may_as_host(presence, &StageRequest::MuteNewAccounts { minutes }));
    view! {
        <dialog class="sheet moderation-panel" id=SHEET popover="auto" aria-labelledby="moderation-panel-title">
            <SheetHeader sheet=SHEET title="moderation-panel-title" heading="Host’s desk"/>
            <div class="stack">
                // This is not a live region, because the notices behind the sheet contain the same sentence, and screen readers already
                // read it out from there.
                {move || presence.refused.get().map(|words| view! { <p class="notice">{words}</p> })}
                {move || match is_stand_in.get() {
                    true => view! { <LimitsOfStandIn presence/> }.into_any(),
                    false => view! { <ModeSwitch presence/> }.into_any(),
                }}
                {move || sets_rules.get().then(|| view! { <HostRules presence/> })}
                <PutOut presence/>
                <Log presence/>
            </div>
        </dialog>
    }
}

#[component]
fn ModeSwitch(presence: Presence) -> impl IntoView {
    let choice = move |mode: Mode| {
        let hint = match mode {
            Mode::Everyone => "Everyone who comes in can talk.",
            Mode::Stage => "People listen first and raise a hand. People already talking stay on the stage.",
        };
        let id = format!("panel-mode-{}", mode.as_str());
        view! {
            <label>
                <input
                    type="radio" name="panel-mode" prop:checked=move || rules(presence).mode == mode
                    aria-describedby=id.clone() on:change=move |_| presence.request(StageRequest::Mode { mode })
                />
                <span>{mode.label()}</span>
                <span class="hint" id=id>{hint}</span>
            </label>
        }
    };
    view! {
        <fieldset class="kinds">
            <legend>"Who talks?"</legend>
            {Mode::ALL.map(choice)}
        </fieldset>
    }
}

/// The rules that only the host can change. Co-hosts and stand-ins can't, and only the owner can make the room permanent.
#[component]
fn HostRules(presence: Presence) -> impl IntoView {
    let minutes = move || rules(presence).new_account_minutes;
    let on_change = move |event| {
        if let Ok(minutes) = event_target_value(&event).parse() {
            presence.request(StageRequest::MuteNewAccounts { minutes });
        }
    };
    let option = move |minutes_of_option: u32| {
        let words = match minutes_of_option {
            0 => "Talk right away".to_owned(),
            1_440 => "Listen for their first day".to_owned(),
            minutes => format!("Listen for their first {minutes} minutes"),
        };
        view! { <option value=minutes_of_option.to_string() prop:selected=move || minutes() == minutes_of_option>{words}</option> }
    };
    let sets_permanent = Memo::new(move |_| may_as_host(presence, &StageRequest::SetPermanent { on: true }));
    view! {
        <label class="field">
            <span>"New accounts"</span>
            <select on:change=on_change>{NEW_ACCOUNT_MINUTES.map(option)}</select>
        </label>
        {move || sets_permanent.get().then(|| view! {
            <label class="check">
                <input
                    type="checkbox" prop:checked=move || rules(presence).permanent
                    on:change=move |event| presence.request(StageRequest::SetPermanent { on: event_target_checked(&event) })
                />
                <span>"Permanent room"</span>
                <span class="hint">
                    "When everybody has left, the room stays on the list and keeps its links, members and bans."
                </span>
            </label>
        })}
    }
}

#[component]
fn PutOut(presence: Presence) -> impl IntoView {
    let barred = Memo::new(move |_| presence.panel.with(|panel| panel.barred.clone()));
    let is_somebody_banned = move || barred.with(|barred| barred.iter().any(|bar| bar.until_s.is_none()));
    view! {
        <section aria-labelledby="put-out-title">
            <h3 id="put-out-title">"Removed"</h3>
            {move || barred.with(Vec::is_empty).then(|| view! { <p class="hint">"Nobody."</p> })}
            {move || is_somebody_banned().then(|| view! { <p class="hint">{REACH_OF_A_BAN}</p> })}
            <ul class="rows" role="list">
                <For each=move || barred.get() key=|bar| (bar.person.id.clone(), bar.until_s) let:bar>
                    {barred_row(presence, bar)}
                </For>
            </ul>
        </section>
    }
}

fn barred_row(presence: Presence, bar: Barred) -> impl IntoView {
    let Barred { person, until_s, guest } = bar;
    let label = format!("Let {} back in", person.called());
    let about = person.id;
    let is_banned = until_s.is_none();
    // A stand-in can't lift a ban.
    let may_lift = move || !(is_banned && is_stand_in(presence));
    let words = if until_s.is_some() {
        "removed for 10 minutes"
    } else {
        "banned"
    };
    view! {
        <li>
            <Face picture=person.picture size="s"/>
            <p>
                <bdi><b>{person.name}</b></bdi> " " <span class="hint">{words}</span>
                {guest.then(|| view! {
                    <span class="hint">". They came as a guest: turn off their link, or they can come in again."</span>
                })}
            </p>
            {move || may_lift().then(|| {
                let about = about.clone();
                view! {
                    <button
                        class="btn" data-kind="quiet" data-small="" type="button" aria-label=label.clone()
                        on:click=move |_| presence.request(StageRequest::Lift { about: about.clone() })
                    >
                        "Let back in"
                    </button>
                }
            })}
        </li>
    }
}

#[component]
fn Log(presence: Presence) -> impl IntoView {
    let log = Memo::new(move |_| presence.panel.with(|panel| panel.log.clone()));
    view! {
        <section aria-labelledby="log-title">
            <h3 id="log-title">"History"</h3>
            {move || log.with(Vec::is_empty).then(|| view! { <p class="hint">"Nothing yet."</p> })}
            <ul class="rows" role="list">
                <For each=move || log.get() key=|entry| (entry.number, entry.undone, entry.can_undo) let:entry>
                    {log_row(presence, entry)}
                </For>
            </ul>
        </section>
    }
}

fn log_row(presence: Presence, entry: LogEntry) -> impl IntoView {
    let (number, sentence) = (entry.number, entry.sentence());
    let label = format!("Undo: {sentence}");
    // A stand-in undoes nothing.
    let can_undo = move || entry.can_undo && !is_stand_in(presence);
    view! {
        <li data-undone=entry.undone.then_some("")>
            <p data-names="">
                <time>{page::time_of_day(entry.at_s)}</time> " " {sentence}
                {entry.undone.then(|| view! { <span class="hint">" Undone."</span> })}
            </p>
            {move || can_undo().then(|| view! {
                <button
                    class="btn" data-kind="quiet" data-small="" type="button" aria-label=label.clone()
                    on:click=move |_| presence.request(StageRequest::Undo { number })
                >
                    "Undo"
                </button>
            })}
        </li>
    }
}

/// Suggests a stage if many people are in a room where everyone can talk.
#[component]
pub fn SuggestStage(presence: Presence) -> impl IntoView {
    let not_now = RwSignal::new(false);
    let is_large = Memo::new(move |_| {
        let many = presence.roster.with(|roster| roster.len() >= SUGGEST_STAGE_AT);
        let hosts = presence.role().is_some_and(Role::hosts) && !is_stand_in(presence);
        many && rules(presence).mode == Mode::Everyone && hosts
    });
    move || {
        (is_large.get() && !not_now.get()).then(|| {
            view! {
                <div class="notice report" data-tone="plain">
                    <p>"Many people are here. With a stage, newcomers listen first and raise a hand to speak."</p>
                    <button
                        class="btn" data-kind="quiet" data-small="" type="button"
                        on:click=move |_| presence.request(StageRequest::Mode { mode: Mode::Stage })
                    >
                        "Switch to Stage"
                    </button>
                    <button class="btn" data-kind="plain" data-small="" type="button" on:click=move |_| not_now.set(true)>
                        "Not now"
                    </button>
                </div>
            }
        })
    }
}
