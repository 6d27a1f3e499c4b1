//! Toasts: short messages at the bottom of every page that disappear by themselves. A toast can have one button, such as "Undo".

use super::announcer::{Announcer, use_announcer};
use crate::browser::{page, timer::sleep_ms};
use leptos::{prelude::*, task::spawn_local};

/// How long a toast stays, in milliseconds. The time does not run while the pointer or the focus is on a toast.
const SHOWN_MS: u32 = 8_000;
/// How often the time of a toast is counted, in milliseconds.
const STEP_MS: u32 = 250;
/// If there are more toasts than this, the oldest one disappears early.
const MOST: usize = 3;

/// The toasts that are on the screen, which all pages share.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    /// The number of the newest toast.
    last: StoredValue<u32>,
    has_pointer: RwSignal<bool>,
    has_focus: RwSignal<bool>,
    announcer: Announcer,
}

#[derive(Debug, Clone)]
struct Toast {
    number: u32,
    text: String,
    button: Option<ToastButton>,
}

#[derive(Debug, Clone, Copy)]
struct ToastButton {
    word: &'static str,
    press: Callback<()>,
}

/// Provides the [`Toasts`] to all pages. Call `provide_announcer` first.
pub fn provide_toasts() {
    provide_context(Toasts {
        shown: RwSignal::new(vec![]),
        last: StoredValue::new(0),
        has_pointer: RwSignal::new(false),
        has_focus: RwSignal::new(false),
        announcer: use_announcer(),
    });
}

/// The toasts that [`provide_toasts`] has provided.
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Shows a toast, and has screen readers read it out. Call this only in the browser.
    pub fn say(self, text: String) {
        self.show(text, None);
    }

    /// Shows a toast with a button, and has screen readers read its text out. The toast never takes the focus. Call this only in the
    /// browser.
    pub fn offer(self, text: String, button: &'static str, press: Callback<()>) {
        self.show(text, Some(ToastButton { word: button, press }));
    }

    fn show(self, text: String, button: Option<ToastButton>) {
        self.announcer.say(text.clone());
        let number = self.last.try_update_value(|last| {
            *last += 1;
            *last
        });
        let number = number.unwrap_or_default();
        self.shown.update(|shown| {
            shown.push(Toast { number, text, button });
            let too_many = shown.len().saturating_sub(MOST);
            shown.drain(..too_many);
        });
        spawn_local(self.dismiss_later(number));
    }

    async fn dismiss_later(self, number: u32) {
        let mut left_ms = SHOWN_MS;
        while left_ms > 0 {
            sleep_ms(STEP_MS).await;
            if !self.has_pointer.get_untracked() && !self.has_focus.get_untracked() {
                left_ms = left_ms.saturating_sub(STEP_MS);
            }
        }
        self.dismiss(number);
    }

    fn dismiss(self, number: u32) {
        self.shown.update(|shown| shown.retain(|toast| toast.number != number));
        // A toast that disappears under the pointer or the focus sends no event that says so.
        if self.shown.with_untracked(Vec::is_empty) {
            self.has_pointer.set(false);
            self.has_focus.set(false);
        }
    }

    fn press(self, number: u32, press: Callback<()>) {
        press.try_run(());
        self.dismiss(number);
        // The button that had the focus is gone.
        request_animation_frame(|| {
            page::rescue_focus("section.stage");
            page::rescue_focus("#main :is(a, button)");
        });
    }
}

/// The place of the toasts on the page.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div
            class="toasts"
            on:pointerenter=move |_| toasts.has_pointer.set(true) on:pointerleave=move |_| toasts.has_pointer.set(false)
            on:focusin=move |_| toasts.has_focus.set(true) on:focusout=move |_| toasts.has_focus.set(false)
        >
            <For each=move || toasts.shown.get() key=|toast| toast.number let:toast>
                {toast_view(toasts, toast)}
            </For>
        </div>
    }
}

fn toast_view(toasts: Toasts, toast: Toast) -> impl IntoView {
    let Toast { number, text, button } = toast;
    let id = format!("toast-{number}");
    let described_by = id.clone();
    view! {
        <div class="toast">
            <p id=id data-names="">{text}</p>
            {button.map(|ToastButton { word, press }| view! {
                <button
                    class="btn" data-kind="plain" data-small="" type="button" aria-describedby=described_by
                    on:click=move |_| toasts.press(number, press)
                >
                    {word}
                </button>
            })}
        </div>
    }
}
