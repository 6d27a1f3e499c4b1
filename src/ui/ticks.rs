//! A signal that changes regularly while the page is open, so that the page shows how time passes.

use crate::browser::timer::sleep_ms;
use leptos::{prelude::*, task::spawn_local};

/// Changes every `every_ms` milliseconds, in the browser only.
pub fn ticks(every_ms: u32) -> ReadSignal<u32> {
    let ticks = RwSignal::new(0_u32);
    Effect::new(move |_| {
        spawn_local(async move {
            loop {
                sleep_ms(every_ms).await;
                // `None` if the person has left the page.
                if ticks.try_update(|ticks| *ticks = ticks.wrapping_add(1)).is_none() {
                    return;
                }
            }
        });
    });
    ticks.read_only()
}
