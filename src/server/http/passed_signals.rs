//! Passes the signals of a page to its room: while its socket is open, and those that are still unread when the server closes it.

use super::signal_limit::{Incoming, SignalLimiter};
use crate::{
    model::signal::{ClientSignal, Refusal},
    server::{
        signal_budgets::Spending,
        voice::{OFFER_MAX_BYTES, QueueFull, RoomHandle},
    },
};
use axum::extract::ws::WebSocket;
use std::time::Duration;
use tokio::time::timeout;

/// Passes a person's signal to the room.
///
/// # Errors
/// `Busy` if too many requests of all people wait, `BadOffer` if an offer is too long to be queued. The room did not get the signal.
pub fn pass_on(signal: ClientSignal, handle: &RoomHandle) -> Result<(), Refusal> {
    let sent = match signal {
        ClientSignal::Join { sdp } | ClientSignal::RestartIce { sdp } if sdp.len() > OFFER_MAX_BYTES => {
            return Err(Refusal::BadOffer);
        }
        ClientSignal::Join { sdp } => handle.join(sdp),
        ClientSignal::RestartIce { sdp } => handle.restart_ice(sdp),
        ClientSignal::WatchFacts { of } => handle.watch_facts(of),
        ClientSignal::Mute { on } => handle.mute(on),
        ClientSignal::HearYourself => handle.hear_yourself(),
        ClientSignal::StageRequest(request) => handle.request(request),
        // The caller ends the socket, which leaves the room, and answers pings.
        ClientSignal::Leave | ClientSignal::Ping { .. } => Ok(()),
    };
    sent.map_err(|QueueFull| Refusal::Busy)
}

/// Reads what a page has sent before it could know that its socket ends, and passes it to the room: somebody who has pressed *Leave* or
/// *Mute* must not stay or be heard because of that. Ends when the page has closed the socket too, or after `within`. Returns whether the
/// page said goodbye. Nobody can be told of a refusal any more.
pub async fn pass_rest(
    socket: &mut WebSocket,
    limiter: &mut SignalLimiter,
    handle: &RoomHandle,
    may_spend: impl Fn(Spending) -> bool,
    within: Duration,
) -> bool {
    let reading = async {
        loop {
            match limiter.receive(socket.recv().await, &may_spend) {
                Incoming::Signal(ClientSignal::Leave) | Incoming::Goodbye => return true,
                Incoming::Signal(signal) => {
                    let _ = pass_on(signal, handle);
                }
                Incoming::Nothing | Incoming::TooMany => {}
                Incoming::Lost | Incoming::Flood => return false,
            }
        }
    };
    timeout(within, reading).await.unwrap_or(false)
}
