//! Key presses on the window. The code of a shortcut can find out which key was pressed and where the focus was.

use super::page::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Where a key was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FocusTarget {
    /// In a field for text.
    TextField,
    /// On another control, which visibly has the focus and handles the key itself.
    Control,
    /// Anywhere else.
    Page,
}

/// A key press, with the facts that a shortcut needs.
pub struct PressedKey {
    event: KeyboardEvent,
}

impl PressedKey {
    /// The character that the layout writes for this key, or the name of the key.
    pub fn name(&self) -> String {
        self.event.key()
    }

    /// The place of this key on the keyboard, whatever the layout, such as `KeyM`.
    pub fn code(&self) -> String {
        self.event.code()
    }

    /// Whether this event is a repetition, because the key is held down.
    pub fn is_repeated(&self) -> bool {
        self.event.repeat()
    }

    /// Whether Ctrl, Alt or Meta is held. The key is then part of a command of the browser or the system.
    pub fn is_modified(&self) -> bool {
        self.event.ctrl_key() || self.event.alt_key() || self.event.meta_key()
    }

    /// Where the focus was when the key was pressed.
    pub fn focus_target(&self) -> FocusTarget {
        let focused = self
            .event
            .target()
            .and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let matches = |element: &HtmlElement, selector: &str| element.matches(selector).unwrap_or(false);
        match focused {
            Some(element) if element.is_content_editable() || matches(&element, TEXT_FIELDS) => FocusTarget::TextField,
            Some(element) if matches(&element, ":focus-visible") => FocusTarget::Control,
            _ => FocusTarget::Page,
        }
    }

    /// Whether the focus was on an element that matches `selector`, or inside one.
    pub fn is_on(&self, selector: &str) -> bool {
        let target = self
            .event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        target
            .and_then(|element| element.closest(selector).ok().flatten())
            .is_some()
    }

    /// Stops the browser from handling this key itself.
    pub fn take(&self) {
        self.event.prevent_default();
    }
}

const TEXT_FIELDS: &str =
    "input:not([type=checkbox],[type=radio],[type=button],[type=submit],[type=range]),textarea,select";

/// Calls `press` when a key goes down, `release` when it goes up, and `lose` when the window loses the focus.
pub fn listen(
    press: impl Fn(PressedKey) + 'static,
    release: impl Fn(PressedKey) + 'static,
    lose: impl Fn() + 'static,
) -> [EventListener; 3] {
    // When a browser fills in a form, it sends events with these names that are no key presses and have no key.
    let key = |event: web_sys::Event| event.dyn_into().ok().map(|event: KeyboardEvent| PressedKey { event });
    [
        EventListener::on_window("keydown", move |event| key(event).into_iter().for_each(&press)),
        EventListener::on_window("keyup", move |event| key(event).into_iter().for_each(&release)),
        EventListener::on_window("blur", move |_| lose()),
    ]
}
