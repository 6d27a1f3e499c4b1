//! What the call does when a signal of the server arrives.

use super::CallMachine;
use crate::{
    model::{room::ParticipantInfo, signal::ServerSignal},
    ui::call::{
        call_end::CallEnd,
        events::CallOutput,
        hands::HandsUp,
        room_view::{RoomView, apply},
        states::{JoinState, Mic},
    },
};

/// Why you are muted after this page was loaded again.
const LOADED_AGAIN: &str = "This page was loaded again, so your microphone is off. Unmute when you are ready.";

impl CallMachine {
    pub(super) fn on_signal(&mut self, signal: ServerSignal, outputs: &mut Vec<CallOutput>) {
        match signal {
            ServerSignal::Welcome {
                you, room, speaking, ..
            } => {
                self.is_welcomed = true;
                self.room = RoomView::new(*room, Some(you));
                // Inside, the page sees by itself who is speaking, and the server does not say when they stop.
                if self.join_state != JoinState::Inside {
                    outputs.push(CallOutput::ShowSpeaking(speaking));
                }
                self.connection.forget_offers();
                if self.open_requests.doubt(&self.room) {
                    self.say_perhaps_lost(outputs);
                }
                // If your voice does not arrive, the server says so again.
                self.connection.note_arrival(true);
                match self.join_state {
                    JoinState::Lobby => {}
                    // The server perhaps still has the voice connection. Its answer says so.
                    JoinState::Inside if self.connection.can_restart() => self.connection.restart(self.now_ms, outputs),
                    JoinState::Joining | JoinState::Inside => self.connection.open(outputs),
                }
            }
            ServerSignal::Joined { sdp } => {
                if self.connection.accept(sdp, outputs) {
                    // From now on the voice packets say who is speaking, and the server no longer sends `speaking`. So forget the people
                    // whom the last `speaking` named.
                    outputs.push(CallOutput::ShowSpeaking(vec![]));
                    self.join_state = JoinState::Inside;
                    outputs.push(CallOutput::SendMicrophone);
                    self.watch_facts_again(outputs);
                    // The server has let you in muted. After a long gap, the microphone is muted here too.
                    match self.room.may_talk() {
                        // You go on when the system gives the microphone back.
                        true if self.is_held_by_system() => {}
                        true => self.microphone.go_on(outputs),
                        false => self.microphone.silence(outputs),
                    }
                }
            }
            ServerSignal::Restarted { sdp } => {
                self.watch_facts_again(outputs);
                if self.connection.accept_restart(sdp, outputs)
                    && let Some(me) = self.room.own_info()
                {
                    let (may_talk, is_open, is_held) = (me.may_talk(), !me.muted, self.is_held_by_system());
                    match may_talk {
                        true => self.microphone.agree_after_gap(is_open, is_held, outputs),
                        false => self.microphone.silence(outputs),
                    }
                }
            }
            ServerSignal::VoiceArrives { arrives } => {
                self.connection.note_arrival(arrives);
                // The socket works, so it can carry the restart at once.
                if !arrives && self.shown_mic() == Mic::Live && self.connection.can_restart() {
                    self.connection.restart(self.now_ms, outputs);
                }
            }
            ServerSignal::VoiceFacts { of, facts } => self.facts.note(&of, facts),
            // The socket itself has noted that it works.
            ServerSignal::Pong { .. } => {}
            ServerSignal::Roster { joined, left, changed } => {
                let hush = |one: &ParticipantInfo| match one.muted {
                    true => CallOutput::Hush { voice: one.voice },
                    false => CallOutput::Unhush { voice: one.voice },
                };
                outputs.extend(changed.iter().map(hush));
                let hands_before = HandsUp::of(&self.room);
                let was_muted = self.room.own_info().is_some_and(|me| me.muted);
                apply(&mut self.room.roster, joined, &left, changed);
                let is_asked = self.hands.on_change(&hands_before, &HandsUp::of(&self.room));
                if is_asked && self.join_state == JoinState::Inside {
                    outputs.push(CallOutput::RingForHand);
                }
                outputs.push(CallOutput::HushMuted);
                if !self.room.may_talk() {
                    self.microphone.silence(outputs);
                }
                if self.room.own_info().is_some_and(|me| !me.muted) {
                    match self.is_held_by_system() {
                        true if was_muted => self.moved_elsewhere |= self.microphone.note_open_while_held(outputs),
                        true => {}
                        false => self.microphone.note_granted(),
                    }
                }
                if self.was_loaded_again && self.room.own_info().is_some() {
                    self.was_loaded_again = false;
                    self.microphone.remark = self.room.may_talk().then_some(LOADED_AGAIN);
                }
                self.answer(outputs);
            }
            ServerSignal::RoomInfo { info } => {
                self.room.info = *info;
                self.answer(outputs);
            }
            ServerSignal::ModerationPanel { panel } => {
                self.room.panel = panel;
                self.answer(outputs);
                if self.open_requests.forget_doubtful() {
                    self.say_perhaps_lost(outputs);
                }
            }
            ServerSignal::Speaking { who } => {
                if self.join_state != JoinState::Inside {
                    outputs.push(CallOutput::ShowSpeaking(who));
                }
            }
            ServerSignal::MutedByHost { by } => self.room.last_muter = Some(by),
            ServerSignal::InvitedByHost { by } => self.room.last_inviter = Some(by),
            // `Presence` has given the new credentials to the connection already. A relay that was allocated with the old ones ends soon, so
            // look for a path with the new ones while the old path works.
            ServerSignal::IceServers { .. } => {
                if self.connection.is_relayed() && self.connection.can_restart() {
                    self.connection.restart(self.now_ms, outputs);
                }
            }
            ServerSignal::MutedElsewhere => {
                // After a gap, the server says so even if this page was muted anyway.
                if self.microphone.mic != Mic::Muted {
                    self.moved_elsewhere = true;
                    self.microphone.mute_elsewhere(outputs);
                }
            }
            // The server has forgotten the connection, for example because the server was restarted. Nothing has failed, so join again.
            ServerSignal::Unplugged if self.connection.search.is_restarting() => {
                self.connection.close(outputs);
                self.connection.open(outputs);
            }
            ServerSignal::Unplugged => self.lose_connection(outputs),
            ServerSignal::Refused { why } => {
                // A refusal that passes can be about any signal, and so also about the end.
                if why.is_about_requests() || why.passes() {
                    self.asked_to_end = false;
                }
                self.refuse(why, outputs);
            }
            ServerSignal::Ended { why } => {
                let end = CallEnd::of_ending(&why, &self.room.info.topic, self.asked_to_end);
                self.end(end, outputs);
            }
        }
    }

    /// Tells you what the room has done because you asked for it.
    fn answer(&mut self, outputs: &mut Vec<CallOutput>) {
        let answers = self.open_requests.take_answers(&self.room);
        outputs.extend(answers.into_iter().map(CallOutput::Answer));
    }

    pub(super) fn end(&mut self, end: CallEnd, outputs: &mut Vec<CallOutput>) {
        self.ended = Some(end);
        self.disconnect(outputs);
        self.room.roster.clear();
    }
}
