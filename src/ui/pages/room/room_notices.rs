//! The notices in a room when something is wrong. Each notice says what happened and what to do.

use super::{
    moderation_panel::SuggestStage, notice_count::NoticeCount, room_news::announce_news, successor::takeover_words,
};
use crate::model::{room_exit::let_back_in, stage::Role};
use crate::ui::{
    call::{
        HELD_WORDS, JoinState, Mic, Presence, SoundState, SoundTrouble, cut_off_words, events::CallInput,
        without_prefix,
    },
    components::check_link::CheckLink,
    reconnecting_socket::SocketState,
    toasts::use_toasts,
};
use leptos::prelude::*;

/// The banner at the top of the page while the socket is lost, or while you are cut off.
#[component]
pub fn ConnectionBanner(presence: Presence) -> impl IntoView {
    let is_in = move || presence.join_state.get() != JoinState::Lobby;
    // While the connection is blocked, a notice with a button says so.
    let is_cut_off = move || is_in() && presence.cut_off.get() && presence.sound.get() != SoundState::Blocked;
    let words = move || match (presence.socket_state.get(), is_in()) {
        (SocketState::Lost { restarting: false, .. } | SocketState::Open | SocketState::Opening, true)
            if is_cut_off() =>
        {
            Some(cut_off_words(presence.mic.get()))
        }
        (
            SocketState::Lost {
                attempt: 0..=5,
                restarting,
            },
            is_in,
        ) => Some(match (restarting, is_in) {
            (true, true) => "Snug is restarting. Nobody hears you right now, and you are back in a moment.",
            (true, false) => "Snug is restarting. Trying again…",
            (false, true) => "Connection lost. Trying again… Your place is kept for a moment.",
            (false, false) => "Connection lost. Trying again…",
        }),
        (SocketState::Lost { .. }, true) => {
            Some("Snug isn't answering. It may be restarting; you rejoin as soon as it is back.")
        }
        (SocketState::Lost { .. }, false) => Some("Snug isn't answering. It may be restarting. Trying again…"),
        // Opening and Open need no banner. In the two final states, the page says why the call has ended.
        (SocketState::Opening | SocketState::Open | SocketState::Over | SocketState::MadeRoom, _) => None,
    };
    let stripped = move || {
        let is_lost = matches!(presence.socket_state.get(), SocketState::Lost { .. });
        presence.stripped_socket.get().filter(|_| is_lost)
    };
    // The element is always there: screen readers only notice new text in an element that they already know.
    view! {
        <div class="banner-place" role="status">
            {move || {
                stripped().or_else(|| words().map(str::to_owned)).map(|words| {
                    view! {
                        <p class="banner">
                            <span class="dots" aria-hidden="true"></span>
                            {words}
                            {is_cut_off().then(|| view! { " " <CheckLink/> })}
                        </p>
                    }
                })
            }}
        </div>
    }
}

#[component]
pub fn RoomNotices(presence: Presence, let_in_by: Option<String>) -> impl IntoView {
    announce_news(presence);
    tell_when_microphone_is_back(presence);
    let count = NoticeCount::begin();
    view! {
        <div class="reports" role="status">
            <Sentence words=Signal::derive(move || presence.refused.get()) count/>
            <Sounds presence count/>
            <Microphone presence count/>
            <LetIn presence let_in_by count/>
            <HostAway presence count/>
            <SuggestStage presence count/>
        </div>
    }
}

/// Says who has let you back in after a removal or a ban, until you join.
#[component]
fn LetIn(presence: Presence, let_in_by: Option<String>, count: NoticeCount) -> impl IntoView {
    let is_lobby = Memo::new(move |_| presence.join_state.get() == JoinState::Lobby);
    move || {
        let words = let_back_in(Some(let_in_by.as_deref().filter(|_| is_lobby.get())?));
        count.add();
        Some(view! { <p class="notice" data-tone="plain" data-names="">{words}</p> })
    }
}

/// Says that the host is away. It has no button, because the room chooses another host by itself.
#[component]
fn HostAway(presence: Presence, count: NoticeCount) -> impl IntoView {
    let is_away = Memo::new(move |_| {
        let host = presence
            .roster
            .with(|roster| roster.iter().find(|one| one.role == Role::Host).map(|one| one.away));
        presence.own_info.with(Option::is_some) && host != Some(false)
    });
    let takeover = Memo::new(move |_| {
        let me = presence.me.get();
        presence.roster.with(|roster| takeover_words(roster, me.as_ref()))
    });
    let words = move || {
        let host = presence.info.with(|info| info.host.name.clone());
        view! {
            <bdi translate="no">{host}</bdi>
            ", the host, is away. "
            {move || takeover.get()}
        }
    };
    move || {
        is_away.get().then(|| {
            count.add();
            view! { <p class="notice" data-tone="plain" data-names="">{words()}</p> }
        })
    }
}

/// A sentence without a button.
#[component]
fn Sentence(words: Signal<Option<String>>, count: NoticeCount) -> impl IntoView {
    move || {
        words.get().map(|words| {
            count.add();
            view! { <p class="notice">{words}</p> }
        })
    }
}

/// The notice that says why you hear nothing. If you can do something about it, the notice has a button for that.
#[component]
fn Sounds(presence: Presence, count: NoticeCount) -> impl IntoView {
    let is_inside = move || presence.join_state.get() == JoinState::Inside;
    move || match (is_inside(), presence.needs_tap.get(), presence.sound.get()) {
        (true, true, _) => Some(report(
            count,
            "Your browser plays no sound until you ask for it.",
            "Tap to hear",
            Callback::new(move |()| presence.tell(CallInput::Play)),
        )),
        (true, _, SoundState::Blocked) => Some(report(
            count,
            "No voice gets through between you and this Snug. Some office and hotel networks block voices: try another network, \
             such as your phone's. If nobody gets through, tell the person who runs this Snug that the voice port (UDP) is closed.",
            "Try again",
            Callback::new(move |()| presence.tell(CallInput::TryAgain)),
        )),
        (true, _, SoundState::Slow) => {
            count.add();
            Some(view! { <p class="notice" data-tone="plain">"Connecting your voice… " <CheckLink/></p> }.into_any())
        }
        _ => None,
    }
}

/// Tells you that you are heard again, after the system has muted your microphone for a while. If you are muted or cut off now, you are
/// not heard.
fn tell_when_microphone_is_back(presence: Presence) {
    let toasts = use_toasts();
    Effect::new(move |was_held: Option<bool>| {
        let is_held = presence.held_by_system.get();
        let is_heard = presence.mic.get_untracked() == Mic::Live && !presence.cut_off.get_untracked();
        if was_held == Some(true) && !is_held && is_heard {
            toasts.say("Your microphone is back. People can hear you again.".to_owned());
        }
        is_held
    });
}

/// What is wrong with the sound of your own microphone. A microphone can also be silent because you are, so the sentence says "if".
fn trouble_words(trouble: SoundTrouble, name: Option<&str>) -> String {
    match trouble {
        SoundTrouble::Faint => {
            "We hardly hear you. Move closer to your microphone, or make it louder in the settings of your device."
                .to_owned()
        }
        SoundTrouble::Nothing => format!(
            "No sound comes from {}. If you are talking, choose another microphone in the settings of your browser or device.",
            name.map_or("your microphone", without_prefix)
        ),
    }
}

/// The notices about your own microphone: why it is closed or muted, or what to do while "Hear yourself" is on.
#[component]
fn Microphone(presence: Presence, count: NoticeCount) -> impl IntoView {
    let echo = move || match (presence.echo.get(), presence.mic.get()) {
        (true, Mic::Live) => Some("Say something: for five seconds you hear yourself, and the others hear you too."),
        (true, _) => Some("Say something: for five seconds you hear yourself, and nobody else hears you."),
        _ => None,
    };
    move || {
        if let Some(why) = presence.mic_closed.get() {
            return Some(report(
                count,
                why.without_microphone(),
                "Try again",
                Callback::new(move |()| presence.tell(CallInput::Unmute)),
            ));
        }
        if presence.held_by_system.get() {
            return Some(report(
                count,
                HELD_WORDS,
                "Stay muted",
                Callback::new(move |()| presence.tell(CallInput::Mute)),
            ));
        }
        let name = presence.microphone_name.get();
        let trouble = || {
            presence
                .sound_trouble
                .get()
                .map(|trouble| trouble_words(trouble, name.as_deref()))
        };
        let words = echo()
            .or_else(|| presence.mic_remark.get())
            .map(str::to_owned)
            .or_else(|| presence.device_news.get())
            .or_else(trouble)?;
        count.add();
        Some(view! { <p class="notice" data-tone="plain">{words}</p> }.into_any())
    }
}

fn report(count: NoticeCount, words: &'static str, button: &'static str, press: Callback<()>) -> AnyView {
    count.add();
    view! {
        <div class="notice report">
            <p>{words} " " <CheckLink/></p>
            <button class="btn" data-kind="quiet" data-small="" type="button" on:click=move |_| press.run(())>
                {button}
            </button>
        </div>
    }
    .into_any()
}
