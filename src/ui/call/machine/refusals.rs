//! What a call does when the server refuses a request.

use super::CallMachine;
use crate::{
    model::signal::Refusal,
    ui::call::{
        events::{CallOutput, CallTimer},
        states::{JoinState, SoundState},
    },
};

/// How long a page says why a request was refused, in milliseconds.
const REFUSAL_SHOWN_MS: u32 = 8_000;
const PERHAPS_LOST: &str =
    "The connection was interrupted, so your last action may not have arrived. If nothing has changed, try it again.";

impl CallMachine {
    /// Handles a refused request. If the request was an offer to join, the page tries again by itself or gives up.
    pub(super) fn refuse(&mut self, why: Refusal, outputs: &mut Vec<CallOutput>) {
        self.refusals += 1;
        self.open_requests.refuse(why);
        if why.is_about_joining() {
            self.refuse_to_join(why, outputs);
            return;
        }
        if matches!(
            why,
            Refusal::Listening | Refusal::MutedByHost | Refusal::NewAccount { .. }
        ) {
            self.microphone.silence(outputs);
        }
        match why {
            Refusal::NotJoined => self.microphone.mute_after_loss(outputs),
            why => self.say_refused(why, outputs),
        }
    }

    /// Says for a while why a request was refused. The sentence about a refused join stays until you try again.
    fn say_refused(&mut self, why: Refusal, outputs: &mut Vec<CallOutput>) {
        self.say_for_a_while(why.sentence(), outputs);
    }

    /// Says that a request may have been lost together with its socket.
    pub(super) fn say_perhaps_lost(&mut self, outputs: &mut Vec<CallOutput>) {
        // The switches show again what the room says.
        self.refusals += 1;
        self.say_for_a_while(PERHAPS_LOST.to_owned(), outputs);
    }

    fn say_for_a_while(&mut self, sentence: String, outputs: &mut Vec<CallOutput>) {
        self.refused = Some(sentence);
        let timer = CallTimer::RefusalRead { refusal: self.refusals };
        let after_ms = REFUSAL_SHOWN_MS;
        outputs.push(CallOutput::Start { timer, after_ms });
    }

    /// Removes the sentence about the refusal with this number, if no other refusal has come since.
    pub(super) fn forget_refusal(&mut self, refusal: u32) {
        if self.refusals == refusal {
            self.refused = None;
        }
    }

    /// Handles a refusal that can be the answer to an offer. If the reason passes by itself, the page offers again after a pause, as
    /// after a lost connection: after a restart of the server, everybody offers at the same time, and nobody should have to
    /// click. After too many tries, or for any other reason, you go back to the lobby, but stay inside if you were inside.
    fn refuse_to_join(&mut self, why: Refusal, outputs: &mut Vec<CallOutput>) {
        if self.connection.search.is_restarting() {
            // Perhaps the refusal is about something else, but a new connection puts everything right.
            self.lose_connection(outputs);
            return;
        }
        let is_offered = self.connection.is_offered();
        self.connection.count_answer();
        if why.passes() && self.join_state != JoinState::Lobby {
            if !is_offered {
                // The server refused another request, for example an unmute. The connection stays as it is.
                self.microphone.take_back_unmute(outputs);
                self.say_refused(why, outputs);
                return;
            }
            self.lose_connection(outputs);
            if self.connection.sound != SoundState::Blocked {
                return;
            }
        }
        self.refused = Some(why.sentence());
        self.was_loaded_again = false;
        // After a restart of the server, you are inside only on this page until the server lets you in again.
        let is_inside = self.join_state == JoinState::Inside && self.room.own_info().is_some();
        match self.join_state {
            JoinState::Inside if is_inside => self.connection.give_up(outputs),
            JoinState::Joining | JoinState::Inside => {
                self.connection.end(outputs);
                self.microphone.release(outputs);
                self.join_state = JoinState::Lobby;
            }
            JoinState::Lobby => {}
        }
    }
}
