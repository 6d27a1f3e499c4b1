//! Toasts: short messages at the bottom of every page that disappear by themselves. A toast can have one button, such as "Undo".

use super::{
    announcer::{Announcer, use_announcer},
    document_marks::mark_document,
};
use crate::browser::{
    page::{self, EventListener},
    sight,
    timer::sleep_ms,
};
use leptos::{ev::PointerEvent, prelude::*, task::spawn_local};

/// How long a toast stays, in milliseconds. The time does not run while the pointer or the focus is on a toast.
const SHOWN_MS: u32 = 8_000;
/// How often the time of a toast is counted, in milliseconds.
const STEP_MS: u32 = 250;
/// If there are more toasts than this, the oldest one disappears early.
const MOST: usize = 3;
/// The id of the region on the page.
const REGION: &str = "toasts";
/// A selector that finds the region.
const TOASTS: &str = "#toasts";
/// A selector that finds the button of a toast while it has the focus.
const FOCUSED: &str = "#toasts :focus";

/// The toasts that are on the screen, which all pages share.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    /// The number of the newest toast.
    last: StoredValue<u32>,
    has_pointer: RwSignal<bool>,
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
            // Somebody who is about to press a button must not lose it.
            if !page::has(FOCUSED) {
                let too_many = shown.len().saturating_sub(MOST);
                shown.drain(..too_many);
            }
        });
        self.raise();
        // The toast is on the page before the next frame. It must not cover the face whose sheet was just closed.
        request_animation_frame(|| sight::uncover_focus(TOASTS));
        spawn_local(self.dismiss_later(number));
    }

    /// Moves the region above the sheets that are open, because its buttons must not be under them.
    fn raise(self) {
        let is_above = page::has("#toasts:popover-open") && !page::has("dialog:popover-open");
        // The button that has the focus would lose it.
        if !is_above && !page::has(FOCUSED) {
            page::raise_popover(REGION);
        }
    }

    async fn dismiss_later(self, number: u32) {
        let mut left_ms = SHOWN_MS;
        while left_ms > 0 {
            sleep_ms(STEP_MS).await;
            // Ask the page about the focus: an element that is removed sends no event when it loses the focus.
            if !self.has_pointer.get_untracked() && !page::has(FOCUSED) {
                left_ms = left_ms.saturating_sub(STEP_MS);
            }
        }
        self.dismiss(number);
    }

    fn dismiss(self, number: u32) {
        let had_focus = page::has(FOCUSED);
        self.shown.update(|shown| shown.retain(|toast| toast.number != number));
        // A toast that disappears under the pointer sends no event that says so.
        self.has_pointer.set(false);
        if had_focus {
            // The button that had the focus is perhaps gone.
            request_animation_frame(|| {
                page::rescue_focus("section.stage");
                page::rescue_focus("#main :is(a, button)");
            });
        }
    }

    /// The pointer has moved over the toasts. Only a mouse can rest on them. A toast that appears under the place of the last tap gets
    /// `pointerenter` from Chromium, as if a mouse were there, but no `pointermove`.
    fn note_pointer(self, event: &PointerEvent) {
        if !self.has_pointer.get_untracked() && event.pointer_type() == "mouse" && page::can_hover() {
            self.has_pointer.set(true);
        }
    }

    fn press(self, number: u32, press: Callback<()>) {
        press.try_run(());
        self.dismiss(number);
    }
}

/// The place of the toasts on the page. It is a popover, because sheets are popovers, too, and nothing else can be above them. It is a
/// manual one: it closes no sheet, and Escape does not close it.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    mark_document("data-toast", move || {
        toasts.shown.with(|shown| (!shown.is_empty()).then_some(""))
    });
    // A sheet that opens later is above the toasts. The effect keeps the listener.
    Effect::new(move |_: Option<EventListener>| {
        page::on_popover(move |popover| {
            if popover != REGION && page::has(".toast") && page::has("dialog:popover-open") {
                toasts.raise();
            }
        })
    });
    view! {
        <div
            class="toasts" id=REGION popover="manual"
            on:pointermove=move |event| toasts.note_pointer(&event) on:pointerleave=move |_| toasts.has_pointer.set(false)
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
