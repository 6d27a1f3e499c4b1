//! One's own microphone: asked for at the first unmute, live or muted, and heard by oneself for a while.

use super::{
    media::{Media, SoundState},
    presence::{JoinState, Presence},
    voice_levels::level_of,
};
use crate::{
    browser::{
        microphone::{Closed, Microphone},
        timer::sleep_ms,
    },
    model::signal::{ClientSignal, HEAR_YOURSELF_MS},
};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;

/// How the microphone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mic {
    Muted,
    /// The browser is asking, or opening it.
    Opening,
    Live,
}

#[derive(Clone, Copy)]
pub struct OwnMicrophone {
    pub mic: RwSignal<Mic>,
    /// How loud one is, while live.
    pub level: RwSignal<Option<u8>>,
    /// Why there is no microphone.
    pub closed: RwSignal<Option<Closed>>,
    /// Something about being muted that one should know, in a sentence.
    pub remark: RwSignal<Option<&'static str>>,
    /// "Hear yourself" is on.
    pub echo: RwSignal<bool>,
    microphone: StoredValue<Option<SendWrapper<Microphone>>>,
    /// Counts what is wanted: an answer to an older one is not acted on.
    generation: StoredValue<u32>,
}

impl OwnMicrophone {
    pub fn new() -> Self {
        Self {
            mic: RwSignal::new(Mic::Muted),
            level: RwSignal::new(None),
            closed: RwSignal::new(None),
            remark: RwSignal::new(None),
            echo: RwSignal::new(false),
            microphone: StoredValue::new(None),
            generation: StoredValue::new(0),
        }
    }

    /// Mutes or unmutes, whatever it is not.
    pub fn toggle(self, presence: Presence) {
        match self.mic.get_untracked() {
            Mic::Muted => self.unmute(presence),
            Mic::Opening | Mic::Live => self.mute(presence),
        }
    }

    pub fn unmute(self, presence: Presence) {
        presence.refused.set(None);
        self.remark.set(None);
        if presence.join_state.get_untracked() != JoinState::Inside {
            return;
        }
        if presence
            .own_info
            .with_untracked(|part| part.as_ref().is_some_and(|part| !part.may_talk()))
        {
            // What one's part says of it stands beside the controls.
            return;
        }
        if presence.media.sound.get_untracked() == SoundState::Blocked {
            self.remark.set(Some(
                "Your voice does not get through just now. Try the connection again first.",
            ));
            return;
        }
        let generation = self.next_generation();
        self.mic.set(Mic::Opening);
        spawn_local(async move {
            let opened = self.open(presence).await;
            if self.generation.try_get_value() != Some(generation) {
                return;
            }
            if opened {
                presence.say(&ClientSignal::Mute { on: false });
                self.mic.set(Mic::Live);
            } else {
                self.mic.set(Mic::Muted);
            }
            self.apply();
        });
    }

    pub fn mute(self, presence: Presence) {
        presence.refused.set(None);
        self.next_generation();
        self.mic.set(Mic::Muted);
        self.apply();
        presence.say(&ClientSignal::Mute { on: true });
    }

    /// One's own voice comes back for five seconds; others hear it only if one is live.
    pub fn hear_yourself(self, presence: Presence) {
        if self.echo.get_untracked() {
            return;
        }
        self.echo.set(true);
        spawn_local(async move {
            if self.open(presence).await {
                presence.say(&ClientSignal::HearYourself);
                self.apply();
                sleep_ms(HEAR_YOURSELF_MS as u32).await;
            }
            self.echo.try_set(false);
            self.apply();
        });
    }

    /// The room has let one in, muted: says so to whoever was heard before.
    pub fn enter_muted(self, presence: Presence) {
        if self.mic.get_untracked() != Mic::Muted {
            self.mute_after_loss();
        }
        self.send_through(presence.media);
    }

    /// The connection is gone: nobody comes back unmuted.
    pub fn mute_after_loss(self) {
        if self.mic.try_get_untracked().is_some_and(|mic| mic != Mic::Muted) {
            self.next_generation();
            self.mic.set(Mic::Muted);
            self.remark
                .set(Some("You are muted, because the line was lost. Unmute to go on."));
            self.apply();
        }
    }

    /// The room does not let one be heard: the microphone closes, and what to do stands beside it.
    pub fn silence(self) {
        if self.mic.get_untracked() != Mic::Muted {
            self.next_generation();
            self.mic.set(Mic::Muted);
            self.apply();
        }
    }

    pub fn muted_elsewhere(self) {
        self.next_generation();
        self.mic.set(Mic::Muted);
        self.remark.set(Some(
            "You are muted here, because you talk on another page or device now.",
        ));
        self.apply();
    }

    /// Gives the microphone back.
    pub fn release_microphone(self) {
        if self.mic.try_set(Mic::Muted).is_some() {
            return;
        }
        self.next_generation();
        self.microphone.set_value(None);
        self.echo.set(false);
        self.level.set(None);
        self.remark.set(None);
        self.closed.set(None);
    }

    /// Puts the microphone, if it is open, into a connection that was just made.
    pub fn send_through(self, media: Media) {
        self.with(|microphone| media.with(|peer| peer.send(microphone.track())));
    }

    /// How loud one is, if that goes to the others.
    pub fn own_level(self) -> Option<f32> {
        (self.mic.get_untracked() == Mic::Live)
            .then(|| self.with(Microphone::level))
            .flatten()
    }

    /// Shows the level, and notices a microphone that was pulled out.
    pub fn poll(self, presence: Presence) {
        let is_on = self.mic.get_untracked() == Mic::Live || self.echo.get_untracked();
        let level = is_on.then(|| self.with(Microphone::level)).flatten().and_then(level_of);
        if self.level.get_untracked() != level {
            self.level.set(level);
        }
        if self.with(Microphone::has_ended) == Some(true) {
            self.mute(presence);
            self.microphone.set_value(None);
            self.closed.set(Some(Closed::Missing));
        }
    }

    async fn open(self, presence: Presence) -> bool {
        if self.with(|_| ()).is_some() {
            return true;
        }
        match Microphone::open().await {
            // Left meanwhile: it is given back at once.
            Ok(_) if presence.join_state.try_get_untracked() != Some(JoinState::Inside) => false,
            Ok(microphone) => {
                if self
                    .microphone
                    .try_set_value(Some(SendWrapper::new(microphone)))
                    .is_some()
                {
                    return false;
                }
                self.closed.set(None);
                self.send_through(presence.media);
                true
            }
            Err(why) => {
                self.closed.try_set(Some(why));
                false
            }
        }
    }

    /// Lets sound out or not, as it should be now.
    fn apply(self) {
        let live = self.mic.try_get_untracked() == Some(Mic::Live) || self.echo.try_get_untracked() == Some(true);
        self.with(|microphone| microphone.set_live(live));
    }

    fn with<T>(self, act: impl FnOnce(&Microphone) -> T) -> Option<T> {
        self.microphone
            .try_with_value(|microphone| microphone.as_ref().map(|microphone| act(microphone)))
            .flatten()
    }

    fn next_generation(self) -> u32 {
        let generation = self.generation.get_value() + 1;
        self.generation.set_value(generation);
        generation
    }
}
