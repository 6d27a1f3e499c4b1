//! Guests: people who come in by a link with only a name and a face.

mod add_email;
mod banned;
mod coming_in;
mod names;
mod photo;
mod removed;
mod within;

use crate::{answer::Answer, invites::token_of, test_app::TestApp, test_socket::TestSocket, visitor::Visitor};
use snug::model::{
    invite::Invite,
    room::{RoomCard, RoomInfo},
    signal::ServerSignal,
    user::User,
};

impl Visitor {
    /// Makes a link that admits guests into a room of this visitor. The link lasts a week and admits ten people.
    pub async fn make_guest_link(&self, room: &RoomInfo) -> Invite {
        self.try_to_make_guest_link(room.id.as_str(), "10")
            .await
            .must(200)
            .json()
    }

    pub async fn try_to_make_guest_link(&self, room: &str, most_uses: &str) -> Answer {
        let fields = [
            ("room", room),
            ("days", "7"),
            ("most_uses", most_uses),
            ("guests", "true"),
        ];
        self.post("/api/invites/make", &fields).await
    }

    /// Comes in by a link as a guest with this name, like the guest card of the page.
    pub async fn come_as_guest(&self, invite: &Invite, name: &str) -> Answer {
        self.come_as_guest_with(invite, name, "").await
    }

    pub async fn come_as_guest_with(&self, invite: &Invite, name: &str, picture: &str) -> Answer {
        let fields = [("token", token_of(invite)), ("name", name), ("picture", picture)];
        self.post("/api/invites/come_as_guest", &fields).await
    }

    async fn revoke(&self, invite: &Invite, guests: &str) -> Answer {
        let fields = [("id", invite.id.as_str()), ("guests", guests)];
        self.post("/api/invites/revoke", &fields).await
    }
}

impl TestApp {
    /// A guest who came in by the link.
    pub async fn guest(&self, invite: &Invite, name: &str) -> Visitor {
        let visitor = self.visitor();
        visitor.come_as_guest(invite, name).await.must(200);
        visitor
    }
}

/// Ada, who is inside her open room, and a link that admits guests into the room.
async fn ada_with_guest_link(app: &TestApp) -> (Visitor, RoomInfo, TestSocket<ServerSignal>, Invite) {
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let socket = ada.enter(&room).await;
    let invite = ada.make_guest_link(&room).await;
    (ada, room, socket, invite)
}

async fn me(visitor: &Visitor) -> User {
    visitor.me().await.must(200).json()
}

async fn topics(visitor: &Visitor) -> Vec<String> {
    let cards: Vec<RoomCard> = visitor.list_rooms().await.must(200).json();
    cards.into_iter().map(|card| card.info.topic).collect()
}
