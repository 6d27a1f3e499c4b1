//! Rooms with a stage and somebody in every role, for the tests that send signals as every role.

use crate::{stand_ins::leave_to_stand_in, test_app::TestApp, test_socket::TestSocket, visitor::Visitor};
use snug::model::{
    id::UserId,
    room::RoomInfo,
    signal::{ClientSignal, ServerSignal},
    stage::{ModerationAction, StageRequest},
};
use tokio::task::JoinSet;

/// The columns of the table: the roles that send the signals.
pub const ASKING: [&str; 6] = ["watching", "listener", "speaker", "co-host", "host", "stand-in"];

/// The people in all scenes.
pub struct StageCast {
    host: Visitor,
    co_host: Visitor,
    speaker: Visitor,
    listener: Visitor,
    outside: Visitor,
    /// Another speaker, muted for everyone by the host.
    held: Visitor,
    other_co_host: Visitor,
    other_listener: Visitor,
    banned: Visitor,
    /// A speaker who hosts while the host is away, in the rooms of the column "stand-in".
    stand_in: Visitor,
}

impl StageCast {
    pub async fn of(app: &TestApp) -> Self {
        Self {
            host: app.person("Host").await,
            co_host: app.person("Cohost").await,
            speaker: app.person("Speaker").await,
            listener: app.person("Listener").await,
            outside: app.person("Outside").await,
            held: app.person("Held").await,
            other_co_host: app.person("Othercohost").await,
            other_listener: app.person("Otherlistener").await,
            banned: app.person("Banned").await,
            stand_in: app.person("Standin").await,
        }
    }

    pub async fn ids(&self) -> StageIds {
        StageIds {
            host: self.host.id().await,
            co_host: self.co_host.id().await,
            speaker: self.speaker.id().await,
            held: self.held.id().await,
            other_co_host: self.other_co_host.id().await,
            other_listener: self.other_listener.id().await,
            banned: self.banned.id().await,
            stand_in: self.stand_in.id().await,
        }
    }

    /// Opens another page of the person in the column `who`, who is in the room or watches it.
    async fn open_page(&self, who: &str, room: &RoomInfo) -> TestSocket<ServerSignal> {
        let person = match who {
            "watching" => return self.outside.look_in(room).await.0,
            "listener" => &self.listener,
            "speaker" => &self.speaker,
            "co-host" => &self.co_host,
            "host" => &self.host,
            "stand-in" => &self.stand_in,
            other => panic!("there is no column {other}"),
        };
        person.enter(room).await
    }
}

/// The ids of the people who send signals or whom signals are about.
pub struct StageIds {
    pub co_host: UserId,
    pub speaker: UserId,
    pub held: UserId,
    pub other_co_host: UserId,
    pub other_listener: UserId,
    pub host: UserId,
    pub banned: UserId,
    pub stand_in: UserId,
}

/// A room with a stage and somebody in every role, and the open sockets of these people.
pub struct StageScene {
    /// The socket of the person who sends the signals.
    pub asking: TestSocket<ServerSignal>,
    room: RoomInfo,
    /// Reads the sockets of the other people. If nothing answered the server's pings, these people would leave.
    _others: JoinSet<()>,
}

impl StageScene {
    /// Opens a room in which `who`, one of [`ASKING`], sends signals. The first entry of its log is a ban, so `undo` of number 1 lifts
    /// that ban. The second entry is a co-host.
    pub async fn open(app: &TestApp, people: &StageCast, ids: &StageIds, who: &str) -> Self {
        match who {
            "stand-in" => stand_in_scene(app, people, ids).await,
            _ => owner_scene(people, ids, who).await,
        }
    }

    /// Lets the same person send the next signal from a new page, because a page can send only a few signals at once. The new page is
    /// open before the old one is closed, so the person never leaves.
    pub async fn ask_from_new_page(&mut self, people: &StageCast, who: &str) {
        self.asking = people.open_page(who, &self.room).await;
    }

    fn new(room: RoomInfo, asking: TestSocket<ServerSignal>, others: Vec<TestSocket<ServerSignal>>) -> Self {
        let mut reading = JoinSet::new();
        for mut socket in others {
            reading.spawn(async move { socket.recv_forever().await });
        }
        Self {
            asking,
            room,
            _others: reading,
        }
    }
}

async fn log_has(socket: &mut TestSocket<ServerSignal>, entries: usize) {
    socket
        .recv_until(|signal| match signal {
            ServerSignal::ModerationPanel { panel } if panel.log.len() == entries => Some(()),
            _ => None,
        })
        .await;
}

async fn moderate(host: &mut TestSocket<ServerSignal>, action: ModerationAction, about: &UserId) {
    let about = about.clone();
    host.say(&ClientSignal::StageRequest(StageRequest::Moderate { about, action }))
        .await;
}

/// Brings `who` to the stage: the host invites them, and they accept.
async fn bring_up(host: &mut TestSocket<ServerSignal>, who: &mut TestSocket<ServerSignal>, id: &UserId) {
    moderate(host, ModerationAction::Invite, id).await;
    let invited = |signal| match signal {
        ServerSignal::Roster { changed, .. } => changed
            .iter()
            .any(|one| one.invited && one.person.id == *id)
            .then_some(()),
        _ => None,
    };
    who.recv_until(invited).await;
    who.say(&ClientSignal::StageRequest(StageRequest::Answer { accept: true }))
        .await;
}

/// Raises a hand, and waits until the room shows it.
async fn raise_hand(who: &mut TestSocket<ServerSignal>) {
    who.say(&ClientSignal::StageRequest(StageRequest::Hand { up: true }))
        .await;
    let is_up = |signal| match signal {
        ServerSignal::Roster { changed, .. } => changed.iter().any(|one| one.hand.is_some()).then_some(()),
        _ => None,
    };
    who.recv_until(is_up).await;
}

/// A room whose owner is inside and hosts it.
async fn owner_scene(people: &StageCast, ids: &StageIds, who: &str) -> StageScene {
    let room: RoomInfo = people.host.open_stage("Tea").await;
    let mut host = people.host.enter(&room).await;
    let banned = people.banned.enter(&room).await;
    moderate(&mut host, ModerationAction::Ban, &ids.banned).await;
    log_has(&mut host, 1).await;
    let co_host = people.co_host.enter(&room).await;
    moderate(&mut host, ModerationAction::MakeCoHost, &ids.co_host).await;
    log_has(&mut host, 2).await;
    let mut other_co_host = people.other_co_host.enter(&room).await;
    moderate(&mut host, ModerationAction::MakeCoHost, &ids.other_co_host).await;
    log_has(&mut host, 3).await;
    raise_hand(&mut other_co_host).await;
    let mut speaker = people.speaker.enter(&room).await;
    bring_up(&mut host, &mut speaker, &ids.speaker).await;
    log_has(&mut host, 4).await;
    let mut held = people.held.enter(&room).await;
    bring_up(&mut host, &mut held, &ids.held).await;
    log_has(&mut host, 5).await;
    moderate(&mut host, ModerationAction::Mute, &ids.held).await;
    log_has(&mut host, 6).await;
    let listener = people.listener.enter(&room).await;
    let mut other_listener = people.other_listener.enter(&room).await;
    raise_hand(&mut other_listener).await;
    let (outside, ..) = people.outside.look_in(&room).await;
    let mut sockets = vec![outside, listener, speaker, co_host, host];
    let at = ASKING.iter().position(|column| *column == who).expect("a column");
    let asking = sockets.remove(at);
    sockets.extend([held, other_co_host, other_listener, banned]);
    StageScene::new(room, asking, sockets)
}

/// The same room after its owner has left, when no co-host was inside. A speaker hosts it now, and a co-host has come back.
async fn stand_in_scene(app: &TestApp, people: &StageCast, ids: &StageIds) -> StageScene {
    let room: RoomInfo = people.host.open_stage("Tea").await;
    let mut host = people.host.enter(&room).await;
    let banned = people.banned.enter(&room).await;
    moderate(&mut host, ModerationAction::Ban, &ids.banned).await;
    log_has(&mut host, 1).await;
    let mut co_host = people.other_co_host.enter(&room).await;
    moderate(&mut host, ModerationAction::MakeCoHost, &ids.other_co_host).await;
    log_has(&mut host, 2).await;
    co_host.say(&ClientSignal::Leave).await;
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&ids.other_co_host).then_some(()),
        _ => None,
    };
    host.recv_until(has_left).await;
    // The speaker who has been inside longest takes over.
    let mut stand_in = people.stand_in.enter(&room).await;
    bring_up(&mut host, &mut stand_in, &ids.stand_in).await;
    log_has(&mut host, 3).await;
    let mut speaker = people.speaker.enter(&room).await;
    bring_up(&mut host, &mut speaker, &ids.speaker).await;
    log_has(&mut host, 4).await;
    let mut held = people.held.enter(&room).await;
    bring_up(&mut host, &mut held, &ids.held).await;
    log_has(&mut host, 5).await;
    moderate(&mut host, ModerationAction::Mute, &ids.held).await;
    log_has(&mut host, 6).await;
    let mut listener = people.other_listener.enter(&room).await;
    raise_hand(&mut listener).await;
    let info = leave_to_stand_in(app, (&mut host, &ids.host), &mut stand_in).await;
    assert_eq!(info.host.id, ids.stand_in);
    let mut co_host = people.other_co_host.enter(&room).await;
    raise_hand(&mut co_host).await;
    StageScene::new(room, stand_in, vec![speaker, held, co_host, listener, banned])
}
