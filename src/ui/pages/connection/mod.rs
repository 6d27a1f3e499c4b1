//! The page "Check my connection": live steps that say what gets through, and what to do if something doesn't.

mod candidates;
mod check_run;
mod check_socket;
mod returned_packets;
mod steps;
mod ways;

use crate::{
    api,
    browser::{page, timer::sleep_ms},
    ui::{
        announcer::use_announcer,
        call::use_call,
        components::{
            icon::Icon,
            mic_button::shown,
            page_header::{AccountCorner, PageHeader},
        },
        session::{redirect_on_error, use_session, with_retries},
    },
};
use check_run::CheckRun;
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use steps::{CheckStep, StepResult, StepState, report};

/// How long the button says that it has copied, in milliseconds.
const COPIED_MS: u32 = 3_000;

#[component]
pub fn ConnectionPage() -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let me = Resource::new(|| (), |()| with_retries(api::auth::me));
    redirect_on_error(move || me.get().and_then(Result::err));
    session.reload();
    let run = CheckRun::new(use_announcer());
    // Only somebody who is signed in may open the socket of the check. Other people are on their way to the sign-in page.
    Effect::new(move |has_begun: Option<bool>| {
        let may_begin = session.ready.get() && matches!(me.get(), Some(Ok(_)));
        if may_begin && has_begun != Some(true) {
            run.start();
        }
        may_begin || has_begun == Some(true)
    });
    let is_idle = move || session.ready.get() && run.is_network_done();
    let again = move |_| {
        if untrack(|| run.is_network_done()) {
            run.start();
        }
    };
    view! {
        <Title text="Check my connection"/>
        <Transition>
            <PageHeader corner=Signal::derive(move || AccountCorner::of(session.user())) in_call=Signal::derive(move || call.current.get().is_some())/>
        </Transition>
        <main class="narrow" id="main">
            <h1>"Check my connection"</h1>
            <Transition>
                {move || Suspend::new(async move {
                    // The page is for people who are signed in. For others, the answer leads to the sign-in page.
                    let _ = me.await;
                })}
            </Transition>
            <p class="notice" data-tone="plain" hidden=move || session.ready.get()>
                "The check needs the program of this page, which is loading. If nothing happens, allow scripts and WebAssembly for this page, \
                 then load it again."
            </p>
            <ol class="checks card">
                {CheckStep::ALL.into_iter().map(|step| view! { <Step run step/> }).collect_view()}
            </ol>
            <div class="row">
                <button
                    class="btn" data-kind="quiet" type="button" aria-disabled=move || (!is_idle()).then_some("true") on:click=again
                >
                    <Icon name="refresh"/>
                    <span>"Check again"</span>
                </button>
                <CopyReport run/>
            </div>
            <p class="hint">"The report has no addresses and no names."</p>
            <p>
                <a href="/rooms">"Back to the rooms"</a>
            </p>
        </main>
    }
}

#[component]
fn Step(run: CheckRun, step: CheckStep) -> impl IntoView {
    let state = run.state(step);
    let result = Memo::new(move |_| state.with(|state| state.result));
    let advice = move || {
        let advice = state.with(|state| state.advice.clone());
        (!advice.is_empty()).then(|| view! { <p class="notice">{advice}</p> })
    };
    let actions = match step {
        CheckStep::Microphone => Some(view! { <MicrophoneActions run/> }.into_any()),
        CheckStep::Speaker => Some(view! { <SpeakerActions run/> }.into_any()),
        _ => None,
    };
    view! {
        <li class="check-step" data-check=step.name() data-result=move || result.get().map(StepResult::name)>
            <div class="check-head">
                <h2>{step.title()}</h2>
                <span class="chip" hidden=move || result.get().is_none()>{move || result.get().map(StepResult::label)}</span>
            </div>
            // The announcer reads out each result, so this is no live region.
            <p class="hint">{move || state.with(|state| state.facts.clone())}</p>
            {advice}
            {actions}
        </li>
    }
}

#[component]
fn MicrophoneActions(run: CheckRun) -> impl IntoView {
    let session = use_session();
    let state = run.state(CheckStep::Microphone);
    let is_ready = Memo::new(move |_| session.ready.get() && run.is_network_done());
    let is_tested = Memo::new(move |_| state.with(StepState::is_done));
    let wait = move || (!is_ready.get()).then_some("true");
    let test = move |_| {
        if is_ready.get_untracked() {
            run.test_microphone();
        }
    };
    let only_listen = move |_| {
        if is_ready.get_untracked() {
            run.only_listen();
        }
    };
    view! {
        <div class="row">
            <button class="btn" type="button" aria-disabled=wait on:click=test>
                <Icon name="mic"/>
                <span>{move || if is_tested.get() { "Test again" } else { "Test the microphone" }}</span>
            </button>
            <button class="btn" data-kind="quiet" type="button" aria-disabled=wait on:click=only_listen>
                "I only listen"
            </button>
            <span
                class="level" aria-hidden="true" hidden=move || run.level.get().is_none()
                data-level=move || shown(run.level.get())
            ></span>
        </div>
    }
}

#[component]
fn SpeakerActions(run: CheckRun) -> impl IntoView {
    let session = use_session();
    let has_played = RwSignal::new(false);
    let play = move |_| {
        if session.ready.get_untracked() {
            run.play_sound();
            has_played.set(true);
        }
    };
    view! {
        <div class="row">
            <button
                class="btn" type="button" aria-disabled=move || (!session.ready.get()).then_some("true") on:click=play
            >
                <Icon name="sound"/>
                <span>"Play a sound"</span>
            </button>
            {move || has_played.get().then(|| view! {
                <button class="btn" data-kind="quiet" type="button" on:click=move |_| run.answer_sound(true)>"I hear it"</button>
                <button class="btn" data-kind="quiet" type="button" on:click=move |_| run.answer_sound(false)>"I don't hear it"</button>
            })}
        </div>
    }
}

/// The button that copies the report, and the report itself for people whose browser copies nothing.
#[component]
fn CopyReport(run: CheckRun) -> impl IntoView {
    let announcer = use_announcer();
    let (copied, blocked) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let copy = move |_| {
        let states: Vec<(CheckStep, StepState)> = CheckStep::ALL
            .into_iter()
            .map(|step| (step, run.state(step).get_untracked()))
            .collect();
        let text = report(states.iter().map(|(step, state)| (*step, state)));
        spawn_local(async move {
            if !page::copy(&text).await {
                announcer.say("Your browser does not let this page copy. The report is below the button.".to_owned());
                blocked.try_set(Some(text));
                return;
            }
            announcer.say("Report copied.".to_owned());
            copied.try_set(true);
            sleep_ms(COPIED_MS).await;
            copied.try_set(false);
        });
    };
    view! {
        <button class="btn" data-kind="quiet" type="button" on:click=copy>
            {move || match copied.get() {
                true => view! { <Icon name="check"/> <span>"Copied"</span> },
                false => view! { <Icon name="link"/> <span>"Copy report"</span> },
            }}
        </button>
        {move || blocked.get().map(|text| view! { <pre class="check-report">{text}</pre> })}
    }
}
