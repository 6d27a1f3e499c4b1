//! The voice connection of a presence: made, made again when it fails, and asked who is heard.

use super::{
    presence::{JoinState, Presence},
    voice_levels::Voices,
};
use crate::{
    browser::{
        page,
        peer::{PeerConnection, PeerEventKind},
        timer::{now_ms, sleep_ms},
    },
    model::signal::{ClientSignal, Refusal},
    ui::reconnecting_socket::{SocketState, pause_ms},
};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;

/// Levels are looked at this often, milliseconds.
const LOOK_EVERY_MS: u32 = 80;
/// Somebody who waits for so long should be told what for.
const SLOW_AFTER_MS: u32 = 1_500;
/// An offer that is not answered within this was never heard.
const ANSWER_WITHIN_MS: u32 = 6_000;
/// A connection that was never there after so many attempts waits for a click.
const ATTEMPTS_MAX: u32 = 4;

/// Whether sound goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundState {
    Off,
    Connecting,
    /// Still connecting, for so long that one should be told.
    Slow,
    Through,
    /// Tried often enough: the network lets no voice through.
    Blocked,
}

#[derive(Clone, Copy)]
pub struct Media {
    pub sound: RwSignal<SoundState>,
    /// The browser plays nothing before a tap.
    pub needs_tap: RwSignal<bool>,
    peer: StoredValue<Option<SendWrapper<PeerConnection>>>,
    /// Counts connections, so that news of an older one is not taken for the newer one's.
    generation: StoredValue<u32>,
    failures: StoredValue<u32>,
    /// Offers that were not answered yet: only the last one's answer fits the connection of now.
    offers: StoredValue<u32>,
}

impl Media {
    pub fn new() -> Self {
        Self {
            sound: RwSignal::new(SoundState::Off),
            needs_tap: RwSignal::new(false),
            peer: StoredValue::new(None),
            generation: StoredValue::new(0),
            failures: StoredValue::new(0),
            offers: StoredValue::new(0),
        }
    }

    /// Makes a connection and sends its offer.
    pub fn plug_in(self, presence: Presence) {
        let generation = self.generation.get_value() + 1;
        self.generation.set_value(generation);
        self.sound.set(SoundState::Connecting);
        let report = move |event| self.report(presence, generation, event);
        let Ok(peer) = PeerConnection::new(report) else {
            self.can_not(presence);
            return;
        };
        let connection = peer.connection();
        self.peer.set_value(Some(SendWrapper::new(peer)));
        presence.own_microphone.send_through(self);
        spawn_local(async move {
            let offered = PeerConnection::offer(connection).await;
            if self.generation.try_get_value() != Some(generation) {
                return;
            }
            match offered {
                // Where the socket is not open yet, its welcome makes all of this anew.
                Ok(sdp) => {
                    self.offers.update_value(|offers| *offers += 1);
                    presence.say(&ClientSignal::Join { sdp });
                }
                Err(_) => self.can_not(presence),
            }
            self.watch_connecting(presence, generation).await;
        });
    }

    /// This browser makes no such connection.
    fn can_not(self, presence: Presence) {
        self.sound.set(SoundState::Blocked);
        if presence.join_state.get_untracked() == JoinState::Joining {
            presence.refuse(Refusal::BadOffer);
        }
    }

    /// Says when it takes long, and notices a socket that looks open and answers nothing.
    async fn watch_connecting(self, presence: Presence, generation: u32) {
        sleep_ms(SLOW_AFTER_MS).await;
        if self.generation.try_get_value() == Some(generation) && self.sound.get_untracked() == SoundState::Connecting {
            self.sound.set(SoundState::Slow);
        }
        sleep_ms(ANSWER_WITHIN_MS - SLOW_AFTER_MS).await;
        if self.generation.try_get_value() == Some(generation) && self.offers.get_value() > 0 {
            presence.reopen_socket();
        }
    }

    /// Another connection was refused: what is left is a click.
    pub fn give_up_connecting(self) {
        if matches!(self.sound.get_untracked(), SoundState::Connecting | SoundState::Slow) {
            self.unplug();
            self.sound.set(SoundState::Blocked);
        }
    }

    /// Takes the answer: one is inside.
    pub fn accept(self, presence: Presence, sdp: String) {
        if self.take_answer() > 0 {
            return;
        }
        let Some(connection) = self.with(PeerConnection::connection) else {
            return;
        };
        let generation = self.generation.get_value();
        // From here on one hears who speaks; what the lobby was told would never be taken back.
        presence.voices.set(Voices::default());
        presence.join_state.set(JoinState::Inside);
        presence.own_microphone.enter_muted(presence);
        spawn_local(async move {
            if !PeerConnection::accept(connection, sdp).await && self.generation.try_get_value() == Some(generation) {
                self.sound.set(SoundState::Blocked);
            }
        });
        spawn_local(self.watch_voices(presence, generation));
    }

    /// One offer less to be answered; how many are left.
    pub fn take_answer(self) -> u32 {
        self.offers.update_value(|offers| *offers = offers.saturating_sub(1));
        self.offers.get_value()
    }

    /// The socket is a new one: nothing that was offered on the one before is answered.
    pub fn forget_offers(self) {
        self.offers.set_value(0);
    }

    /// Closes the connection.
    pub fn unplug(self) {
        let _ = self.generation.try_update_value(|generation| *generation += 1);
        // Not now: this may run within one of the connection's own callbacks.
        if let Some(peer) = self.peer.try_update_value(Option::take).flatten() {
            spawn_local(async move { drop(peer) });
        }
        self.sound.try_set(SoundState::Off);
        self.needs_tap.try_set(false);
    }

    /// The connection is gone: another one, after a pause that grows.
    pub fn lost(self, presence: Presence) {
        self.unplug();
        presence.own_microphone.mute_after_loss();
        let failures = self.failures.get_value() + 1;
        self.failures.set_value(failures);
        if failures > ATTEMPTS_MAX {
            self.sound.set(SoundState::Blocked);
            return;
        }
        self.sound.set(SoundState::Connecting);
        let generation = self.generation.get_value();
        spawn_local(async move {
            sleep_ms(pause_ms(failures, page::random_below(1_000))).await;
            let is_wanted = self.generation.try_get_value() == Some(generation)
                && presence.socket_state.get_untracked() == SocketState::Open;
            if is_wanted && presence.join_state.get_untracked() == JoinState::Inside {
                self.plug_in(presence);
            }
        });
    }

    /// A click of somebody who wants it tried once more.
    pub fn try_again(self, presence: Presence) {
        self.failures.set_value(0);
        self.plug_in(presence);
    }

    /// A tap, after the browser refused to play.
    pub fn play(self, presence: Presence) {
        self.needs_tap.set(false);
        let generation = self.generation.get_value();
        self.with(|peer| peer.play(move |event| self.report(presence, generation, event)));
    }

    /// Silences a voice at once when its person mutes, and lets it be heard again.
    pub fn hear_or_hush(self, voice: u32, muted: bool) {
        self.with(|peer| match muted {
            true => peer.hush(voice, now_ms()),
            false => peer.unhush(voice),
        });
    }

    /// What `act` makes of the connection, if there is one.
    pub fn with<T>(self, act: impl FnOnce(&PeerConnection) -> T) -> Option<T> {
        self.peer
            .try_with_value(|peer| peer.as_ref().map(|peer| act(peer)))
            .flatten()
    }

    fn report(self, presence: Presence, generation: u32, event: PeerEventKind) {
        if self.generation.try_get_value() != Some(generation) {
            return;
        }
        match event {
            PeerEventKind::Connected => {
                self.failures.set_value(0);
                self.sound.set(SoundState::Through);
            }
            PeerEventKind::Failed => self.lost(presence),
            PeerEventKind::PlayRefused => self.needs_tap.set(true),
        }
    }

    async fn watch_voices(self, presence: Presence, generation: u32) {
        while self.generation.try_get_value() == Some(generation) {
            let now = now_ms();
            let heard = self.with(|peer| peer.voices(now)).unwrap_or_default();
            let mut voices = presence.voices.get_untracked();
            let roster = presence.roster.get_untracked();
            let known = heard.into_iter().filter_map(|voice| {
                let speaker = roster.iter().find(|one| one.voice == voice.source && !one.muted)?;
                Some((speaker.person.id.clone(), voice.level))
            });
            let own = presence.me.get_untracked().zip(presence.own_microphone.own_level());
            voices.update(known.chain(own), now);
            if presence.voices.with_untracked(|before| *before != voices) {
                presence.voices.set(voices);
            }
            presence.own_microphone.poll(presence);
            sleep_ms(LOOK_EVERY_MS).await;
        }
    }
}
