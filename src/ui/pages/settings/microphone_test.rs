//! A test of the microphone: it shows how loud you are. Nobody hears it, and nothing is sent.

use crate::{
    browser::{
        microphone::{Closed, Microphone},
        timer::sleep_ms,
    },
    ui::{
        call::level_of,
        components::{icon::Icon, mic_button::shown},
        session::use_session,
    },
};
use leptos::{prelude::*, task::spawn_local};

/// How often the level is measured, in milliseconds.
const EVERY_MS: u32 = 100;
/// A test that nobody stops ends after this many measurements, which take a minute.
const MEASUREMENTS_MAX: u32 = 600;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TestState {
    Off,
    /// The browser asks for permission.
    Opening,
    Running,
    Failed(Closed),
}

#[derive(Clone, Copy)]
struct TestRun {
    state: RwSignal<TestState>,
    level: RwSignal<Option<u8>>,
    /// Whether a voice was heard in this test.
    is_heard: RwSignal<bool>,
    /// The number of starts and stops so far. A microphone that belongs to an earlier number is closed.
    generation: StoredValue<u32>,
}

#[component]
pub fn MicrophoneTest() -> impl IntoView {
    let session = use_session();
    let test = TestRun {
        state: RwSignal::new(TestState::Off),
        level: RwSignal::new(None),
        is_heard: RwSignal::new(false),
        generation: StoredValue::new(0),
    };
    let state = test.state;
    let is_on = Memo::new(move |_| matches!(state.get(), TestState::Opening | TestState::Running));
    let failed = Memo::new(move |_| match state.get() {
        TestState::Failed(why) => Some(why),
        _ => None,
    });
    view! {
        <div class="mic-test">
            <div class="row">
                <button
                    class="btn" data-kind="quiet" type="button" disabled=move || !session.ready.get()
                    aria-busy=move || (state.get() == TestState::Opening).then_some("true") on:click=move |_| test.press()
                >
                    <Icon name="mic"/>
                    <span>{move || if is_on.get() { "Stop the test" } else { "Test your microphone" }}</span>
                </button>
                <span
                    class="level" aria-hidden="true" hidden=move || state.get() != TestState::Running
                    data-level=move || shown(test.level.get())
                ></span>
            </div>
            // The element is always there, so that screen readers read the text when it changes.
            <p class="hint" role="status">{move || test.sentence()}</p>
            {move || failed.get().map(|why| view! { <p class="notice" role="alert">{why.without_microphone()}</p> })}
        </div>
    }
}

impl TestRun {
    fn sentence(self) -> &'static str {
        match (self.state.get(), self.is_heard.get()) {
            (TestState::Off, _) => "Only you see this test. Nothing is sent.",
            (TestState::Opening, _) => "Your browser asks whether Snug may use the microphone.",
            (TestState::Running, true) => "We hear you.",
            (TestState::Running, false) => "Nothing yet: say something.",
            (TestState::Failed(_), _) => "",
        }
    }

    fn press(self) {
        match self.state.get_untracked() {
            TestState::Opening | TestState::Running => self.end(TestState::Off),
            TestState::Off | TestState::Failed(_) => self.start(),
        }
    }

    fn end(self, state: TestState) {
        self.generation.update_value(|generation| *generation += 1);
        self.level.set(None);
        self.state.set(state);
    }

    fn start(self) {
        self.end(TestState::Opening);
        self.is_heard.set(false);
        let generation = self.generation.get_value();
        spawn_local(async move {
            let opened = Microphone::open(|_| ()).await;
            // The person can have stopped the test, or gone to another page. The microphone is then closed here.
            if !self.is_at(generation) {
                return;
            }
            match opened {
                Ok(microphone) => self.measure(generation, &microphone).await,
                Err(why) => self.end(TestState::Failed(why)),
            }
        });
    }

    async fn measure(self, generation: u32, microphone: &Microphone) {
        microphone.set_live(true);
        self.state.set(TestState::Running);
        for _ in 0..MEASUREMENTS_MAX {
            sleep_ms(EVERY_MS).await;
            if !self.is_at(generation) {
                return;
            }
            if microphone.has_ended() {
                return self.end(TestState::Failed(Closed::Missing));
            }
            let level = microphone.level().and_then(level_of);
            self.level.set(level);
            if level.is_some() && !self.is_heard.get_untracked() {
                self.is_heard.set(true);
            }
        }
        self.end(TestState::Off);
    }

    /// Whether nobody has started or stopped a test since. False after the page is gone.
    fn is_at(self, generation: u32) -> bool {
        self.generation.try_get_value() == Some(generation)
    }
}
