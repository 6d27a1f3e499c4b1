//! The parts of a call's state that pages show. Each part is a separate signal, so that a change renders only its own part again.

use super::{
    call_end::CallEnd,
    machine::CallMachine,
    own_device::DeviceNews,
    own_sound::SoundTrouble,
    states::{JoinState, Mic, SoundState},
    voice_levels::Voices,
    watched_facts::WatchedFacts,
};
use crate::{
    browser::microphone::Closed,
    model::{
        id::{RoomId, UserId},
        moderation_log::ModerationPanel,
        room::{ParticipantInfo, RoomInfo},
        stage::Role,
    },
    ui::{reconnecting_socket::SocketState, stripped_sockets::watch_for_proxy},
};
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct CallView {
    pub info: Memo<RoomInfo>,
    pub roster: Memo<Vec<ParticipantInfo>>,
    pub panel: Memo<ModerationPanel>,
    pub me: Memo<Option<UserId>>,
    pub own_info: Memo<Option<ParticipantInfo>>,
    /// Your role, while you are inside. Read it with [`CallView::role`].
    own_role: Memo<Option<Role>>,
    pub join_state: Memo<JoinState>,
    pub ended: Memo<Option<CallEnd>>,
    pub refused: Memo<Option<String>>,
    pub refusals: Memo<u32>,
    pub sound: Memo<SoundState>,
    pub needs_tap: Memo<bool>,
    /// Whether nothing of you arrives at the server, or nothing reaches you, after it once did. Nobody hears you then.
    pub cut_off: Memo<bool>,
    pub mic: Memo<Mic>,
    /// Whether the system has muted the microphone while you are live, for example for a phone call.
    pub held_by_system: Memo<bool>,
    /// A sentence about the device of your microphone: it is gone, or another one has taken its place.
    pub device_news: Memo<Option<String>>,
    pub microphone_name: Memo<Option<String>>,
    /// What is wrong with the sound of your microphone while you are live.
    pub sound_trouble: ReadSignal<Option<SoundTrouble>>,
    pub mic_closed: Memo<Option<Closed>>,
    pub mic_remark: Memo<Option<&'static str>>,
    pub echo: Memo<bool>,
    pub socket_state: ReadSignal<SocketState>,
    /// The sentence for the screen while a proxy does not let the room's socket through.
    pub stripped_socket: ReadSignal<Option<String>>,
    /// The loudness of your own voice while your microphone is live or "Hear yourself" is on. Otherwise, and in silence, `None`.
    pub level: ReadSignal<Option<u8>>,
    pub voices: ReadSignal<Voices>,
    /// How often your hand was lowered without this page.
    pub hand_lowered: Memo<u32>,
    /// Whether the page is hidden, for example because another tab is shown.
    pub page_hidden: Memo<bool>,
    pub moved_elsewhere: Memo<bool>,
    /// Whether something outside the page has paused the voices of others, or the browser refuses to play them.
    pub sound_paused: Memo<bool>,
    /// Whether your voices go through a TURN server. The server of this Snug can't know that.
    pub is_relayed: Memo<bool>,
    /// What the server tells about a voice connection, while a sheet about it is open.
    pub facts: Memo<WatchedFacts>,
    /// Whether nobody has talked for a while.
    pub is_silent: ReadSignal<bool>,
    /// The name of the host who has muted you for everyone, while you are muted and if it is known.
    pub muted_by: Memo<Option<String>>,
    /// The name of the host who invites you to the stage, while you are invited and if it is known.
    pub invited_by: Memo<Option<String>>,
}

/// The loudness of people's voices. It is not part of the state machine, because it changes too often.
#[derive(Clone, Copy)]
pub struct Measured {
    pub level: RwSignal<Option<u8>>,
    pub voices: RwSignal<Voices>,
    pub is_silent: RwSignal<bool>,
    pub sound_trouble: RwSignal<Option<SoundTrouble>>,
}

impl CallView {
    pub fn of(machine: RwSignal<CallMachine>, socket: RwSignal<SocketState>, measured: Measured) -> Self {
        Self {
            info: part(machine, |machine| machine.room.info.clone()),
            roster: part(machine, |machine| machine.room.roster.clone()),
            panel: part(machine, |machine| machine.room.panel.clone()),
            me: part(machine, |machine| machine.room.me.clone()),
            own_info: part(machine, |machine| machine.room.own_info().cloned()),
            own_role: part(machine, |machine| machine.room.own_info().map(|own| own.role)),
            join_state: part(machine, |machine| machine.join_state),
            ended: part(machine, |machine| machine.ended.clone()),
            refused: part(machine, |machine| machine.refused.clone()),
            refusals: part(machine, |machine| machine.refusals),
            sound: part(machine, |machine| machine.connection.sound),
            needs_tap: part(machine, |machine| machine.connection.needs_tap),
            cut_off: part(machine, |machine| machine.connection.is_cut_off()),
            mic: part(machine, CallMachine::shown_mic),
            held_by_system: part(machine, CallMachine::is_held_by_system),
            device_news: part(machine, |machine| {
                machine.device.news.as_ref().map(DeviceNews::sentence)
            }),
            microphone_name: part(machine, |machine| machine.device.name.clone()),
            sound_trouble: measured.sound_trouble.read_only(),
            mic_closed: part(machine, |machine| machine.microphone.closed),
            mic_remark: part(machine, |machine| machine.microphone.remark),
            echo: part(machine, |machine| machine.microphone.echo),
            socket_state: socket.read_only(),
            stripped_socket: watch_for_proxy(socket.read_only(), move || socket_path(machine)),
            level: measured.level.read_only(),
            voices: measured.voices.read_only(),
            hand_lowered: part(machine, |machine| machine.hands.lowered),
            page_hidden: part(machine, |machine| machine.surroundings.page_hidden),
            moved_elsewhere: part(machine, |machine| machine.moved_elsewhere),
            sound_paused: part(machine, |machine| {
                machine.connection.needs_tap || machine.connection.is_paused
            }),
            is_relayed: part(machine, |machine| machine.connection.is_relayed()),
            facts: part(machine, |machine| machine.facts.clone()),
            is_silent: measured.is_silent.read_only(),
            muted_by: part(machine, |machine| machine.room.muted_by().map(str::to_owned)),
            invited_by: part(machine, |machine| machine.room.invited_by().map(str::to_owned)),
        }
    }

    pub fn id(self) -> RoomId {
        self.info.with_untracked(|info| info.id.clone())
    }

    pub fn is_of(self, room: &RoomId) -> bool {
        self.info.with_untracked(|info| info.id == *room)
    }

    /// The level of a person's voice, `None` while they are silent.
    pub fn level_of(self, user: &UserId) -> Option<u8> {
        self.voices.with(|voices| voices.level(user))
    }

    /// Whether one of these people is speaking.
    pub fn is_anybody_speaking(self, people: &[UserId]) -> bool {
        self.voices
            .with(|voices| !voices.is_empty() && people.iter().any(|user| voices.level(user).is_some()))
    }

    /// The names of the people who are speaking.
    pub fn speakers(self) -> Vec<String> {
        self.voices
            .with(|voices| self.roster.with(|roster| voices.names(roster)))
    }

    /// The other people who are speaking, each with their name.
    pub fn others_speaking(self) -> Vec<(UserId, String)> {
        let me = self.me.get();
        self.voices.with(|voices| {
            self.roster.with(|roster| {
                let others = voices
                    .speaking(roster)
                    .filter(|one| Some(&one.person.id) != me.as_ref());
                others
                    .map(|one| (one.person.id.clone(), one.person.name.clone()))
                    .collect()
            })
        })
    }

    /// Your role, while you are inside.
    pub fn role(self) -> Option<Role> {
        self.own_role.get()
    }

    /// The role of somebody inside.
    pub fn role_of(self, user: &UserId) -> Option<Role> {
        let of = |roster: &Vec<ParticipantInfo>| roster.iter().find(|one| one.person.id == *user).map(|one| one.role);
        self.roster.with_untracked(of)
    }

    /// Whether the call has ended for this page, for any reason.
    pub fn is_over(self) -> bool {
        self.ended.with(Option::is_some)
    }
}

fn socket_path(machine: RwSignal<CallMachine>) -> String {
    machine.with_untracked(|machine| format!("/ws/rooms/{}", machine.room.info.id))
}

/// A signal for a part of the machine's state. It notifies only if that part has changed.
fn part<T: PartialEq + Send + Sync + 'static>(machine: RwSignal<CallMachine>, read: fn(&CallMachine) -> T) -> Memo<T> {
    Memo::new(move |_| machine.with(read))
}
