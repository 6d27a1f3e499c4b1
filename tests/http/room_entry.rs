//! Entering a room: a visitor looks in, joins, and connects a peer for voice.

use crate::{
    ice_client::PeerOptions,
    raw_peer::RawPeer,
    test_socket::{TestSocket, UpgradeRefused},
    visitor::Visitor,
};
use snug::model::{
    id::UserId,
    room::{RoomInfo, RoomPage},
    signal::{ClientSignal, ServerSignal},
};

impl Visitor {
    /// Opens the room's socket, joins, and waits until the visitor is inside. The voice connection never carries sound.
    pub async fn enter(&self, room: &RoomInfo) -> TestSocket<ServerSignal> {
        self.enter_and_look(room).await.0
    }

    /// Like [`Visitor::enter`], and also returns the visitor's id and the room as they see it.
    pub async fn enter_and_look(&self, room: &RoomInfo) -> (TestSocket<ServerSignal>, UserId, RoomPage) {
        let (mut socket, you, mut page) = self.look_in(room).await;
        let (_, sdp) = RawPeer::offer();
        ask_to_join(&mut socket, sdp).await;
        if page.roster.iter().all(|one| one.person.id != you) {
            let joined_self = |signal| match signal {
                ServerSignal::Roster { joined, .. } => joined.into_iter().find(|one| one.person.id == you),
                _ => None,
            };
            page.roster.push(socket.recv_until(joined_self).await);
        }
        if page.roster.iter().any(|one| one.person.id == you && one.role.hosts()) {
            let panel = |signal| matches!(signal, ServerSignal::ModerationPanel { .. }).then_some(());
            socket.recv_until(panel).await;
        }
        (socket, you, page)
    }

    /// Opens the room's socket without joining. Returns the visitor's id and the room as the first signal, `welcome`, shows it.
    pub async fn look_in(&self, room: &RoomInfo) -> (TestSocket<ServerSignal>, UserId, RoomPage) {
        let mut socket = self.try_to_enter(room.id.as_str()).await.expect("admitted");
        match socket.hear().await {
            ServerSignal::Welcome { you, room, .. } => (socket, you, *room),
            other => panic!("the first signal is a welcome, not {other:?}"),
        }
    }

    /// Joins with a working voice connection, and waits until it can carry sound.
    pub async fn plug_in(&self, room: &RoomInfo) -> (TestSocket<ServerSignal>, RawPeer) {
        self.plug_in_with(room, PeerOptions::default()).await
    }

    /// Like [`Visitor::plug_in`], with another offer or another network.
    pub async fn plug_in_with(&self, room: &RoomInfo, options: PeerOptions) -> (TestSocket<ServerSignal>, RawPeer) {
        let (mut socket, ..) = self.look_in(room).await;
        let (peer, sdp) = RawPeer::offer_with(options);
        connect(&peer, ask_to_join(&mut socket, sdp).await);
        (socket, peer)
    }

    /// Opens a room's socket, or returns the refusal.
    pub async fn try_to_enter(&self, room: &str) -> Result<TestSocket<ServerSignal>, UpgradeRefused> {
        self.open_own_socket(&format!("/ws/rooms/{room}")).await
    }
}

/// Joins over an open socket, and waits until the voice connection can carry sound.
pub async fn join(socket: &mut TestSocket<ServerSignal>) -> RawPeer {
    let (peer, sdp) = RawPeer::offer();
    connect(&peer, ask_to_join(socket, sdp).await);
    peer
}

/// Sends the SDP offer and returns the SDP answer.
pub async fn ask_to_join(socket: &mut TestSocket<ServerSignal>, sdp: String) -> String {
    socket.say(&ClientSignal::Join { sdp }).await;
    socket
        .recv_until(|signal| match signal {
            ServerSignal::Joined { sdp } => Some(sdp),
            _ => None,
        })
        .await
}

/// Takes the SDP answer, and waits until the voice connection can carry sound.
pub fn connect(peer: &RawPeer, answer: String) {
    peer.accept(answer);
    tokio::task::block_in_place(|| peer.wait_until_connected());
}
