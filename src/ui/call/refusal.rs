//! What the server did not do, and why a socket was refused.

use super::presence::{JoinState, NextPage, Presence};
use crate::{api, error::Kind, model::signal::Refusal};
use leptos::{prelude::*, task::spawn_local};

impl Presence {
    /// What was asked for is not done: the person stays in the lobby, and a second connection of who is inside is none.
    pub fn refuse(self, why: Refusal) {
        let join_state = self.join_state.get_untracked();
        // What was clicked and not done looks as it was.
        self.info.notify();
        if !why.is_about_joining() {
            if matches!(
                why,
                Refusal::Listening | Refusal::MutedByHost | Refusal::NewAccount { .. }
            ) {
                self.own_microphone.silence();
            }
            if why == Refusal::NotJoined {
                self.own_microphone.mute_after_loss();
            } else {
                self.refused.set(Some(why.sentence()));
            }
            return;
        }
        self.media.take_answer();
        self.refused.set(Some(why.sentence()));
        match join_state {
            JoinState::Joining => {
                self.media.unplug();
                self.own_microphone.release_microphone();
                self.join_state.set(JoinState::Lobby);
            }
            JoinState::Inside => self.media.give_up_connecting(),
            JoinState::Lobby => {}
        }
    }

    /// The socket was refused: the endpoint knows why.
    pub(super) fn ask_why(self) {
        spawn_local(async move {
            let Err(error) = api::rooms::find(self.id().to_string()).await else {
                return;
            };
            if error.needs_sign_in()
                || matches!(
                    error.kind,
                    Kind::NotFound | Kind::NotActivated | Kind::Forbidden | Kind::SomebodyElse
                )
            {
                let next_page = match error.needs_sign_in() {
                    true => NextPage::SignIn,
                    false => NextPage::Rooms,
                };
                self.end(next_page, &error.detail);
            }
        });
    }
}
