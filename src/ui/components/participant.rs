//! A participant: a face that lights up while they speak, badges beside it, and the name. If you can do something about the person, all
//! of this is one button.

use super::{face::Face, icon::Icon, mic_button::shown};
use crate::model::{
    isolated::isolated,
    room::ParticipantInfo,
    stage::{MicLock, Role},
};
use leptos::prelude::*;

/// The sheet about a person, which the faces of a room share.
const SHEET: &str = "more-about";
/// A name with more characters may not fit into two lines. The page then shows the whole name on hover and focus.
const FITTING_NAME: usize = 16;

/// A person in the list of the stage or of the audience.
#[component]
pub fn ParticipantItem(
    #[prop(into)] participant: Signal<ParticipantInfo>,
    /// Whether this is the person whose page this is.
    #[prop(into)]
    is_me: Signal<bool>,
    /// The loudness of the person's voice while they speak.
    #[prop(into)]
    level: Signal<Option<u8>>,
    /// Whether you can do something about this person. The face is a button only if you can.
    #[prop(into)]
    has_button: Signal<bool>,
    /// Whether Tab stops at this face.
    #[prop(into)]
    is_tab_stop: Signal<bool>,
    /// Makes the sheet about a person show this person.
    choose: Callback<()>,
) -> impl IntoView {
    let id = participant.with_untracked(|one| one.person.id.to_string());
    let speaks = Memo::new(move |_| level.get().is_some());
    let has_button = Memo::new(move |_| has_button.get());
    let label = Memo::new(move |_| participant.with(|one| label(one, is_me.get())));
    let unseen = Memo::new(move |_| participant.with(|one| unseen_state(one, is_me.get()).join(", ")));
    let tab_index = move || if is_tab_stop.get() { "0" } else { "-1" };
    let content = move || view! { <FaceAndName participant is_me speaks/> };
    view! {
        <li
            class="person" data-person=id data-me=move || is_me.get().then_some("")
            data-away=move || participant.with(|one| one.away).then_some("")
            data-muted=move || participant.with(|one| one.muted).to_string()
            data-speaking=move || speaks.get().to_string() data-level=move || shown(level.get())
        >
            {move || if has_button.get() {
                view! {
                    <button
                        class="who" type="button" aria-label=move || label.get() aria-haspopup="dialog" popovertarget=SHEET
                        tabindex=tab_index on:click=move |_| choose.run(())
                    >
                        {content()}
                    </button>
                }
                .into_any()
            } else {
                view! {
                    <div class="who">
                        {content()}
                        <span class="visually-hidden">{move || unseen.get()}</span>
                    </div>
                }
                .into_any()
            }}
        </li>
    }
}

#[component]
fn FaceAndName(participant: Signal<ParticipantInfo>, is_me: Signal<bool>, speaks: Memo<bool>) -> impl IntoView {
    let name = Memo::new(move |_| participant.with(|one| one.person.name.clone()));
    let has_hand_up = Memo::new(move |_| participant.with(|one| one.hand.is_some()));
    let microphone = Memo::new(move |_| participant.with(microphone));
    let remark = Memo::new(move |_| participant.with(|one| remarks(one).join(", ")));
    let whole_name = move || name.with(|name| (name.chars().count() > FITTING_NAME).then(|| name.clone()));
    view! {
        <span class="who-face">
            <Face
                picture=Signal::derive(move || participant.with(|one| one.person.picture.clone())) speaks animated=true
                hand=has_hand_up
            />
            <span class="who-badge who-hand" hidden=move || !has_hand_up.get()>
                <Icon name="hand"/>
            </span>
            {move || microphone.get().map(|state| {
                let name = if state == OPEN { "mic" } else { "mic-off" };
                view! { <span class="who-badge who-mic" data-state=state><Icon name/></span> }
            })}
        </span>
        <span class="who-name" data-name=whole_name>
            <b dir="auto" translate="no">{move || name.get()}</b>
        </span>
        " "
        {move || is_me.get().then(|| view! { <small class="who-you">"you"</small> " " })}
        {move || Some(remark.get()).filter(|remark| !remark.is_empty()).map(|remark| view! { <small>{remark}</small> })}
        {move || (microphone.get() == Some(BY_HOST)).then(|| view! { " " <small class="who-by-host">{MUTED_BY_HOST}</small> })}
    }
}

const OPEN: &str = "open";
const MUTED: &str = "muted";
const BY_HOST: &str = "by-host";
const MUTED_BY_HOST: &str = "muted by host";

/// The state of a person's microphone, for the badge. `None` for listeners, who have none to open.
fn microphone(participant: &ParticipantInfo) -> Option<&'static str> {
    match (participant.role, participant.mic_lock) {
        (Role::Listener, _) => None,
        (_, Some(MicLock::ByHost)) => Some(BY_HOST),
        (_, _) if participant.muted => Some(MUTED),
        _ => Some(OPEN),
    }
}

/// Everything that the face and the words below it say, for screen readers. It begins with the name.
fn label(participant: &ParticipantInfo, is_me: bool) -> String {
    let by_host = (microphone(participant) == Some(BY_HOST)).then_some(MUTED_BY_HOST);
    let words = is_me
        .then_some("you")
        .into_iter()
        .chain(remarks(participant))
        .chain(by_host);
    let words = words.chain(unseen_state(participant, is_me));
    words.fold(isolated(&participant.person.name).into_owned(), |label, word| {
        label + ", " + word
    })
}

/// The remarks below the name.
fn remarks(participant: &ParticipantInfo) -> Vec<&'static str> {
    let role = participant.role.hosts().then(|| participant.role.label());
    let guest = participant.person.guest.then_some("guest");
    let away = participant.away.then_some("away");
    [role, guest, away].into_iter().flatten().collect()
}

/// What only the badges show, in words. About yourself it also says that you may talk, because the sentence about your role fades.
fn unseen_state(participant: &ParticipantInfo, is_me: bool) -> Vec<&'static str> {
    let role = match participant.role {
        Role::Listener => Some("listening"),
        Role::Speaker if is_me => Some("speaker"),
        _ => None,
    };
    let muted = (microphone(participant) == Some(MUTED)).then_some("muted");
    let hand = participant.hand.map(|_| "hand up");
    let invited = participant.invited.then_some("invited to the stage");
    [role, muted, hand, invited].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tom(role: Role) -> ParticipantInfo {
        let json = json!({ "id": "abcdefghij", "name": "Tom", "picture": "", "role": role, "muted": true, "voice": 1 });
        serde_json::from_value(json).expect("a participant")
    }

    #[test]
    fn a_label_begins_with_the_name_and_says_what_the_face_shows() {
        assert_eq!(label(&tom(Role::Speaker), false), "Tom, muted");
        let open = ParticipantInfo {
            muted: false,
            ..tom(Role::CoHost)
        };
        assert_eq!(label(&open, false), "Tom, co-host");
        let mut listener = tom(Role::Listener);
        listener.person.guest = true;
        listener.hand = Some(2);
        assert_eq!(label(&listener, false), "Tom, guest, listening, hand up");
        let locked = ParticipantInfo {
            mic_lock: Some(MicLock::ByHost),
            ..tom(Role::Speaker)
        };
        assert_eq!(label(&locked, false), "Tom, muted by host");
    }

    #[test]
    fn your_own_label_says_your_role() {
        assert_eq!(label(&tom(Role::Speaker), true), "Tom, you, speaker, muted");
        assert_eq!(label(&tom(Role::Host), true), "Tom, you, host, muted");
        assert_eq!(label(&tom(Role::Listener), true), "Tom, you, listening");
    }

    #[test]
    fn the_badge_tells_a_microphone_that_a_host_has_muted_from_any_other() {
        assert_eq!(microphone(&tom(Role::Listener)), None);
        assert_eq!(microphone(&tom(Role::Speaker)), Some(MUTED));
        let new = ParticipantInfo {
            mic_lock: Some(MicLock::NewAccount),
            ..tom(Role::Speaker)
        };
        assert_eq!(microphone(&new), Some(MUTED));
        let locked = ParticipantInfo {
            mic_lock: Some(MicLock::ByHost),
            ..new
        };
        assert_eq!(microphone(&locked), Some(BY_HOST));
    }
}
