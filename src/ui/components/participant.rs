//! A participant on the stage: a large face and the name, lit while they speak.

use super::{face::Face, icon::Icon, mic_button::shown};
use crate::model::room::Participant;
use leptos::prelude::*;

/// Somebody in the room. `is_me` marks the person whose page this is; `level` is that of their voice, if it is on.
#[component]
pub fn Seat(
    #[prop(into)] participant: Signal<Participant>,
    #[prop(into)] is_me: Signal<bool>,
    #[prop(into)] level: Signal<Option<u8>>,
    /// What can be done about them.
    children: Children,
) -> impl IntoView {
    let remark = Memo::new(move |_| remark(&participant.get(), is_me.get()));
    let speaks = Memo::new(move |_| level.get().is_some());
    let muted = Memo::new(move |_| participant.get().muted);
    let label = move || {
        let mut words = vec![participant.get().person.name];
        words.extend(Some(remark.get()).filter(|remark| !remark.is_empty()));
        words.extend(muted.get().then(|| "muted".to_owned()));
        words.join(", ")
    };
    view! {
        <li
            class="who-is" aria-label=label
            data-away=move || participant.get().away.then_some("")
            data-muted=move || muted.get().to_string()
            data-speaking=move || speaks.get().to_string()
            data-level=move || shown(level.get())
        >
            <span class="who-face">
                <Face picture=Signal::derive(move || participant.get().person.picture) speaks/>
                <span class="who-muted" hidden=move || !muted.get()>
                    <Icon name="mic-off"/>
                </span>
            </span>
            <span class="who-name">
                <b>{move || participant.get().person.name}</b>
                {move || Some(remark.get()).filter(|remark| !remark.is_empty()).map(|remark| view! { <small>{remark}</small> })}
            </span>
            {children()}
        </li>
    }
}

fn remark(participant: &Participant, is_me: bool) -> String {
    let remarks = [(participant.host, "host"), (is_me, "you"), (participant.away, "away")];
    remarks
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, word)| word)
        .collect::<Vec<_>>()
        .join(", ")
}
