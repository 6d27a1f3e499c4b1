//! The announcer: one polite live region on every page, which tells people with a screen reader what has happened.

use crate::browser::timer::sleep_ms;
use leptos::{prelude::*, task::spawn_local};

/// Texts that come within this many milliseconds are read out together.
const JOINED_WITHIN_MS: u32 = 300;
/// How long a text stays in the region, in milliseconds. After that it would only be in the way of somebody who reads the page.
const SHOWN_MS: u32 = 5_000;

#[derive(Clone, Copy)]
pub struct Announcer {
    text: RwSignal<String>,
    waiting: StoredValue<Vec<String>>,
    /// How many texts the region has shown.
    count: StoredValue<u32>,
}

/// Provides the [`Announcer`] to all pages.
pub fn provide_announcer() {
    provide_context(Announcer {
        text: RwSignal::new(String::new()),
        waiting: StoredValue::new(vec![]),
        count: StoredValue::new(0),
    });
}

/// The announcer that [`provide_announcer`] has provided.
pub fn use_announcer() -> Announcer {
    expect_context()
}

impl Announcer {
    /// Has screen readers read `text` out when they are done with what they are reading. Call this only in the browser.
    pub fn say(self, text: String) {
        let waiting = self.waiting.try_update_value(|waiting| {
            waiting.push(text);
            waiting.len()
        });
        if waiting == Some(1) {
            spawn_local(self.show_soon());
        }
    }

    async fn show_soon(self) {
        sleep_ms(JOINED_WITHIN_MS).await;
        let waiting: Vec<String> = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        let count = self.count.try_update_value(|count| {
            *count += 1;
            *count
        });
        self.text.update(|text| *text = next_text(text, &waiting));
        sleep_ms(SHOWN_MS).await;
        // If another text has come since, that text has its own five seconds.
        if self.count.try_get_value() == count {
            self.text.set(String::new());
        }
    }
}

/// The text of the region: what is waiting. If it is the text that the region shows already, it ends with a space that does not break,
/// because screen readers do not read out a text that has not changed.
fn next_text(shown: &str, waiting: &[String]) -> String {
    let text = waiting.join(" ");
    match text == shown {
        true => text + "\u{a0}",
        false => text,
    }
}

/// The live region. It is always on the page, because screen readers only notice new text in an element that they already know.
#[component]
pub fn AnnouncerRegion() -> impl IntoView {
    let text = use_announcer().text;
    view! { <p class="visually-hidden" role="status" data-announcer="">{move || text.get()}</p> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_joined_and_a_repeated_text_differs_from_the_one_before() {
        let (came, left) = ("Tom came in.".to_owned(), "Ada left.".to_owned());
        assert_eq!(next_text("", &[came.clone(), left]), "Tom came in. Ada left.");
        let again = next_text(&came, std::slice::from_ref(&came));
        assert_eq!(again, "Tom came in.\u{a0}");
        assert_eq!(next_text(&again, std::slice::from_ref(&came)), "Tom came in.");
    }
}
