//! The call: the room that this page is in, above the router, so that it goes on while one looks around.

mod call_end;
mod devices;
pub mod events;
mod machine;
mod own_microphone;
mod presence;
mod room_view;
mod shortcuts;
mod states;
mod surroundings;
mod view;
mod voice_connection;
mod voice_levels;

use crate::{browser::page, model::room::RoomPage};
pub use call_end::NextPage;
use events::CallInput;
use leptos::prelude::*;
pub use presence::Presence;
pub use shortcuts::{Shortcuts, listen_to_keys};
pub use states::{JoinState, Mic, SoundState};

/// What all pages share of the call.
#[derive(Clone, Copy)]
pub struct Call {
    /// The room that one is in, or on the way into.
    pub current: RwSignal<Option<Presence>>,
    /// The room before, until the new one has let one in.
    before: StoredValue<Option<Presence>>,
    /// Lives as long as the app: what a call holds must not end with a page. Some hundred bytes stay for each room seen.
    owner: StoredValue<Option<Owner>>,
    pub shortcuts: Shortcuts,
    /// Join was pressed: what takes its place gets its focus.
    pub focus_microphone: StoredValue<bool>,
    /// Come in was pressed on the page of a link: the room that it leads into is joined without another press.
    join_on_arrival: StoredValue<bool>,
}

/// Gives all pages their [`Call`].
pub fn provide_call() -> Call {
    let call = Call {
        current: RwSignal::new(None),
        before: StoredValue::new(None),
        owner: StoredValue::new(Owner::current()),
        shortcuts: Shortcuts::recalled(),
        focus_microphone: StoredValue::new(false),
        join_on_arrival: StoredValue::new(false),
    };
    Effect::new(move |_| call.follow());
    provide_context(call);
    call
}

/// The call that [`provide_call`] gave.
pub fn use_call() -> Call {
    expect_context()
}

impl Call {
    /// Keeps the call what it says: who was let in leaves the room before, and who is in a lobby is in no call.
    fn follow(self) {
        let Some(current) = self.current.get() else { return };
        match current.join_state.get() {
            JoinState::Joining => {}
            JoinState::Inside => {
                if let Some(before) = self.before.try_update_value(Option::take).flatten() {
                    before.tell(CallInput::Leave);
                }
            }
            JoinState::Lobby => {
                self.current.set(self.before.try_update_value(Option::take).flatten());
                if page::path() != Some(format!("/rooms/{}", current.id())) {
                    current.tell(CallInput::Disconnect);
                }
            }
        }
    }

    /// The presence of a room's page: the call's own if it is in this room, else one that only looks in.
    pub fn presence_in(self, room: &RoomPage) -> Presence {
        if let Some(current) = self
            .current
            .get_untracked()
            .filter(|current| current.is_of(&room.info.id) && current.join_state.get_untracked() != JoinState::Lobby)
        {
            return current;
        }
        let begin = || Presence::begin(room);
        let presence = match self.owner.get_value() {
            Some(owner) => owner.with(begin),
            None => begin(),
        };
        Effect::new(move |_| presence.enter_lobby());
        on_cleanup(move || {
            // The page is gone, and who only looked in with it. A render on the server has nothing to part from.
            if presence.has_socket() && !self.is_in(presence) {
                presence.tell(CallInput::Disconnect);
            }
        });
        presence
    }

    /// Goes into the room of `presence`, out of the one before. To be called in a click: sound may play from then on.
    pub fn join(self, presence: Presence) {
        presence.tell(CallInput::Join);
        if let Some(before) = self.current.get_untracked().filter(|before| !before.is(presence)) {
            self.before.set_value(Some(before));
        }
        self.current.set(Some(presence));
    }

    /// Whether the next room that one comes to is joined at once. To be called in a click: sound may play from then on.
    pub fn set_join_on_arrival(self, join: bool) {
        self.join_on_arrival.set_value(join);
    }

    /// On the page of a room: joins it where that was wished for on the way. To be called in an Effect.
    pub fn join_if_requested(self, presence: Presence) {
        // Not before the socket has said who one is: what is offered sooner is offered again then, and two answers come back.
        if presence.me.with(Option::is_none) {
            return;
        }
        let join = self.join_on_arrival.try_update_value(std::mem::take) == Some(true);
        if join && presence.join_state.get_untracked() == JoinState::Lobby {
            self.focus_microphone.set_value(true);
            self.join(presence);
        }
    }

    /// Leaves for good.
    pub fn leave(self, presence: Presence) {
        presence.tell(CallInput::Leave);
        if self.is_in(presence) {
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
