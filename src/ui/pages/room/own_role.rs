//! Your own role in the room: a sentence about it, and a button to leave the stage.

use super::{
    hand_queue::{ordinal, place_of},
    lifted_lock::LiftedLock,
    own_button::OWN_BUTTON,
    waiting_time::{server_now, waited},
};
use crate::{
    browser::{page, timer::sleep_ms},
    model::{
        isolated::isolated,
        room::{ParticipantInfo, RoomInfo},
        stage::{MicLock, Mode, Role, StageRequest, muted_by},
    },
    ui::{announcer::use_announcer, call::Presence, components::icon::Icon, document_marks::mark_document},
};
use leptos::{prelude::*, task::spawn_local};
use std::borrow::Cow;

/// How long a sentence is news, in milliseconds.
const FRESH_MS: u32 = 4_000;

/// What the page says about your role.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RoleSentence {
    words: String,
    /// Whether the sentence stays on the screen. The others are only news.
    stays: bool,
    /// Whether the sentence ends with the time that your hand has been up.
    shows_wait: bool,
}

impl RoleSentence {
    fn news(words: impl Into<String>) -> Option<Self> {
        Some(Self {
            words: words.into(),
            stays: false,
            shows_wait: false,
        })
    }

    fn lasting(words: impl Into<String>) -> Option<Self> {
        Self::news(words).map(|sentence| Self {
            stays: true,
            ..sentence
        })
    }
}

/// A sentence about your role. It is read out when it changes. The style sheet fades it if it is neither `data-fresh` (it has just
/// changed) nor `data-stays`. `is_news` says whether the first sentence is news, too.
#[component]
pub fn OwnRole(presence: Presence, is_news: bool) -> impl IntoView {
    let role = Memo::new(move |_| presence.role());
    let host_news = Memo::new(move |before: Option<&(Option<Role>, bool)>| {
        let now = role.get();
        (now, is_new_host(before, now))
    });
    let lifted = Memo::new(move |before: Option<&LiftedLock>| {
        let own = presence.own_info.get();
        presence
            .roster
            .with(|roster| LiftedLock::after(before, own.as_ref(), roster))
    });
    let sentence = Memo::new(move |_| {
        let own = presence.own_info.get()?;
        if let Some(words) = lifted.with(|lifted| lifted.words.clone()) {
            return RoleSentence::news(words);
        }
        let place = presence.roster.with(|roster| place_of(&own, roster));
        let is_new_host = host_news.get().1;
        let (muter, inviter) = (presence.muted_by.get(), presence.invited_by.get());
        let hosts = NamedHosts {
            muter: muter.as_deref(),
            inviter: inviter.as_deref(),
        };
        presence
            .info
            .with(|info| sentence(&own, info, hosts, place, is_new_host))
    });
    // The time is not part of `sentence`. Otherwise the sentence would be read out again every minute.
    let now_s = server_now(presence);
    let wait = Memo::new(move |_| {
        let since_s = presence
            .own_info
            .with(|own| own.as_ref().and_then(|own| own.hand_since_s))?;
        waited(since_s, now_s.get()?)
    });
    let shown = move || {
        let sentence = sentence.get()?;
        match wait.get().filter(|_| sentence.shows_wait) {
            Some(wait) => Some(format!("{}, {wait}.", sentence.words.trim_end_matches('.'))),
            None => Some(sentence.words),
        }
    };
    let stays = move || sentence.with(|sentence| sentence.as_ref().is_some_and(|sentence| sentence.stays));
    let is_fresh = announce(
        Memo::new(move |_| sentence.get().map(|sentence| sentence.words)),
        is_news,
    );
    mark_document("data-own-role", move || match (stays(), is_fresh.get()) {
        (true, _) => Some("stays"),
        (false, true) => Some("fresh"),
        (false, false) => None,
    });
    view! {
        <p
            class="own-role" data-names="" data-stays=move || stays().then_some("")
            data-fresh=move || is_fresh.get().then_some("")
        >
            {shown}
        </p>
    }
}

/// Has `words` read out whenever they change, and at first if `is_news`. The signal is true for a while each time.
fn announce(words: Memo<Option<String>>, is_news: bool) -> RwSignal<bool> {
    let announcer = use_announcer();
    let is_fresh = RwSignal::new(false);
    let changes = StoredValue::new(0_u32);
    Effect::new(move |before: Option<()>| {
        let words = words.get().filter(|_| is_news || before.is_some());
        let change = changes.get_value() + 1;
        changes.set_value(change);
        is_fresh.set(words.is_some());
        if let Some(words) = words {
            announcer.say(words);
            spawn_local(async move {
                sleep_ms(FRESH_MS).await;
                if changes.try_get_value() == Some(change) {
                    is_fresh.set(false);
                }
            });
        }
    });
    is_fresh
}

/// Whether you have become host since you came in. `before` is your role before this change, and whether you had become host then.
fn is_new_host(before: Option<&(Option<Role>, bool)>, now: Option<Role>) -> bool {
    match before {
        _ if now != Some(Role::Host) => false,
        Some((Some(Role::Host), was_new)) => *was_new,
        Some((before, _)) => before.is_some(),
        None => false,
    }
}

/// The names of the hosts who did something about you, if the page knows them.
#[derive(Debug, Clone, Copy, Default)]
struct NamedHosts<'a> {
    /// The host who has muted you for everyone.
    muter: Option<&'a str>,
    /// The host who invites you to the stage.
    inviter: Option<&'a str>,
}

/// `place` is your place in the queue of hands, if your hand is up. `is_new_host` says that you were not host when you came in. `None` if
/// there is nothing to say, because you can talk like everybody else.
fn sentence(
    own: &ParticipantInfo,
    room: &RoomInfo,
    hosts: NamedHosts<'_>,
    place: Option<usize>,
    is_new_host: bool,
) -> Option<RoleSentence> {
    if own.role == Role::Listener && own.invited {
        let host = named_host(hosts.inviter);
        return RoleSentence::lasting(format!("{host} invites you up to speak. You'll come up muted."));
    }
    if own.mic_lock == Some(MicLock::ByHost) {
        return RoleSentence::lasting(muted_by(hosts.muter));
    }
    if let Some(place) = place {
        let words = format!("Your hand is up, {} in line.", ordinal(place));
        return RoleSentence::lasting(words).map(|sentence| RoleSentence {
            shows_wait: true,
            ..sentence
        });
    }
    match (own.role, own.mic_lock, room.rules.mode) {
        (Role::Listener, ..) => RoleSentence::news("You are listening. Raise your hand to speak."),
        (_, Some(_), _) => RoleSentence::lasting(
            "New accounts only listen at first in this room. You can talk after a short while, or as soon as a host lets you.",
        ),
        (Role::Host, ..) => match &room.absent_owner {
            Some(owner) => RoleSentence::news(format!("You are host while {} is away.", isolated(&owner.name))),
            None if is_new_host => RoleSentence::news("You're the host now."),
            None => None,
        },
        (Role::CoHost, ..) => RoleSentence::news("You are co-host of this room."),
        (Role::Speaker, _, Mode::Stage) => RoleSentence::news("You are on the stage."),
        (Role::Speaker, _, Mode::Everyone) => None,
    }
}

/// The name of a host in a sentence, if the page knows it.
fn named_host(name: Option<&str>) -> Cow<'_, str> {
    name.map_or(Cow::Borrowed("A host"), isolated)
}

/// The button with which you leave the stage for the audience.
#[component]
pub fn StepDownButton(presence: Presence) -> impl IntoView {
    let step_down = move |_| {
        presence.request(StageRequest::StepDown);
        // This button disappears, so move the focus to a button that stays.
        page::focus(OWN_BUTTON);
    };
    view! {
        <button class="btn" data-kind="quiet" type="button" on:click=step_down>
            <Icon name="step-down"/>
            <span>"Leave the stage"</span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        host_kind::AbsentOwner,
        id::{RoomId, UserId},
        room::{Person, RoomKind, Rules},
    };

    fn room(mode: Mode) -> RoomInfo {
        let host = Person::named(UserId::parse("user-adaaaaa").expect("an id"), "Ada");
        let id = RoomId::parse("room-tea-01").expect("an id");
        let rules = Rules {
            mode,
            ..Rules::default()
        };
        RoomInfo::new(id, "Tea", RoomKind::Open, host, rules)
    }

    fn participant(role: Role) -> ParticipantInfo {
        // As a page gets it: the fields that are missing have their defaults.
        let json = r#"{"id":"user-benaaaa","name":"Ben","picture":"","role":"listener","muted":true,"voice":1}"#;
        ParticipantInfo {
            role,
            ..serde_json::from_str(json).expect("a participant")
        }
    }

    fn words(own: &ParticipantInfo, mode: Mode) -> Option<String> {
        sentence(own, &room(mode), NamedHosts::default(), None, false).map(|sentence| sentence.words)
    }

    #[test]
    fn the_sentence_about_an_invitation_or_a_mute_names_the_host_and_stays() {
        let invited = ParticipantInfo {
            invited: true,
            ..participant(Role::Listener)
        };
        let by_ada = NamedHosts {
            muter: Some("Ada"),
            inviter: Some("Ada"),
        };
        let expected = RoleSentence::lasting("Ada invites you up to speak. You'll come up muted.");
        assert_eq!(sentence(&invited, &room(Mode::Stage), by_ada, Some(1), false), expected);
        let muted = ParticipantInfo {
            mic_lock: Some(MicLock::ByHost),
            ..participant(Role::Speaker)
        };
        let by_a_host = "A host muted you. You can speak again once a host lets you.";
        assert_eq!(
            sentence(&muted, &room(Mode::Stage), NamedHosts::default(), None, false),
            RoleSentence::lasting(by_a_host)
        );
        let named = sentence(&muted, &room(Mode::Stage), by_ada, None, false).expect("a sentence");
        assert!(named.words.starts_with("Ada muted you."));
    }

    #[test]
    fn people_who_can_talk_like_everybody_else_read_nothing() {
        assert_eq!(words(&participant(Role::Speaker), Mode::Everyone), None);
        assert_eq!(words(&participant(Role::Host), Mode::Stage), None);
        let new_host = sentence(
            &participant(Role::Host),
            &room(Mode::Stage),
            NamedHosts::default(),
            None,
            true,
        );
        assert_eq!(new_host, RoleSentence::news("You're the host now."));
        let stands_in = RoomInfo {
            absent_owner: Some(AbsentOwner {
                name: "Ada".into(),
                appointed: false,
                for_long: false,
            }),
            ..room(Mode::Stage)
        };
        let told = sentence(&participant(Role::Host), &stands_in, NamedHosts::default(), None, true);
        assert_eq!(told, RoleSentence::news("You are host while Ada is away."));
    }

    #[test]
    fn a_raised_hand_says_its_place_in_every_role() {
        for role in Role::ALL {
            let told = sentence(
                &participant(role),
                &room(Mode::Everyone),
                NamedHosts::default(),
                Some(2),
                false,
            )
            .expect("a sentence");
            assert_eq!(told.words, "Your hand is up, second in line.");
            assert!(told.stays && told.shows_wait);
        }
    }

    #[test]
    fn you_become_host_only_if_you_were_inside_in_another_role() {
        let (host, speaker) = (Some(Role::Host), Some(Role::Speaker));
        assert!(!is_new_host(None, host) && !is_new_host(Some(&(None, false)), host));
        assert!(is_new_host(Some(&(speaker, false)), host) && is_new_host(Some(&(host, true)), host));
        assert!(!is_new_host(Some(&(host, false)), host) && !is_new_host(Some(&(host, true)), speaker));
    }
}
