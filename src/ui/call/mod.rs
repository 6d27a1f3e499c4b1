//! The call: everything that belongs to your presence in a room. The call is not part of a page, so it goes on while you visit
//! other pages.

mod answers;
mod call_end;
mod devices;
pub mod events;
mod gap;
pub mod goodbye;
mod hands;
mod letter_key;
mod machine;
mod own_device;
mod own_microphone;
mod own_sound;
mod path_search;
mod presence;
mod rejoin;
mod remembered_switch;
mod room_view;
mod shortcuts;
mod silence;
mod states;
mod surroundings;
mod talked_with;
mod traffic_watch;
mod view;
mod voice_connection;
mod voice_levels;
mod watched_facts;
pub mod why_unheard;

use super::toasts::use_toasts;
use crate::{
    browser::page,
    model::{id::RoomId, room::RoomPage},
};
pub use call_end::{CallEnd, NextPage};
use events::CallInput;
use goodbye::Goodbye;
use leptos::{prelude::*, reactive::owner::WeakOwner};
pub use own_device::without_prefix;
pub use own_sound::SoundTrouble;
pub use presence::Presence;
pub use remembered_switch::RememberedSwitch;
pub use shortcuts::listen_to_keys;
pub use states::{HELD_WORDS, JoinState, Mic, SoundState, cut_off_words};
pub use voice_levels::level_of;

/// The part of the call that all pages share.
#[derive(Clone, Copy)]
pub struct Call {
    /// The room that you are in, or are joining.
    pub current: RwSignal<Option<Presence>>,
    /// While you are joining a room, the room that you were in before. You leave that room once you have joined the new one.
    before: StoredValue<Option<Presence>>,
    /// The reactive owner of the whole app. The signals of a call belong to this owner and not to the page's owner, because the
    /// call must go on when the page is gone. The signals are therefore never freed; they leak a few hundred bytes for each room that
    /// is opened.
    ///
    /// The reference is weak because the owner itself owns this struct: with a strong reference, the server would never free the memory
    /// of a page whose reader hangs up.
    owner: StoredValue<Option<WeakOwner>>,
    pub shortcuts: RememberedSwitch,
    /// Whether the button to join was clicked. If so, the button that replaces it (for the microphone or the hand) gets the focus.
    pub focus_microphone: StoredValue<bool>,
    /// The room that is joined as soon as its page opens, because a click on another page asked for that.
    join_on_arrival: StoredValue<Option<RoomToJoin>>,
    /// What the list of rooms offers after you have left a room.
    pub goodbye: RwSignal<Option<Goodbye>>,
}

/// A room that is joined as soon as its page opens.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RoomToJoin {
    /// The room to which the server leads after a form, such as "Come in" on the page of an invite link, or "Start".
    NextRoom,
    Room(RoomId),
}

/// Provides the [`Call`] to all pages.
pub fn provide_call() -> Call {
    let call = Call {
        current: RwSignal::new(None),
        before: StoredValue::new(None),
        owner: StoredValue::new(Owner::current().map(|owner| owner.downgrade())),
        shortcuts: RememberedSwitch::shortcuts(),
        focus_microphone: StoredValue::new(false),
        join_on_arrival: StoredValue::new(None),
        goodbye: RwSignal::new(None),
    };
    Effect::new(move |_| call.follow());
    provide_context(call);
    call
}

/// The call that [`provide_call`] has provided.
pub fn use_call() -> Call {
    expect_context()
}

impl Call {
    /// Reacts to the state of the current room. Once you are inside, you leave the room that you were in before. If you are back
    /// in the lobby, the room that you were in before becomes the current one again. The tab remembers the room that you are in, so
    /// that a reload enters it again.
    fn follow(self) {
        let Some(current) = self.current.get() else { return };
        match current.join_state.get() {
            JoinState::Joining => {}
            JoinState::Inside => {
                if let Some(before) = self.before.try_update_value(Option::take).flatten() {
                    before.tell(CallInput::Leave);
                }
                match current.me.get().filter(|_| !current.moved_elsewhere.get()) {
                    Some(me) => rejoin::remember(&current.id(), &me),
                    // The call has moved to another page. A reload of this page must not take it back.
                    None => rejoin::forget(),
                }
            }
            JoinState::Lobby => {
                rejoin::forget();
                self.current.set(self.before.try_update_value(Option::take).flatten());
                let is_elsewhere = page::path() != Some(format!("/rooms/{}", current.id()));
                if is_elsewhere {
                    current.tell(CallInput::Disconnect);
                }
                self.note_end(current, is_elsewhere);
            }
        }
    }

    /// If the room has ended the call, tells somebody who looks at another page, and says goodbye if the room is over.
    fn note_end(self, presence: Presence, is_elsewhere: bool) {
        let Some(end) = presence.ended.get_untracked() else {
            return;
        };
        if end.room_is_over {
            self.goodbye.set(presence.goodbye());
        }
        if is_elsewhere && !end.is_own {
            use_toasts().say(format!("{} {}", end.words.heading, end.words.advice));
        }
    }

    /// The presence for the page of `room`. If the current call is in this room, returns the presence of that call. Otherwise
    /// returns a new presence, which is in the lobby.
    pub fn presence_in(self, room: &RoomPage) -> Presence {
        if let Some(current) = self
            .current
            .get_untracked()
            .filter(|current| current.is_of(&room.info.id) && current.join_state.get_untracked() != JoinState::Lobby)
        {
            return current;
        }
        let begin = || Presence::begin(room);
        let presence = match self.owner.get_value().as_ref().and_then(WeakOwner::upgrade) {
            Some(owner) => owner.with(begin),
            None => begin(),
        };
        Effect::new(move |_| presence.enter_lobby());
        on_cleanup(move || {
            // The page is gone. If you have not joined, close the socket. On the server, there is no socket.
            if presence.has_socket() && !self.is_in(presence) {
                presence.tell(CallInput::Disconnect);
            }
        });
        presence
    }

    /// Joins the room of `presence`. Once you are inside, you leave the room that you were in before. Call this in a click
    /// handler: browsers only play sound after a click.
    pub fn join(self, presence: Presence) {
        self.join_by(presence, CallInput::Join);
    }

    fn join_by(self, presence: Presence, input: CallInput) {
        self.goodbye.set(None);
        presence.tell(input);
        if let Some(before) = self.current.get_untracked().filter(|before| !before.is(presence)) {
            self.before.set_value(Some(before));
        }
        self.current.set(Some(presence));
    }

    /// Sets whether the room to which a form leads is joined at once. Call this in a click handler: browsers only play sound after a
    /// click.
    pub fn set_join_on_arrival(self, join: bool) {
        self.join_on_arrival.set_value(join.then_some(RoomToJoin::NextRoom));
    }

    /// Joins `room` as soon as its page opens. Call this in a click handler: browsers only play sound after a click.
    pub fn join_room_on_arrival(self, room: RoomId) {
        self.join_on_arrival.set_value(Some(RoomToJoin::Room(room)));
    }

    /// Only looks in when the page of `room` opens, even if you were inside before. If the call is in this room, it goes on.
    pub fn look_in_on_arrival(self, room: &RoomId) {
        self.join_on_arrival.set_value(None);
        let is_inside = self
            .current
            .with_untracked(|current| current.is_some_and(|current| current.is_of(room)));
        if !is_inside && rejoin::is_remembered(room) {
            rejoin::forget();
        }
    }

    /// Joins the room if a click on another page asked for that ([`Self::join_room_on_arrival`], [`Self::set_join_on_arrival`]), or if
    /// you were inside when this tab loaded the page again. Call this in an `Effect`.
    pub fn join_if_requested(self, presence: Presence) {
        let arrival = self.join_on_arrival.try_update_value(Option::take).flatten();
        let is_requested = arrival.is_some_and(|arrival| match arrival {
            RoomToJoin::NextRoom => true,
            RoomToJoin::Room(room) => presence.is_of(&room),
        });
        // The welcome says who you are, so this effect runs again when the welcome arrives.
        let me = presence.me.get();
        let is_lobby = presence.join_state.get_untracked() == JoinState::Lobby;
        let returns = || me.is_some_and(|me| rejoin::is_due(&presence.id(), &me));
        if is_requested || (is_lobby && returns()) {
            // After a reload, the person may already be using something else on the page.
            self.focus_microphone.set_value(is_requested || !page::has(":focus"));
            if is_lobby {
                self.join_by(
                    presence,
                    if is_requested {
                        CallInput::Join
                    } else {
                        CallInput::JoinAgain
                    },
                );
            }
        }
    }

    /// Leaves the room for good.
    pub fn leave(self, presence: Presence) {
        self.goodbye.set(presence.goodbye());
        presence.tell(CallInput::Leave);
        if self.is_in(presence) {
            rejoin::forget();
            self.current.set(self.before.try_update_value(Option::take).flatten());
        }
    }

    fn is_in(self, presence: Presence) -> bool {
        self.current
            .try_get_untracked()
            .flatten()
            .is_some_and(|current| current.is(presence))
    }
}
