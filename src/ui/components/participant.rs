//! A participant on the stage: a large face and the name.

use super::face::Face;
use crate::model::room::Participant;
use leptos::prelude::*;

/// Somebody in the room. `is_me` marks the person whose page this is.
#[component]
pub fn Seat(#[prop(into)] participant: Signal<Participant>, #[prop(into)] is_me: Signal<bool>) -> impl IntoView {
    let remark = Memo::new(move |_| remark(&participant.get(), is_me.get()));
    let label = move || {
        let (name, remark) = (participant.get().person.name, remark.get());
        if remark.is_empty() {
            name
        } else {
            format!("{name}, {remark}")
        }
    };
    view! {
        <li class="who-is" aria-label=label data-away=move || participant.get().away.then_some("")>
            <Face picture=Signal::derive(move || participant.get().person.picture)/>
            <span class="who-name">
                <b>{move || participant.get().person.name}</b>
                {move || Some(remark.get()).filter(|remark| !remark.is_empty()).map(|remark| view! { <small>{remark}</small> })}
            </span>
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
