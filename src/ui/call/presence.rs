//! Presence in one room: the roster as the room's socket tells it, and the way in and out.

use super::{
    media::{Media, SoundState},
    own_microphone::{Mic, OwnMicrophone},
    roster::apply,
    voice_levels::Voices,
};
use crate::{
    model::{
        id::{RoomId, UserId},
        moderation_log::ModerationPanel,
        room::{ParticipantInfo, RoomInfo, RoomPage},
        signal::{ClientSignal, Ending, ServerSignal},
        stage::{Role, StageRequest},
    },
    ui::reconnecting_socket::{ReconnectingSocket, SocketState},
};
use leptos::prelude::*;
use send_wrapper::SendWrapper;

/// Whether one is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinState {
    /// Looking in, counted nowhere.
    Lobby,
    /// On the way in.
    Joining,
    Inside,
}

/// Where one can go from a room that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextPage {
    Rooms,
    /// The session is over too.
    SignIn,
    /// It was a guest's, who has nothing to sign in with.
    Start,
}

/// The signals of one room. They outlive its page where the call goes on.
#[derive(Clone, Copy)]
pub struct Presence {
    pub info: RwSignal<RoomInfo>,
    pub roster: RwSignal<Vec<ParticipantInfo>>,
    /// What hosts see beside the stage; empty for everybody else.
    pub panel: RwSignal<ModerationPanel>,
    /// Who one is, once the room has said so.
    pub me: RwSignal<Option<UserId>>,
    /// Oneself on the roster, while one is inside.
    pub own_info: Memo<Option<ParticipantInfo>>,
    pub socket_state: RwSignal<SocketState>,
    /// Why it is over, in a sentence.
    pub ended: RwSignal<Option<String>>,
    /// Where one can go then.
    pub next_page: RwSignal<NextPage>,
    pub join_state: RwSignal<JoinState>,
    /// Why the last thing that was asked for was not done, in a sentence.
    pub refused: RwSignal<Option<String>>,
    pub voices: RwSignal<Voices>,
    pub media: Media,
    pub own_microphone: OwnMicrophone,
    /// This socket has said who is here: from then on one may offer to join.
    welcomed: StoredValue<bool>,
    /// Filled in the browser only; a render on the server may end on another thread than it began on.
    connection: StoredValue<Option<SendWrapper<ReconnectingSocket>>>,
}

impl Presence {
    /// Begins with the room as it was rendered.
    pub fn begin(room: &RoomPage) -> Self {
        let (roster, me) = (RwSignal::new(room.roster.clone()), RwSignal::new(None));
        let part = move |_: Option<&Option<ParticipantInfo>>| {
            let me = me.get()?;
            roster.with(|roster| roster.iter().find(|one| one.person.id == me).cloned())
        };
        let presence = Self {
            info: RwSignal::new(room.info.clone()),
            roster,
            panel: RwSignal::new(ModerationPanel::default()),
            me,
            own_info: Memo::new(part),
            socket_state: RwSignal::new(SocketState::Opening),
            ended: RwSignal::new(None),
            next_page: RwSignal::new(NextPage::Rooms),
            join_state: RwSignal::new(JoinState::Lobby),
            refused: RwSignal::new(None),
            voices: RwSignal::new(Voices::default()),
            media: Media::new(),
            own_microphone: OwnMicrophone::new(),
            welcomed: StoredValue::new(false),
            connection: StoredValue::new(None),
        };
        Effect::new(move |_| presence.follow_socket());
        presence
    }

    pub fn id(self) -> RoomId {
        self.info.with_untracked(|info| info.id.clone())
    }

    pub fn is_of(self, room: &RoomId) -> bool {
        self.info.try_with_untracked(|info| info.id == *room).unwrap_or(false)
    }

    /// Whether both are the same presence.
    pub fn is(self, other: Presence) -> bool {
        self.info == other.info
    }

    /// The level of a person's voice, `None` while they are silent.
    pub fn level(self, user: &UserId) -> Option<u8> {
        self.voices.with(|voices| voices.level(user))
    }

    /// The names of those who speak.
    pub fn speakers(self) -> Vec<String> {
        self.voices
            .with(|voices| self.roster.with(|roster| voices.names(roster)))
    }

    /// Whether the socket was opened, be it up or down.
    pub fn has_socket(self) -> bool {
        self.connection.try_with_value(Option::is_some).unwrap_or(false)
    }

    /// Opens the socket: from now on one sees who is here.
    pub fn enter_lobby(self) {
        if self.has_socket() {
            return;
        }
        let on_message = move |text: String| {
            if let Ok(signal) = serde_json::from_str(&text) {
                self.on_signal(signal);
            }
        };
        let socket = ReconnectingSocket::open(format!("/ws/rooms/{}", self.id()), self.socket_state, on_message);
        self.connection.set_value(Some(SendWrapper::new(socket)));
    }

    fn follow_socket(self) {
        match self.socket_state.get() {
            SocketState::Lost { attempt } => {
                self.welcomed.set_value(false);
                self.media.unplug();
                self.own_microphone.mute_after_loss();
                self.voices.set(Voices::default());
                if self.join_state.get_untracked() == JoinState::Inside {
                    self.join_state.set(JoinState::Joining);
                }
                // A refused socket says nothing: ask the endpoint whether the room is still there.
                if attempt > 1 {
                    self.ask_why();
                }
            }
            SocketState::Opening | SocketState::Open | SocketState::Over => {}
        }
    }

    /// Goes in, muted. To be called in a click: sound may play from then on.
    pub fn join(self) {
        if self.join_state.get_untracked() == JoinState::Lobby {
            self.refused.set(None);
            self.join_state.set(JoinState::Joining);
            // Before the welcome the socket takes nothing; it brings the offer by itself.
            if self.welcomed.get_value() {
                self.plug_in();
            }
        }
    }

    /// Makes the voice connection, the first or another one.
    pub fn plug_in(self) {
        self.media.plug_in(self);
    }

    /// Says something to the room; lost while the socket is not open.
    pub fn say(self, signal: &ClientSignal) {
        let text = serde_json::to_string(signal).unwrap_or_default();
        self.connection
            .try_with_value(|socket| socket.as_ref().map(|socket| socket.send(&text)));
    }

    /// Asks the room for something that concerns the stage.
    pub fn request(self, request: StageRequest) {
        self.refused.set(None);
        self.say(&ClientSignal::StageRequest(request));
    }

    /// What one is here, while one is inside.
    pub fn role(self) -> Option<Role> {
        self.own_info.with(|part| part.as_ref().map(|part| part.role))
    }

    /// Leaves on purpose.
    pub fn leave(self) {
        self.say(&ClientSignal::Leave);
        self.disconnect();
    }

    /// Lets go of line, voice and microphone.
    pub fn disconnect(self) {
        self.connection
            .try_with_value(|socket| socket.as_ref().map(|socket| socket.hang_up()));
        self.connection.try_set_value(None);
        self.media.unplug();
        self.own_microphone.release_microphone();
        self.join_state.try_set(JoinState::Lobby);
    }

    fn on_signal(self, signal: ServerSignal) {
        match signal {
            ServerSignal::Welcome { you, room, speaking } => {
                self.welcomed.set_value(true);
                self.me.set(Some(you));
                self.info.set(room.info);
                self.roster.set(room.roster);
                self.panel.set(ModerationPanel::default());
                self.voices.set(Voices::from_server(speaking));
                self.media.forget_offers();
                if self.join_state.get_untracked() != JoinState::Lobby {
                    self.plug_in();
                }
            }
            ServerSignal::Joined { sdp } => self.media.accept(self, sdp),
            ServerSignal::Roster { joined, left, changed } => {
                changed
                    .iter()
                    .for_each(|one| self.media.hear_or_hush(one.voice, one.muted));
                self.roster.update(|roster| apply(roster, joined, &left, changed));
                self.voices
                    .update(|voices| voices.hush_muted(&self.roster.read_untracked()));
                if self
                    .own_info
                    .with_untracked(|part| part.as_ref().is_some_and(|part| !part.may_talk()))
                {
                    self.own_microphone.silence();
                }
            }
            ServerSignal::RoomInfo { info } => self.info.set(*info),
            ServerSignal::ModerationPanel { panel } => self.panel.set(panel),
            ServerSignal::Speaking { who } => {
                if self.join_state.get_untracked() != JoinState::Inside {
                    self.voices.set(Voices::from_server(who));
                }
            }
            ServerSignal::MutedElsewhere => self.own_microphone.muted_elsewhere(),
            ServerSignal::Unplugged => self.media.lost(self),
            ServerSignal::Refused { why } => self.refuse(why),
            ServerSignal::Ended { why } => {
                let next_page = match why {
                    Ending::LinkRevoked => NextPage::Start,
                    Ending::SignedOut | Ending::Disabled => NextPage::SignIn,
                    _ => NextPage::Rooms,
                };
                self.end(next_page, &why.sentence());
            }
        }
    }

    /// The socket may look open and be dead: opens another one.
    pub fn reopen_socket(self) {
        self.connection
            .try_with_value(|socket| socket.as_ref().map(|socket| socket.reopen()));
    }

    /// Whether the room is over for this page, for whatever reason.
    pub fn is_over(self) -> bool {
        self.ended.with(Option::is_some)
    }

    pub(super) fn end(self, next_page: NextPage, sentence: &str) {
        self.next_page.set(next_page);
        self.ended.set(Some(sentence.to_owned()));
        self.disconnect();
        self.roster.set(vec![]);
    }

    /// What somebody inside is here.
    pub fn role_of(self, user: &UserId) -> Option<Role> {
        let of = |roster: &Vec<ParticipantInfo>| roster.iter().find(|one| one.person.id == *user).map(|one| one.role);
        self.roster.with_untracked(of)
    }

    /// Whether somebody hears this page.
    pub fn is_live(self) -> bool {
        self.own_microphone.mic.get() == Mic::Live
    }

    /// Whether sound goes through, as far as it is known.
    pub fn sound(self) -> SoundState {
        self.media.sound.get()
    }
}
