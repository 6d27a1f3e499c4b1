//! Things that the contract test needs but does not check: people inside rooms, and the owner link. If the messages of a room's
//! socket or the types of the program change, change this file and not the contract test.

use crate::{
    ice_client::ToneSource,
    raw_peer::{LOUD, RawPeer},
    test_app::TestApp,
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use serde_json::{Value, json};
use snug::server::auth::owner_link;
use std::time::Duration;
use tokio::{net::TcpStream, sync::mpsc, task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The token of the owner link that the program prints when it starts.
pub async fn owner_token(app: &TestApp) -> String {
    let link = owner_link::link(&app.state).await.expect("the database answers");
    let link = link.expect("nobody owns this Snug");
    link.rsplit('/').next().expect("a token").to_owned()
}

/// A person in a room, who leaves when the `Inside` is dropped.
pub struct Inside {
    sender: SplitSink<WebSocketStream<TcpStream>, Message>,
    signals: mpsc::UnboundedReceiver<Value>,
    reader: JoinHandle<()>,
    peer: RawPeer,
}

impl Inside {
    /// Opens the socket of `room` with these cookies and joins.
    pub async fn enter(app: &TestApp, cookies: &str, room: &str) -> Self {
        let stream = open(app, cookies, &format!("/ws/rooms/{room}")).await;
        let (sender, receiver) = stream.split();
        let (found, signals) = mpsc::unbounded_channel();
        let (peer, sdp) = RawPeer::offer();
        let mut inside = Self {
            sender,
            signals,
            reader: tokio::spawn(read(receiver, found)),
            peer,
        };
        inside.say(json!({ "type": "join", "sdp": sdp })).await;
        let answer = inside.wait_for(|signal| signal["type"] == "joined").await;
        inside
            .peer
            .accept(answer["sdp"].as_str().expect("an answer").to_owned());
        inside
    }

    pub async fn raise_hand(&mut self) {
        self.say(json!({ "type": "hand", "up": true })).await;
    }

    /// As a host: invites somebody to the stage.
    pub async fn invite(&mut self, user: &str) {
        self.act("invite", user).await;
    }

    /// Waits for an invitation to the stage and accepts it.
    pub async fn accept_invitation(&mut self) {
        self.wait_for(is_invitation).await;
        self.say(json!({ "type": "answer", "accept": true })).await;
    }

    /// As a host: mutes somebody for everyone.
    pub async fn mute(&mut self, user: &str) {
        self.act("mute", user).await;
    }

    /// As the host: makes somebody a co-host.
    pub async fn make_co_host(&mut self, user: &str) {
        self.act("make_co_host", user).await;
    }

    /// As the host: keeps accounts that are younger than five minutes from talking.
    pub async fn hold_new_accounts(&mut self) {
        self.say(json!({ "type": "hold_new", "minutes": 5 })).await;
    }

    /// As the owner: makes the room permanent, and leaves it.
    pub async fn make_permanent_and_leave(&mut self) {
        self.say(json!({ "type": "stand", "on": true })).await;
        self.say(json!({ "type": "leave" })).await;
    }

    /// Opens the microphone and talks.
    pub async fn talk(&mut self) {
        tokio::task::block_in_place(|| self.peer.wait_until_connected());
        self.say(json!({ "type": "mute", "on": false })).await;
        self.peer.speak(ToneSource::at(LOUD));
    }

    async fn act(&mut self, act: &str, about: &str) {
        self.say(json!({ "type": "act", "about": about, "act": act })).await;
    }

    async fn say(&mut self, signal: Value) {
        self.sender
            .send(Message::text(signal.to_string()))
            .await
            .expect("the socket is open");
    }

    async fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                let signal = self.signals.recv().await.expect("the socket is open");
                if wanted(&signal) {
                    return signal;
                }
            }
        };
        timeout(LONGEST_WAIT, found).await.expect("the signal in time")
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn is_invitation(signal: &Value) -> bool {
    let changed = signal["changed"].as_array();
    signal["type"] == "roster" && changed.is_some_and(|changed| changed.iter().any(|one| one["invited"] == true))
}

async fn open(app: &TestApp, cookies: &str, path: &str) -> WebSocketStream<TcpStream> {
    let address = format!("ws://{}{path}", app.address);
    let mut request = address.into_client_request().expect("an address");
    let headers = request.headers_mut();
    headers.insert("cookie", cookies.parse().expect("cookies"));
    headers.insert("origin", app.origin().parse().expect("an origin"));
    let stream = TcpStream::connect(app.address).await.expect("connected");
    client_async(request, stream).await.expect("the socket opens").0
}

/// Reads until the socket closes. Reading also answers the server's pings.
async fn read(mut receiver: SplitStream<WebSocketStream<TcpStream>>, found: mpsc::UnboundedSender<Value>) {
    while let Some(Ok(message)) = receiver.next().await {
        if let Message::Text(text) = message {
            let signal = serde_json::from_str(&text).expect("JSON");
            // The receiver is gone once the test has ended.
            let _ = found.send(signal);
        }
    }
}
