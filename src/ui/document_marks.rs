//! Marks on the document's root element: what the page shows now, for the styles of elements in other parts of it.
//!
//! The style sheet could find out the same with `body:has(…)`. But then the browser looks at many elements again after each change anywhere
//! on the page, which took 10 ms per change on a phone in a room of 50.

use crate::browser::page;
use leptos::prelude::*;

/// While `value` returns a value, the root has the attribute `name` with this value. The mark disappears together with the component that
/// calls this function. The server sets no marks, so use them only for what needs the program.
pub fn mark_document(name: &'static str, value: impl Fn() -> Option<&'static str> + Send + Sync + 'static) {
    let value = Memo::new(move |_| value());
    Effect::new(move |_| {
        if let Some(value) = value.get() {
            page::mark_document(name, Some(value));
            on_cleanup(move || page::mark_document(name, None));
        }
    });
}
