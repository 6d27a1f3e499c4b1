//! What goes through a voice connection, and why nobody hears a person: about yourself in the sheet "Sound", and for hosts in the sheet
//! about a person.

use crate::{
    model::{id::UserId, room::ParticipantInfo, voice_facts::VoicePath},
    ui::call::{
        Presence,
        events::CallInput,
        why_unheard::{HearingFacts, Who, why_unheard},
    },
};
use leptos::prelude::*;

/// The facts about `of`. The server sends them while this component is on the page, so show it only while its sheet is open.
/// If `is_folded`, a press on the heading shows the numbers, and only the sentence is always there.
#[component]
pub fn VoiceFactsView(presence: Presence, of: UserId, #[prop(optional)] is_folded: bool) -> impl IntoView {
    let watched = of.clone();
    Effect::new(move |_| {
        presence.tell(CallInput::WatchFacts {
            of: watched.clone(),
            on: true,
        });
    });
    let left = of.clone();
    on_cleanup(move || {
        presence.tell(CallInput::WatchFacts { of: left, on: false });
    });
    let is_own = presence.me.get_untracked().as_ref() == Some(&of);
    let about = Memo::new(move |_| {
        let find = |roster: &Vec<ParticipantInfo>| roster.iter().find(|one| one.person.id == of).cloned();
        presence.roster.with(find)
    });
    let rates = Memo::new(move |_| presence.facts.with(|facts| facts.rates()));
    let why = Memo::new(move |_| why_unheard(&hearing_facts(presence, about.get()?, is_own)));
    let way = move || match rates.get().and_then(|rates| rates.path) {
        Some(_) if is_own && presence.is_relayed.get() => "through a relay",
        Some(VoicePath::Udp) => "UDP",
        Some(VoicePath::Tcp) => "TCP",
        None => "none yet",
    };
    let sent = move || {
        let rates = rates.get()?;
        Some(direction(rates.in_per_s?, rates.lost_in_percent))
    };
    let received = move || {
        let rates = rates.get()?;
        Some(direction(rates.out_per_s?, rates.lost_out_percent.map(u64::from)))
    };
    let level = move || match rates.get().and_then(|rates| rates.loudest_dbov) {
        Some(-127) => "silence".to_owned(),
        Some(level) => format!("{level} dB"),
        None => "not known".to_owned(),
    };
    let facts = view! {
        <dl data-facts="">
            <div><dt>"Way"</dt><dd data-fact="way">{way}</dd></div>
            <div><dt>"To Snug"</dt><dd data-fact="in">{move || sent().unwrap_or_else(unknown)}</dd></div>
            <div><dt>"From Snug"</dt><dd data-fact="out">{move || received().unwrap_or_else(unknown)}</dd></div>
            <div><dt>"Loudest"</dt><dd data-fact="level">{level}</dd></div>
        </dl>
    };
    view! {
        <div class="voice-facts">
            // The element is always there, so that screen readers read the sentence when it changes.
            <p class="notice" data-tone="plain" role="status" data-why="">
                {move || why.get()}
            </p>
            {match is_folded {
                true => view! {
                    <details>
                        <summary>
                            <h3>"Connection"</h3>
                        </summary>
                        {facts}
                    </details>
                }
                .into_any(),
                false => view! {
                    <h3>"Connection"</h3>
                    {facts}
                }
                .into_any(),
            }}
        </div>
    }
}

fn unknown() -> String {
    "not known yet".to_owned()
}

/// What goes in one direction.
fn direction(packets_per_s: u64, lost_percent: Option<u64>) -> String {
    match lost_percent {
        Some(lost) => format!("{packets_per_s} packets a second, {lost}\u{a0}% lost"),
        None => format!("{packets_per_s} packets a second"),
    }
}

fn hearing_facts(presence: Presence, about: ParticipantInfo, is_own: bool) -> HearingFacts {
    let who = match is_own {
        true => Who::You {
            closed: presence.mic_closed.get(),
            system_muted: presence.held_by_system.get(),
            is_cut_off: presence.cut_off.get(),
        },
        false => Who::Other {
            name: about.person.name,
            is_your_sound_paused: presence.sound_paused.get(),
        },
    };
    let (is_unplugged, rates) = presence.facts.with(|facts| (facts.is_unplugged(), facts.rates()));
    HearingFacts {
        who,
        role: about.role,
        mic_lock: about.mic_lock,
        away: about.away,
        muted: about.muted,
        is_unplugged,
        rates,
    }
}
