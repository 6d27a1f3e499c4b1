//! One run of the check: the steps that need nobody, and those that a person starts.

use super::{
    check_socket::CheckSocket,
    steps::{CheckStep, StepResult, StepState},
    ways::{OnlyWay, check_loopback, check_way},
};
use crate::{
    browser::{
        chime,
        microphone::Microphone,
        reachability::{is_alive, within},
        timer::{now_ms, sleep_ms},
    },
    model::ice_server::IceServer,
    ui::{announcer::Announcer, call::level_of},
};
use futures::future::{Either, select};
use leptos::{prelude::*, task::spawn_local};
use std::pin::pin;

/// How many requests and pings are timed.
const ROUNDS: u32 = 3;
const REQUEST_WITHIN_MS: u32 = 5_000;
const LOOK_EVERY_MS: u32 = 50;
/// How long a voice may take to be heard, in milliseconds.
const HEARD_WITHIN_MS: f64 = 8_000.0;

/// The steps of the page, and the run that is going on.
#[derive(Clone, Copy)]
pub struct CheckRun {
    states: [RwSignal<StepState>; CheckStep::ALL.len()],
    /// The level of the microphone while it is tested.
    pub level: RwSignal<Option<u8>>,
    /// The number of runs so far. A task of an earlier run stops.
    run: StoredValue<u32>,
    /// The number of tests of the microphone so far.
    test: StoredValue<u32>,
    announcer: Announcer,
}

/// What was heard of the microphone.
enum Heard {
    Voice,
    Silence,
    /// The browser could not measure the sound, for example because the system has interrupted it for a phone call.
    Unknown,
}

impl CheckRun {
    pub fn new(announcer: Announcer) -> Self {
        Self {
            states: std::array::from_fn(|_| RwSignal::new(StepState::default())),
            level: RwSignal::new(None),
            run: StoredValue::new(0),
            test: StoredValue::new(0),
            announcer,
        }
    }

    pub fn state(self, step: CheckStep) -> RwSignal<StepState> {
        self.states[step as usize]
    }

    /// Whether the steps that need nobody are done, so that the person can go on with the microphone.
    pub fn is_network_done(self) -> bool {
        self.state(CheckStep::Relay).with(StepState::is_done)
    }

    /// Begins again with the first step.
    pub fn start(self) {
        self.run.update_value(|run| *run += 1);
        self.test.update_value(|test| *test += 1);
        self.level.set(None);
        for state in self.states {
            state.set(StepState::default());
        }
        let run = self.run.get_value();
        spawn_local(self.check_network(run));
    }

    /// The person does not want to talk, so the microphone is not tested.
    pub fn only_listen(self) {
        self.test.update_value(|test| *test += 1);
        self.level.set(None);
        self.show(
            CheckStep::Microphone,
            StepState::skipped("You only listen, so you need no microphone."),
        );
        self.show(CheckStep::Loopback, StepState::skipped("This step needs a microphone."));
    }

    /// Tests the microphone, and then sends the voice to the server and back. Call this in a click handler.
    pub fn test_microphone(self) {
        self.test.update_value(|test| *test += 1);
        let test = self.test.get_value();
        self.show(
            CheckStep::Microphone,
            StepState::running("Your browser asks whether Snug may use the microphone."),
        );
        self.state(CheckStep::Loopback).set(StepState::default());
        spawn_local(self.check_microphone(test));
    }

    /// Plays a sound, and waits until the person says whether they have heard it. Call this in a click handler.
    pub fn play_sound(self) {
        let playing = chime::play_test_sound();
        self.show(
            CheckStep::Speaker,
            StepState::running("A sound was played. Did you hear it?"),
        );
        spawn_local(async move {
            let is_played = playing.await;
            // The person can have answered already, or gone to another page.
            let result = self.state(CheckStep::Speaker).try_with_untracked(|state| state.result);
            if !is_played && result == Some(Some(StepResult::Running)) {
                let state = StepState::bad(
                    "The browser plays no sound on this page.",
                    "Allow sound for this page in the settings of your browser, and end phone calls. Then play the sound again.",
                );
                self.show(CheckStep::Speaker, state);
            }
        });
    }

    pub fn answer_sound(self, heard: bool) {
        let state = match heard {
            true => StepState::good("You heard the sound."),
            false => StepState::bad(
                "You did not hear the sound.",
                "Turn up the volume, and choose the right loudspeaker or headset in the settings of your device. Then play the sound again.",
            ),
        };
        self.show(CheckStep::Speaker, state);
    }

    async fn check_network(self, run: u32) {
        let show = |step, state| self.show_in_run(run, step, state);
        show(CheckStep::Server, StepState::running("Asking Snug…"));
        show(CheckStep::Server, check_server().await);
        show(CheckStep::Socket, StepState::running("Opening a live connection…"));
        let (state, ice_servers) = check_socket().await;
        show(CheckStep::Socket, state);
        for (step, way) in [
            (CheckStep::Udp, OnlyWay::Udp),
            (CheckStep::Tcp, OnlyWay::Tcp),
            (CheckStep::Relay, OnlyWay::Relay),
        ] {
            if !self.is_run(run) {
                return;
            }
            show(step, StepState::running("Sending packets…"));
            let state = match &ice_servers {
                Some(ice_servers) => check_way(way, ice_servers).await,
                None => StepState::skipped("This step needs the live connection."),
            };
            show(step, state);
        }
        if self.is_run(run) {
            self.ask_person();
        }
    }

    /// The steps that wait for the person, unless the person has already begun with them.
    fn ask_person(self) {
        let waiting = [
            (CheckStep::Microphone, "Do you want to talk? Then test your microphone."),
            (CheckStep::Speaker, "Play a sound, and say whether you hear it."),
        ];
        for (step, words) in waiting {
            if self.state(step).with_untracked(|state| state.result.is_none()) {
                self.show(step, StepState::running(words));
            }
        }
    }

    async fn check_microphone(self, test: u32) {
        let opened = Microphone::open(|_| ()).await;
        // The person can have started again, or gone to another page. The microphone is then closed here.
        if !self.is_test(test) {
            return;
        }
        let microphone = match opened {
            Ok(microphone) => microphone,
            Err(why) => {
                let state = StepState::bad("The browser gave no microphone.", why.without_microphone());
                self.show(CheckStep::Microphone, state);
                return self.show(CheckStep::Loopback, StepState::skipped("This step needs a microphone."));
            }
        };
        microphone.set_live(true);
        self.show(CheckStep::Microphone, StepState::running("Say something…"));
        let heard = self.listen(test, &microphone).await;
        if !self.is_test(test) {
            return;
        }
        let trouble = match heard {
            Heard::Voice => None,
            Heard::Silence => Some((
                "No sound came from the microphone in 8 seconds.",
                "Choose another microphone in the settings of your browser, or switch yours on. Then test it again.",
            )),
            Heard::Unknown => Some((
                "The system lets this page measure no sound, for example because of a phone call.",
                "End phone calls and close other programs that use the microphone. Then test it again.",
            )),
        };
        if let Some((facts, advice)) = trouble {
            self.show(CheckStep::Microphone, StepState::bad(facts, advice));
            return self.show(CheckStep::Loopback, StepState::skipped("This step needs a microphone."));
        }
        self.show(CheckStep::Microphone, StepState::good("We hear you."));
        self.show(
            CheckStep::Loopback,
            StepState::running("Sending your voice to Snug and back…"),
        );
        // If the person leaves or begins again, the check ends at once, and the microphone is closed.
        let Some(state) = self.while_test(test, check_loopback(&microphone)).await else {
            return;
        };
        if self.is_test(test) {
            self.level.set(None);
            self.show(CheckStep::Loopback, state);
        }
    }

    /// Waits for a voice, until its time is over.
    async fn listen(self, test: u32, microphone: &Microphone) -> Heard {
        let began_ms = now_ms();
        let mut heard = Heard::Unknown;
        while self.is_test(test) && now_ms() < began_ms + HEARD_WITHIN_MS && !microphone.has_ended() {
            let loudness = microphone.level();
            let level = loudness.and_then(level_of);
            self.level.set(level);
            if level.is_some() {
                return Heard::Voice;
            }
            if loudness.is_some() {
                heard = Heard::Silence;
            }
            sleep_ms(LOOK_EVERY_MS).await;
        }
        heard
    }

    fn show_in_run(self, run: u32, step: CheckStep, state: StepState) {
        if self.is_run(run) {
            self.show(step, state);
        }
    }

    /// Shows a state, and has screen readers read out a result.
    fn show(self, step: CheckStep, state: StepState) {
        if state.is_done() {
            self.announcer.say(state.sentence(step));
        }
        self.state(step).set(state);
    }

    /// Whether this run is still the present one. False after the page is gone.
    fn is_run(self, run: u32) -> bool {
        self.run.try_get_value() == Some(run)
    }

    /// What `work` results in; `None` if this test of the microphone is no longer the present one.
    async fn while_test<T>(self, test: u32, work: impl Future<Output = T>) -> Option<T> {
        let is_over = async {
            while self.is_test(test) {
                sleep_ms(LOOK_EVERY_MS).await;
            }
        };
        match select(pin!(work), pin!(is_over)).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    fn is_test(self, test: u32) -> bool {
        self.test.try_get_value() == Some(test)
    }
}

async fn check_server() -> StepState {
    let mut fastest_ms = f64::INFINITY;
    for _ in 0..ROUNDS {
        let began_ms = now_ms();
        if within(REQUEST_WITHIN_MS, is_alive()).await != Some(true) {
            return StepState::bad(
                "Snug did not answer a request.",
                "Check that this device is online. If other pages load, tell the person who runs this Snug.",
            );
        }
        fastest_ms = fastest_ms.min(now_ms() - began_ms);
    }
    StepState::good(format!("Snug answered in {} ms.", fastest_ms.round() as u64))
}

/// The result, and the TURN servers if there was a socket.
async fn check_socket() -> (StepState, Option<Vec<IceServer>>) {
    let bad = || {
        StepState::bad(
            "The live connection (WebSocket) was refused or lost.",
            "Switch off proxies and extensions that filter pages, or try another network. If nobody gets through, tell the person who runs this Snug.",
        )
    };
    let Some(mut socket) = CheckSocket::open().await else {
        return (bad(), None);
    };
    let mut fastest_ms = f64::INFINITY;
    for n in 1..=ROUNDS {
        match socket.ping(n).await {
            Some(ms) => fastest_ms = fastest_ms.min(ms),
            None => return (bad(), None),
        }
    }
    let state = StepState::good(format!("Open, round trip {} ms.", fastest_ms.round() as u64));
    (state, Some(std::mem::take(&mut socket.ice_servers)))
}
