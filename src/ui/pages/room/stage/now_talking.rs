//! The strip "Now: Tom, Ada". In a large room, it names the people who are talking while you can't see their faces.

use crate::{
    browser::sight::{self, Sight},
    model::{id::UserId, isolated::isolated},
    ui::call::Presence,
};
use leptos::prelude::*;
use send_wrapper::SendWrapper;

/// How many names the strip shows.
const NAMES_MAX: usize = 3;

#[component]
pub fn NowTalking(presence: Presence) -> impl IntoView {
    let talking = Memo::new(move |_| presence.others_speaking());
    let names = RwSignal::new(Vec::<String>::new());
    let look = move || {
        let unseen = talking.try_get_untracked().map(unseen).unwrap_or_default();
        if names.try_get_untracked().is_some_and(|names| names != unseen) {
            names.set(unseen);
        }
    };
    Effect::new(move |_| {
        talking.track();
        presence.roster.track();
        // The page has its new layout only in the next frame.
        request_animation_frame(look);
    });
    let listeners = StoredValue::new(None);
    Effect::new(move |_| listeners.set_value(Some(SendWrapper::new(sight::on_change(look)))));
    on_cleanup(move || {
        listeners.try_set_value(None);
    });
    // Screen readers skip the strip: for them no face is out of sight, and the page's title already says who is talking.
    move || {
        names.with(|names| sentence(names)).map(|words| {
            view! {
                <p class="now-talking" aria-hidden="true">
                    <span data-names="">{words}</span>
                </p>
            }
        })
    }
}

/// The names of those people whose faces can't be seen. Measures nothing if nobody talks.
fn unseen(talking: Vec<(UserId, String)>) -> Vec<String> {
    if talking.is_empty() {
        return vec![];
    }
    let Some(sight) = Sight::between(".room-head", ".controls") else {
        return vec![];
    };
    let hidden = talking
        .into_iter()
        .filter(|(id, _)| !sight.has(&format!("li[data-person=\"{id}\"] .who-face")));
    hidden.map(|(_, name)| name).collect()
}

fn sentence(names: &[String]) -> Option<String> {
    let shown: Vec<_> = names.iter().take(NAMES_MAX).map(|name| isolated(name)).collect();
    match names.len() {
        0 => None,
        many if many > NAMES_MAX => Some(format!("Now: {} and {} more", shown.join(", "), many - NAMES_MAX)),
        _ => Some(format!("Now: {}", shown.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_names_three_people_and_counts_the_rest() {
        let names = |many: usize| {
            ["Tom", "Ada", "Jo", "Mina", "Ben"][..many]
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(sentence(&names(0)), None);
        assert_eq!(sentence(&names(2)).as_deref(), Some("Now: Tom, Ada"));
        assert_eq!(sentence(&names(3)).as_deref(), Some("Now: Tom, Ada, Jo"));
        assert_eq!(sentence(&names(5)).as_deref(), Some("Now: Tom, Ada, Jo and 2 more"));
    }
}
