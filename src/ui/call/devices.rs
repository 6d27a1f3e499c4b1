//! The browser objects of a call: the room's socket, the voice connection and the microphone. This code makes no decisions.

use crate::{
    browser::{
        device_changes::DeviceWatch, microphone::Microphone, network::NetworkListener, page::EventListener,
        peer::PeerConnection,
    },
    model::{ice_server::IceServer, signal::ClientSignal},
    ui::reconnecting_socket::ReconnectingSocket,
};
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;

/// The objects of a call. These objects can't move to another thread. On the server, a render can begin on one thread and end on
/// another, so there all of them are `None`.
#[derive(Default)]
pub struct Devices {
    socket: Option<SendWrapper<(ReconnectingSocket, SocketListeners)>>,
    peer: Option<SendWrapper<PeerConnection>>,
    microphone: Option<SendWrapper<Microphone>>,
    /// The TURN servers that connections may use.
    ice_servers: Vec<IceServer>,
    /// Watches the devices of the browser, after the first request for the microphone.
    watch: Option<SendWrapper<DeviceWatch>>,
    /// Whether the watch has begun, or is beginning.
    is_watching: bool,
}

/// What the page listens to while it has a socket: whether it is hidden, sheets, and changes of the network.
pub struct SocketListeners {
    pub _visibility: EventListener,
    pub _sheets: EventListener,
    pub _online: EventListener,
    pub _network_type: Option<NetworkListener>,
}

impl Devices {
    pub fn has_socket(&self) -> bool {
        self.socket.is_some()
    }

    /// Stores the socket together with the listeners. All are dropped at the same time.
    pub fn plug_in_socket(&mut self, socket: ReconnectingSocket, listeners: SocketListeners) {
        self.socket = Some(SendWrapper::new((socket, listeners)));
    }

    /// Sends a signal. The signal is lost if the socket is not open.
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

    pub fn renew_socket(&self, is_other_network: bool) {
        if let Some((socket, _)) = self.socket.as_deref() {
            socket.renew(is_other_network);
        }
    }

    pub fn hang_up(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.0.hang_up();
        }
        self.is_watching = false;
        // Drop the watch later: this code can run in a callback of the watch.
        if let Some(watch) = self.watch.take() {
            spawn_local(async move { drop(watch) });
        }
    }

    pub fn plug_in_peer(&mut self, peer: PeerConnection) {
        self.unplug_peer();
        self.peer = Some(SendWrapper::new(peer));
        self.send_microphone();
    }

    pub fn unplug_peer(&mut self) {
        // Drop the connection later: this code can run in a callback of the connection, and a callback must not be dropped while
        // it runs.
        if let Some(peer) = self.peer.take() {
            spawn_local(async move { drop(peer) });
        }
    }

    pub fn ice_servers(&self) -> &[IceServer] {
        &self.ice_servers
    }

    /// Stores new TURN servers, also for the connection that exists: it uses them when it looks for another path.
    pub fn set_ice_servers(&mut self, servers: Vec<IceServer>) {
        if let Some(peer) = self.peer.as_deref() {
            peer.set_ice_servers(&servers);
        }
        self.ice_servers = servers;
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

    /// Notes that the watch of the devices begins. Returns false if it has begun before.
    pub fn begin_watching(&mut self) -> bool {
        !std::mem::replace(&mut self.is_watching, true)
    }

    pub fn watch(&mut self, watch: DeviceWatch) {
        self.watch = Some(SendWrapper::new(watch));
    }

    /// Sends the microphone's track over the connection, if both exist.
    pub fn send_microphone(&self) {
        if let (Some(peer), Some(microphone)) = (&self.peer, &self.microphone) {
            peer.send(microphone.track());
        }
    }
}
