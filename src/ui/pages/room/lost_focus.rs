//! The focus after a press on a button that disappears because of it, once the room has answered.

use crate::browser::page;
use leptos::prelude::*;

/// Watches `shown`, which decides whether the buttons are there. A button sets the returned value when it is pressed. If the focus is lost at
/// the next change of `shown`, it goes to the first of the selectors in `heirs` that matches something.
pub fn rescue_after_press<T: Send + Sync + 'static>(shown: Memo<T>, heirs: [&'static str; 2]) -> StoredValue<bool> {
    let pressed = StoredValue::new(false);
    Effect::new(move |_| {
        shown.track();
        if pressed.try_update_value(std::mem::take) == Some(true) {
            // The button is gone before the next frame.
            request_animation_frame(move || heirs.into_iter().for_each(page::rescue_focus));
        }
    });
    pressed
}
