//! How many notices are above the controls of a room.

use crate::ui::document_marks::mark_document;
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct NoticeCount(RwSignal<u32>);

impl NoticeCount {
    /// Counts from 0. While there is a notice, the document has the mark `data-notices`, because the controls are higher then.
    pub fn begin() -> Self {
        let count = RwSignal::new(0_u32);
        mark_document("data-notices", move || (count.get() > 0).then_some(""));
        Self(count)
    }

    /// Counts one notice. Call this where the notice is rendered: it counts until something else is rendered in its place.
    pub fn add(self) {
        self.0.update(|count| *count += 1);
        on_cleanup(move || {
            self.0.try_update(|count| *count = count.saturating_sub(1));
        });
    }
}
