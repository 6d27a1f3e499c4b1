//! In the host tools: the rules of the room, which hosts can change at any time.

use super::stand_in::{LimitsOfStandIn, is_stand_in, may_as_host};
use crate::{
    model::{
        room::Rules,
        stage::{Mode, NEW_ACCOUNT_MINUTES, StageRequest},
        time_words::duration_in_words,
    },
    ui::call::Presence,
};
use leptos::prelude::*;

fn rules(presence: Presence) -> Rules {
    // After a refusal, redraw the clicked switch as it was before the click.
    presence.refusals.track();
    presence.info.with(|info| info.rules)
}

#[component]
pub fn RoomRules(presence: Presence) -> impl IntoView {
    let is_stand_in = Memo::new(move |_| is_stand_in(presence));
    let minutes = 0;
    let sets_rules = Memo::new(move |_| may_as_host(presence, &StageRequest::MuteNewAccounts { minutes }));
    view! {
        <section class="stack" aria-labelledby="rules-title">
            <h3 id="rules-title">"Rules"</h3>
            {move || match is_stand_in.get() {
                true => view! { <LimitsOfStandIn presence/> }.into_any(),
                false => view! { <ModeSwitch presence/> }.into_any(),
            }}
            {move || sets_rules.get().then(|| view! { <HostRules presence/> })}
        </section>
    }
}

#[component]
fn ModeSwitch(presence: Presence) -> impl IntoView {
    let choice = move |mode: Mode| {
        let hint = match mode {
            Mode::Everyone => "Everyone who comes in can talk.",
            Mode::Stage => "People listen first and raise a hand to speak. People already talking stay on stage.",
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
            0 => "can talk right away".to_owned(),
            minutes => format!("can talk after {}", duration_in_words(minutes.saturating_mul(60))),
        };
        view! { <option value=minutes_of_option.to_string() prop:selected=move || minutes() == minutes_of_option>{words}</option> }
    };
    let sets_permanent = Memo::new(move |_| may_as_host(presence, &StageRequest::SetPermanent { on: true }));
    view! {
        <label class="field">
            <span>"Newcomers"</span>
            <select on:change=on_change>{NEW_ACCOUNT_MINUTES.map(option)}</select>
        </label>
        {move || sets_permanent.get().then(|| view! {
            <label class="check">
                <input
                    type="checkbox" prop:checked=move || rules(presence).permanent
                    on:change=move |event| presence.request(StageRequest::SetPermanent { on: event_target_checked(&event) })
                />
                <span>"Permanent room"</span>
                <span class="hint">"Stays on the list when everybody has left, with its link and bans."</span>
            </label>
        })}
    }
}
