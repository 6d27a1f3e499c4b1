//! Watches a connection while it is open: how loud the voices are, and whether packets arrive.

use super::Presence;
use crate::{
    browser::{
        microphone::Microphone,
        peer::{PeerConnection, PeerEventKind},
        timer::{now_ms, sleep_ms},
    },
    ui::call::{
        events::{CallInput, ConnectionEvent},
        own_sound::{OwnSound, SoundTrouble},
        silence::Silence,
        states::Mic,
        voice_levels::{Voices, level_of},
    },
};
use leptos::prelude::*;

/// How often the loudness of voices is measured, in milliseconds.
const LOOK_EVERY_MS: u32 = 80;
/// How often packets are counted, in milliseconds.
const COUNT_EVERY_MS: u32 = 400;

impl Presence {
    pub(super) async fn watch_levels(self, attempt: u32) {
        let (mut silence, mut own_sound) = (Silence::default(), OwnSound::default());
        while self
            .machine
            .with_untracked(|machine| machine.connection.is_current(attempt))
        {
            let now = now_ms();
            let heard = self.with_peer(|peer| peer.voices(now)).unwrap_or_default();
            let roster = self.roster.get_untracked();
            let known = heard.into_iter().filter_map(|voice| {
                let speaker = roster.iter().find(|one| one.voice == voice.source && !one.muted)?;
                Some((speaker.person.id.clone(), voice.level))
            });
            // While the connection is cut off, your face does not glow: it would say that you are heard.
            let is_live = self.mic.get_untracked() == Mic::Live && !self.cut_off.get_untracked();
            let is_echo = self.echo.get_untracked();
            let own_level = self.with_microphone(Microphone::level).flatten();
            self.note_trouble(own_sound.note(own_level.filter(|_| is_live), now));
            let own = self.me.get_untracked().zip(own_level.filter(|_| is_live));
            let mut voices = self.voices.get_untracked();
            voices.update(known.chain(own), now);
            if let Some(me) = self.me.get_untracked().filter(|_| !is_live) {
                voices.hush(&me);
            }
            self.note_silence(silence.note(!voices.is_empty(), now));
            self.show_voices(voices);
            let level = own_level.filter(|_| is_live || is_echo).and_then(level_of);
            if self.level.get_untracked() != level {
                self.measured.level.set(level);
            }
            if self.with_microphone(Microphone::has_ended) == Some(true) {
                self.tell(CallInput::MicrophoneEnded);
            }
            sleep_ms(LOOK_EVERY_MS).await;
        }
        self.note_silence(false);
        self.note_trouble(None);
    }

    /// Notifies the page only if it looks different now. Otherwise every face would be checked twelve times a second.
    fn show_voices(self, voices: Voices) {
        if self.voices.with_untracked(|before| before.looks_like(&voices)) {
            self.measured.voices.update_untracked(|before| *before = voices);
        } else {
            self.measured.voices.set(voices);
        }
    }

    fn note_trouble(self, trouble: Option<SoundTrouble>) {
        if self.sound_trouble.get_untracked() != trouble {
            self.measured.sound_trouble.set(trouble);
        }
    }

    fn note_silence(self, is_silent: bool) {
        if self.is_silent.get_untracked() != is_silent {
            self.measured.is_silent.set(is_silent);
        }
    }

    pub(super) async fn watch_traffic(self, attempt: u32) {
        while self
            .machine
            .with_untracked(|machine| machine.connection.is_current(attempt))
        {
            if let Some(connection) = self.with_peer(PeerConnection::connection)
                && let Some(traffic) = PeerConnection::traffic(connection).await
            {
                self.tell_of(attempt, ConnectionEvent::Peer(PeerEventKind::Traffic(traffic)));
            }
            sleep_ms(COUNT_EVERY_MS).await;
        }
    }
}
