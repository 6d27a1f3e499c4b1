//! Finds out whether a proxy between the page and the server does not let WebSockets through.

use super::reconnecting_socket::SocketState;
use crate::api::client::find_stripped_upgrade;
use leptos::{prelude::*, task::spawn_local};

/// Watches the socket to `path`. The result is the sentence for the screen while a proxy does not let it through. The page asks the
/// server after the attempts 2, 4, 8 and so on.
pub fn watch_for_proxy(
    state: ReadSignal<SocketState>,
    path: impl Fn() -> String + 'static,
) -> ReadSignal<Option<String>> {
    let sentence = RwSignal::new(None);
    Effect::new(move |_| match state.get() {
        SocketState::Lost { attempt, .. } if attempt > 1 && attempt.is_power_of_two() => {
            let path = path();
            spawn_local(async move {
                if let Some(found) = find_stripped_upgrade(&path).await {
                    // The person may have left the page meanwhile.
                    let _ = sentence.try_set(Some(found));
                }
            });
        }
        SocketState::Open if sentence.with_untracked(Option::is_some) => sentence.set(None),
        _ => {}
    });
    sentence.read_only()
}
