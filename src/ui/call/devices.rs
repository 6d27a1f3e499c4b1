//! What a call holds of the browser: the room's socket, the voice connection and the microphone. It decides nothing.

use crate::{
    browser::{microphone::Microphone, page::EventListener, peer::PeerConnection},
    model::signal::ClientSignal,
    ui::reconnecting_socket::ReconnectingSocket,
};
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;

/// Filled in the browser only: a render on the server may end on another thread than it began on.
#[derive(Default)]
pub struct Devices {
    socket: Option<SendWrapper<(ReconnectingSocket, EventListener)>>,
    peer: Option<SendWrapper<PeerConnection>>,
    microphone: Option<SendWrapper<Microphone>>,
}

impl Devices {
    pub fn has_socket(&self) -> bool {
        self.socket.is_some()
    }

    /// Keeps the socket, and for as long as that the listener to the page's visibility.
    pub fn plug_in_socket(&mut self, socket: ReconnectingSocket, visibility: EventListener) {
        self.socket = Some(SendWrapper::new((socket, visibility)));
    }

    /// Sends a signal; it is lost while the socket is not open.
    pub fn send(&self, signal: &ClientSignal) {
        if let Some((socket, _)) = self.socket.as_deref() {
            socket.send(&serde_json::to_string(signal).unwrap_or_default());
        }
    }

    pub fn reopen_socket(&self) {
        if let Some((socket, _)) = self.socket.as_deref() {
            socket.reopen();
        }
    }

    pub fn hang_up(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.0.hang_up();
        }
    }

    pub fn plug_in_peer(&mut self, peer: PeerConnection) {
        self.unplug_peer();
        self.peer = Some(SendWrapper::new(peer));
        self.send_microphone();
    }

    pub fn unplug_peer(&mut self) {
        // Not now: this may run within one of the connection's own callbacks.
        if let Some(peer) = self.peer.take() {
            spawn_local(async move { drop(peer) });
        }
    }

    pub fn peer(&self) -> Option<&PeerConnection> {
        self.peer.as_deref()
    }

    pub fn plug_in_microphone(&mut self, microphone: Microphone) {
        self.microphone = Some(SendWrapper::new(microphone));
    }

    pub fn release_microphone(&mut self) {
        self.microphone = None;
    }

    pub fn microphone(&self) -> Option<&Microphone> {
        self.microphone.as_deref()
    }

    /// Puts the microphone into the connection, if both are there.
    pub fn send_microphone(&self) {
        if let (Some(peer), Some(microphone)) = (&self.peer, &self.microphone) {
            peer.send(microphone.track());
        }
    }
}
