//! Coming back after a removal or a ban: the page asks now and then whether a host has let you back in, and then offers to join.

use crate::{
    api,
    browser::{
        page::{self, EventListener},
        timer::sleep_ms,
    },
    error::Kind,
    model::{
        id::RoomId,
        room_exit::{ReturnState, let_back_in},
    },
    ui::{
        announcer::{Announcer, use_announcer},
        call::use_call,
        components::icon::Icon,
    },
};
use leptos::{prelude::*, task::spawn_local};

/// How often the page asks, in milliseconds, while somebody sees it.
const ASKED_EVERY_MS: u32 = 5_000;
/// How many times it asks: for about as long as a removal lasts. After that, it asks each time when it is shown again.
const ASKED_AT_MOST: u32 = 120;

/// The button that the page shows at the end of the countdown, while it has the focus. The button to join replaces it.
const FOCUSED_COME_BACK_BUTTON: &str = "[data-come-back]:focus";
const JOIN_AGAIN_BUTTON: &str = "[data-join-again]";

/// What the page of somebody whom a host has removed or banned knows about their way back.
#[derive(Clone, Copy)]
pub struct ComingBack {
    room: StoredValue<String>,
    /// The answer that they can come back; `None` until then.
    answer: RwSignal<Option<ReturnState>>,
    /// Loads the page of the room again, without leaving the app.
    load_again: Callback<()>,
    announcer: Announcer,
}

impl ComingBack {
    /// Watches whether the person can come back into `room`. If no host has removed or banned them, it asks nothing.
    pub fn watch(room: String, is_put_out: bool, load_again: Callback<()>) -> Self {
        let coming_back = Self {
            room: StoredValue::new(room),
            answer: RwSignal::new(None),
            load_again,
            announcer: use_announcer(),
        };
        // The effect keeps the listener.
        Effect::new(move |_: Option<EventListener>| {
            if is_put_out {
                spawn_local(coming_back.ask_often());
            }
            page::on_visibility(move |is_hidden| {
                if is_put_out && !is_hidden {
                    spawn_local(async move {
                        coming_back.ask().await;
                    });
                }
            })
        });
        coming_back
    }

    /// The heading once the person can come back.
    pub fn heading(self) -> Option<String> {
        self.answer
            .with(|answer| answer.as_ref().map(|answer| let_back_in(answer.let_in_by.as_deref())))
    }

    async fn ask_often(self) {
        for _ in 0..ASKED_AT_MOST {
            sleep_ms(ASKED_EVERY_MS).await;
            if !page::is_hidden() && !self.ask().await {
                return;
            }
        }
    }

    /// Asks once. Returns whether there is a reason to ask again.
    async fn ask(self) -> bool {
        // The page is gone, or the person can come back already.
        if self.answer.try_get_untracked() != Some(None) {
            return false;
        }
        let Some(room) = self.room.try_get_value() else {
            return false;
        };
        match api::rooms::find_return(room).await {
            Ok(answer) if answer.may_enter => {
                if self.answer.try_get_untracked() == Some(None) {
                    self.announcer.say(let_back_in(answer.let_in_by.as_deref()));
                    if page::has(FOCUSED_COME_BACK_BUTTON) {
                        // The other button is there before the next frame.
                        request_animation_frame(|| page::focus(JOIN_AGAIN_BUTTON));
                    }
                    self.answer.try_set(Some(answer));
                }
                false
            }
            Ok(_) => true,
            // The room is over, or the person has signed out.
            Err(error) => !error.needs_sign_in() && error.kind != Kind::NotFound,
        }
    }
}

/// The button to join the room again, which replaces the advice about waiting.
#[component]
pub fn JoinAgainButton(coming_back: ComingBack) -> impl IntoView {
    let call = use_call();
    let join = move |_| {
        if let Some(room) = coming_back.room.with_value(|room| RoomId::parse(room)) {
            call.join_room_on_arrival(room);
        }
        coming_back.load_again.run(());
    };
    view! {
        <button class="btn" data-join-again="" type="button" on:click=join>
            <Icon name="enter"/>
            <span>"Join"</span>
        </button>
    }
}
