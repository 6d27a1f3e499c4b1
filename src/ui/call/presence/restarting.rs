//! Lets the browser look for another path to the server (an ICE restart).

use super::Presence;
use crate::{browser::peer::PeerConnection, ui::call::events::ConnectionEvent};
use leptos::task::spawn_local;

impl Presence {
    /// Makes an offer with new ICE credentials for the connection that is there.
    pub(super) fn restart_connection(self, attempt: u32) {
        let Some(connection) = self.with_peer(PeerConnection::connection) else {
            return;
        };
        spawn_local(async move {
            let offered = PeerConnection::restart_offer(connection).await;
            self.tell_of(
                attempt,
                match offered {
                    Ok(sdp) => ConnectionEvent::RestartOffered { sdp },
                    Err(_) => ConnectionEvent::RestartFailed,
                },
            );
        });
    }

    /// Applies the answer to that offer.
    pub(super) fn accept_restart(self, attempt: u32, sdp: String) {
        let Some(connection) = self.with_peer(PeerConnection::connection) else {
            return;
        };
        spawn_local(async move {
            if !PeerConnection::accept(connection, sdp).await {
                self.tell_of(attempt, ConnectionEvent::RestartFailed);
            }
        });
    }
}
