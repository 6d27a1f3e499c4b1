//! In the host tools: the people who were removed or banned, with a button that lets each of them back in. It is hidden while there is
//! nobody.

use super::{invite_details::use_invite_details, lost_focus::rescue_after_press, stand_in::is_stand_in};
use crate::{
    browser::page,
    model::{
        isolated::isolated,
        moderation_log::{Barred, REACH_OF_A_BAN},
        stage::StageRequest,
    },
    ui::{call::Presence, components::face::Face},
};
use leptos::prelude::*;

/// What gets the focus if the button of a row disappears. It is no other button, because a second press must not let somebody else in.
const HEIRS: [&str; 2] = [
    // With the last person, this section is hidden. The next one then says what happened.
    "section:not([hidden]) > #removed-title, section:not([hidden]) > #history-title",
    "#moderation-panel:popover-open button",
];

#[component]
pub fn RemovedPeople(presence: Presence) -> impl IntoView {
    let barred = Memo::new(move |_| presence.panel.with(|panel| panel.barred.clone()));
    let is_somebody_banned = move || barred.with(|barred| barred.iter().any(|bar| bar.until_s.is_none()));
    let pressed = rescue_after_press(barred, HEIRS);
    view! {
        <section aria-labelledby="removed-title" hidden=move || barred.with(Vec::is_empty)>
            <h3 id="removed-title" tabindex="-1">"Removed"</h3>
            {move || is_somebody_banned().then(|| view! { <p class="hint">{REACH_OF_A_BAN}</p> })}
            <ul class="rows" role="list">
                <For each=move || barred.get() key=|bar| (bar.person.id.clone(), bar.until_s) let:bar>
                    {barred_row(presence, pressed, bar)}
                </For>
            </ul>
        </section>
    }
}

fn barred_row(presence: Presence, pressed: StoredValue<bool>, bar: Barred) -> impl IntoView {
    let Barred { person, until_s, guest } = bar;
    let label = format!("Let {} back in", person.called());
    let came_as_guest = guest.then(|| {
        let name = isolated(&person.name);
        format!("{name} came as a guest. Turn off the link, or they can come in again.")
    });
    let about = person.id;
    let is_banned = until_s.is_none();
    let details = use_invite_details();
    // A stand-in can't lift a ban.
    let may_lift = move || !(is_banned && is_stand_in(presence));
    let words = match until_s {
        Some(until_s) => view! { "until " <time>{page::time_of_day(until_s)}</time> }.into_any(),
        None => "banned".into_any(),
    };
    view! {
        <li>
            <Face picture=person.picture size="s"/>
            <p data-names="">
                <bdi translate="no"><b>{person.name}</b></bdi> " " <span class="hint">{words}</span>
                {came_as_guest.map(|sentence| view! {
                    <br/>
                    <span class="hint" data-names="">{sentence}</span>
                    " "
                    <button class="link" type="button" aria-haspopup="dialog" on:click=move |_| details.open()>
                        "Show the links"
                    </button>
                })}
            </p>
            {move || may_lift().then(|| {
                let about = about.clone();
                view! {
                    <button
                        class="btn" data-kind="quiet" data-small="" type="button" aria-label=label.clone()
                        on:click=move |_| {
                            pressed.set_value(true);
                            presence.request(StageRequest::Lift { about: about.clone() });
                        }
                    >
                        "Let back in"
                    </button>
                }
            })}
        </li>
    }
}
