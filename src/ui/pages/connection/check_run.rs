//! One run of the check: the steps that need nobody, and those that a person starts.

use super::{
    candidates::only_transport,
    check_socket::{CheckSocket, NoAnswer},
    steps::{CheckStep, StepState, came_back, lost_percent},
};
use crate::{
    browser::{
        chime,
        microphone::Microphone,
        peer::check::{CheckPeer, CheckPeerState, CheckStats},
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
/// How long one way may take until sound can go through, in milliseconds. Browsers have tried everything by then.
const CONNECTED_WITHIN_MS: f64 = 6_000.0;
const LOOK_EVERY_MS: u32 = 50;
/// How long packets are counted on a way that works, in milliseconds.
const COUNT_FOR_MS: u32 = 1_500;
/// How long a voice may take to be heard, and for how long it is then sent to the server and back, in milliseconds.
const HEARD_WITHIN_MS: f64 = 8_000.0;
const LOOPBACK_FOR_MS: u32 = 3_000;
/// A voice that pauses sends few packets, but never fewer than this in that time.
const LOOPBACK_PACKETS_MIN: u64 = 5;

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

/// The way that a connection of the check may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnlyWay {
    Udp,
    Tcp,
    Relay,
    /// All of them, as in a room.
    Any,
}

/// Why a way does not work.
enum WayFailure {
    /// The server offers no such way.
    NotOffered,
    NoAnswer(NoAnswer),
    /// The browser can't make the connection.
    Browser,
    /// Nothing came back in time.
    NothingBack,
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
        let state = match chime::play_test_sound() {
            true => StepState::running("A sound was played. Did you hear it?"),
            false => StepState::bad(
                "The browser plays no sound on this page.",
                "Allow sound for this page in the settings of your browser, then play the sound again.",
            ),
        };
        self.show(CheckStep::Speaker, state);
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
        let is_heard = self.listen(test, &microphone).await;
        if !self.is_test(test) {
            return;
        }
        if !is_heard {
            let state = StepState::bad(
                "No sound came from the microphone in 8 seconds.",
                "Choose another microphone in the settings of your browser, or switch yours on. Then test it again.",
            );
            self.show(CheckStep::Microphone, state);
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

    /// Whether a voice is heard in time.
    async fn listen(self, test: u32, microphone: &Microphone) -> bool {
        let began_ms = now_ms();
        while self.is_test(test) && now_ms() < began_ms + HEARD_WITHIN_MS && !microphone.has_ended() {
            let level = microphone.level().and_then(level_of);
            self.level.set(level);
            if level.is_some() {
                return true;
            }
            sleep_ms(LOOK_EVERY_MS).await;
        }
        false
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

async fn check_way(way: OnlyWay, ice_servers: &[IceServer]) -> StepState {
    let servers = match way {
        OnlyWay::Relay if ice_servers.is_empty() => return StepState::skipped("This Snug has no relay."),
        OnlyWay::Relay => ice_servers,
        _ => &[],
    };
    let checked = connect(way, servers).await;
    match checked {
        Ok((peer, _socket)) => {
            sleep_ms(COUNT_FOR_MS).await;
            StepState::good(words_of(peer.stats().await))
        }
        Err(WayFailure::NotOffered) => StepState::skipped("This Snug does not offer this way."),
        Err(failure) => failed(way, &failure),
    }
}

async fn check_loopback(microphone: &Microphone) -> StepState {
    let advice =
        "Your voice does not come back. Try another network, and send this report to the person who runs this Snug.";
    let ice_servers = match CheckSocket::open().await {
        Some(mut socket) => std::mem::take(&mut socket.ice_servers),
        None => return StepState::bad("There was no live connection.", advice),
    };
    let (peer, _socket) = match connect(OnlyWay::Any, &ice_servers).await {
        Ok(connected) => connected,
        Err(failure) => return failed(OnlyWay::Any, &failure),
    };
    let before = peer.stats().await;
    if !peer.send(microphone.track()).await {
        return failed(OnlyWay::Any, &WayFailure::Browser);
    }
    sleep_ms(LOOPBACK_FOR_MS).await;
    let stats = peer.stats().await;
    let sent = stats.sent.saturating_sub(before.sent);
    let received = stats.received.saturating_sub(before.received);
    let facts = format!(
        "{received} of {sent} packets of your voice came back. {}",
        words_of(stats)
    );
    match received >= LOOPBACK_PACKETS_MIN && received * 2 >= sent {
        true => StepState::good(facts),
        false => StepState::bad(facts, advice),
    }
}

/// Connects by one way, over a socket of its own. The socket must stay open as long as the connection.
async fn connect(way: OnlyWay, ice_servers: &[IceServer]) -> Result<(CheckPeer, CheckSocket), WayFailure> {
    let silence = WayFailure::NoAnswer(NoAnswer::Silence);
    let mut socket = CheckSocket::open().await.ok_or(silence)?;
    let peer = CheckPeer::new(ice_servers, way == OnlyWay::Relay).map_err(|_| WayFailure::Browser)?;
    let offer = peer.offer().await.map_err(|_| WayFailure::Browser)?;
    let answer = socket.offer(offer).await.map_err(WayFailure::NoAnswer)?;
    let answer = match way {
        OnlyWay::Udp => only_transport(&answer, "udp"),
        OnlyWay::Tcp => only_transport(&answer, "tcp"),
        OnlyWay::Relay | OnlyWay::Any => Some(answer),
    };
    if !peer.accept(answer.ok_or(WayFailure::NotOffered)?).await {
        return Err(WayFailure::Browser);
    }
    let began_ms = now_ms();
    loop {
        match peer.state() {
            CheckPeerState::Connected => return Ok((peer, socket)),
            CheckPeerState::Failed => return Err(WayFailure::NothingBack),
            CheckPeerState::Connecting if now_ms() > began_ms + CONNECTED_WITHIN_MS => {
                return Err(WayFailure::NothingBack);
            }
            CheckPeerState::Connecting => sleep_ms(LOOK_EVERY_MS).await,
        }
    }
}

fn words_of(stats: CheckStats) -> String {
    let way = match stats {
        CheckStats { is_relayed: true, .. } => "through a relay",
        CheckStats { is_tcp: true, .. } => "by TCP",
        _ => "by UDP",
    };
    came_back(
        way,
        stats.round_trip_ms,
        lost_percent(stats.sent, stats.received, stats.lost),
    )
}

fn failed(way: OnlyWay, failure: &WayFailure) -> StepState {
    match failure {
        WayFailure::NoAnswer(NoAnswer::Refused(why)) => StepState::bad("Snug refused this check.", why.sentence()),
        WayFailure::NoAnswer(NoAnswer::Silence) => StepState::bad(
            "The live connection was lost.",
            "Check that this device is online, then check again.",
        ),
        WayFailure::Browser | WayFailure::NotOffered => StepState::bad(
            "This browser could not make the connection.",
            "Switch off extensions that block WebRTC, or open this page in another browser.",
        ),
        WayFailure::NothingBack => StepState::bad("Nothing came back in 6 seconds.", advice_about(way)),
    }
}

fn advice_about(way: OnlyWay) -> &'static str {
    match way {
        OnlyWay::Udp => {
            "Allow UDP in the firewall of your network, or try another network, such as your phone's. If nobody gets through, tell the person who runs this Snug."
        }
        OnlyWay::Tcp => "Tell the person who runs this Snug that the voice port does not answer by TCP.",
        OnlyWay::Relay => "Tell the person who runs this Snug that the relay (TURN server) does not answer.",
        OnlyWay::Any => "Try another network, such as your phone's.",
    }
}
