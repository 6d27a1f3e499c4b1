//! A call for tests. A test says what happens to the call, and checks what the call asks the browser to do.

use crate::{
    browser::{
        microphone::Closed,
        peer::{PeerEventKind, Traffic},
    },
    model::{
        id::{RoomId, UserId},
        room::{ParticipantInfo, Person, RoomInfo, RoomKind, RoomPage, Rules},
        signal::{ClientSignal, ServerSignal},
        stage::Role,
    },
    ui::{
        call::{
            events::{CallInput, CallOutput, ConnectionEvent},
            machine::CallMachine,
            states::Mic,
        },
        reconnecting_socket::SocketState,
    },
};

pub const UNMUTE: ClientSignal = ClientSignal::Mute { on: false };
pub const MUTE: ClientSignal = ClientSignal::Mute { on: true };

pub fn user(name: &str) -> UserId {
    UserId::parse(&format!("user-{name:a<10}")).expect("an id")
}

pub fn participant(name: &str) -> ParticipantInfo {
    ParticipantInfo::new(Person::named(user(name), name), Role::Speaker, 7)
}

pub fn page() -> RoomPage {
    let host = participant("Ada").person;
    RoomPage {
        info: RoomInfo::new(
            RoomId::parse("room-tea-01").expect("an id"),
            "Tea",
            RoomKind::Open,
            host,
            Rules::default(),
        ),
        roster: vec![participant("Ada")],
        let_in_by: None,
    }
}

pub fn lost(attempt: u32, restarting: bool) -> CallInput {
    CallInput::Socket(SocketState::Lost { attempt, restarting })
}

/// A call, and in `asked` its outputs since the last time a test emptied `asked`.
pub struct Story {
    pub call: CallMachine,
    pub asked: Vec<CallOutput>,
    pub now_ms: f64,
}

impl Story {
    /// A call in the lobby, after the welcome.
    pub fn in_the_lobby() -> Self {
        let mut story = Self {
            call: CallMachine::new(&page()),
            asked: vec![],
            now_ms: 0.0,
        };
        story.happens(CallInput::Socket(SocketState::Open));
        story.is_welcomed_with(page());
        story
    }

    /// A welcome arrives, which shows the room like this.
    pub fn is_welcomed_with(&mut self, room: RoomPage) {
        self.hears(ServerSignal::Welcome {
            you: user("Ben"),
            room: Box::new(room),
            speaking: vec![],
            now_s: 1_800_000_000,
            ice_servers: vec![],
        });
    }

    /// The room as a welcome shows it while Ben is inside.
    pub fn page_with_ben(&self, muted: bool) -> RoomPage {
        let ben = ParticipantInfo {
            muted,
            ..participant("Ben")
        };
        let mut room = page();
        room.roster.push(ben);
        room
    }

    /// The server shows that Ben's microphone is on.
    pub fn is_granted(&mut self) {
        let ben = ParticipantInfo {
            muted: false,
            ..participant("Ben")
        };
        self.hears(ServerSignal::changed_at(ben));
    }

    /// This many milliseconds pass.
    pub fn waits(&mut self, ms: f64) {
        self.now_ms += ms;
    }

    /// The page counts what has gone through so far. A browser that counts bytes has counted at least one.
    pub fn counts(&mut self, bytes: u64) {
        let traffic = Traffic {
            bytes,
            ..Traffic::default()
        };
        self.about_connection(ConnectionEvent::Peer(PeerEventKind::Traffic(traffic)));
    }

    /// For `ms`, the page counts 2.5 times a second, and nothing arrives.
    pub fn hears_nothing_for(&mut self, ms: u32) {
        let bytes = self.call.connection.counted.traffic.bytes;
        for _ in 0..ms / 400 {
            self.waits(400.0);
            self.counts(bytes);
        }
    }

    /// The answer to the last restart arrives.
    pub fn is_restarted(&mut self) {
        let sdp = "restart".to_owned();
        self.about_connection(ConnectionEvent::RestartOffered { sdp: sdp.clone() });
        assert!(self.sends(&ClientSignal::RestartIce { sdp }));
        self.hears(ServerSignal::Restarted { sdp: "answer".into() });
    }

    /// A call inside the room, with a voice connection.
    pub fn inside() -> Self {
        let mut story = Self::in_the_lobby();
        story.happens(CallInput::Join);
        story.is_let_in();
        story.asked.clear();
        story
    }

    /// A call in which Ben talks, everybody sees it, and the page counts what arrives.
    pub fn talking() -> Self {
        let mut story = Self::inside();
        story.is_live();
        story.is_granted();
        story.counts(1_000);
        story.asked.clear();
        story
    }

    pub fn is_let_in(&mut self) {
        self.browser_offers();
        self.hears(ServerSignal::Joined { sdp: "answer".into() });
        self.hears(ServerSignal::joined_by(participant("Ben")));
        self.about_connection(ConnectionEvent::Peer(PeerEventKind::Connected));
    }

    /// The browser has made an offer for the current connection.
    pub fn browser_offers(&mut self) {
        let sdp = "offer".to_owned();
        self.about_connection(ConnectionEvent::Offered { sdp });
    }

    /// Something happens to the current connection.
    pub fn about_connection(&mut self, event: ConnectionEvent) {
        let attempt = self.attempt();
        self.happens(CallInput::Connection { attempt, event });
    }

    pub fn happens(&mut self, input: CallInput) {
        let outputs = self.call.handle(input, self.now_ms);
        self.asked.extend(outputs);
    }

    pub fn hears(&mut self, signal: ServerSignal) {
        self.happens(CallInput::Signal(Box::new(signal)));
    }

    /// The number of the current attempt.
    pub fn attempt(&self) -> u32 {
        (0..100)
            .find(|attempt| self.call.connection.is_current(*attempt))
            .expect("few attempts")
    }

    /// The browser answers the last request to open the microphone.
    pub fn microphone_opens(&mut self, opened: Result<(), Closed>) {
        let purpose = self.asked.iter().rev().find_map(|output| match output {
            CallOutput::OpenMicrophone(purpose) => Some(*purpose),
            _ => None,
        });
        let purpose = purpose.expect("the microphone was asked for");
        self.happens(CallInput::MicrophoneOpened { purpose, opened });
    }

    pub fn is_live(&mut self) {
        self.happens(CallInput::Unmute);
        self.microphone_opens(Ok(()));
        assert_eq!(self.call.microphone.mic, Mic::Live);
        self.asked.clear();
    }

    pub fn asks(&self, wanted: impl Fn(&CallOutput) -> bool) -> bool {
        self.asked.iter().any(wanted)
    }

    pub fn opens_a_connection(&self) -> bool {
        self.asks(|output| matches!(output, CallOutput::OpenConnection { .. }))
    }

    /// How often another socket was asked for.
    pub fn renews(&self) -> usize {
        let is_renewal = |output: &&CallOutput| matches!(output, CallOutput::RenewSocket { .. });
        self.asked.iter().filter(is_renewal).count()
    }

    /// Whether an ICE restart was asked for.
    pub fn restarts(&self) -> bool {
        self.asks(|output| matches!(output, CallOutput::RestartConnection { .. }))
    }

    /// The sentence about why you are muted; empty if there is none.
    pub fn remark(&self) -> &'static str {
        self.call.microphone.remark.unwrap_or_default()
    }

    pub fn sends(&self, signal: &ClientSignal) -> bool {
        self.asks(|output| matches!(output, CallOutput::Send(sent) if sent == signal))
    }
}
