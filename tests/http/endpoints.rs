//! Asks every endpoint and both sockets as every kind of user, and compares the answers with the table "What each endpoint
//! answers" in `docs/permissions.md`.

use crate::{
    cross_site::list_endpoints,
    database::On,
    invites::token_of,
    moderation::{ask, moderate},
    people,
    stage::permissions_page,
    stand_ins::leave_to_stand_in,
    test_app::TestApp,
    test_socket::TestSocket,
    visitor::Visitor,
};
use snug::{
    model::{
        invite::Invite,
        room::RoomInfo,
        signal::{ListSignal, ServerSignal},
        stage::{ModerationAction, StageRequest},
    },
    server::auth::owner_link,
};

on_both_databases! {
    every_endpoint_answers_everybody_as_the_table_says,
    an_owner_link_that_works_answers_everybody_as_the_table_says,
    a_guest_with_the_name_of_the_host_is_answered_as_the_table_says,
    revoking_a_link_of_the_owner_answers_everybody_as_the_table_says,
}

/// The columns of the table: the kinds of people who send the requests.
const ASKING: [&str; 13] = [
    "signed out",
    "not activated",
    "guest",
    "listener",
    "speaker",
    "co-host",
    "host",
    "stand-in",
    "guest stand-in",
    "removed",
    "banned",
    "deactivated",
    "banned, then signed out",
];

/// A person who sends the requests, and the open room with a stage that these requests name.
struct EndpointAsker {
    visitor: Visitor,
    room: RoomInfo,
    /// A link for guests into the room, which its owner made.
    invite: Invite,
}

/// Reads the socket, so that its person stays inside until the server closes it or the test ends.
fn keep_open(mut socket: TestSocket<ServerSignal>) {
    tokio::spawn(async move { socket.recv_forever().await });
}

/// Somebody who hosts a room because its owner is away: a guest, or a person with an account.
async fn stand_in(app: &TestApp, owner: &str, is_guest: bool) -> EndpointAsker {
    let owner = app.person(owner).await;
    let room = owner.open_stage("Evening clinic").await;
    let invite = owner.make_guest_link(&room).await;
    let visitor = match is_guest {
        true => app.guest(&invite, "Gast").await,
        false => app.person("Standin").await,
    };
    let mut of_owner = owner.enter(&room).await;
    let mut socket = visitor.enter(&room).await;
    leave_to_stand_in(app, (&mut of_owner, &owner.id().await), &mut socket).await;
    keep_open(socket);
    EndpointAsker { visitor, room, invite }
}

/// One person of each kind, in the order of [`ASKING`]. All except the stand-ins ask about the same room.
async fn scene(app: &TestApp) -> Vec<EndpointAsker> {
    let owner = people::host(app).await;
    let host = app.person("Mina").await;
    let room = host.open_stage("Clinic").await;
    let invite = host.make_guest_link(&room).await;
    let mut socket = host.enter(&room).await;
    let guest = app.guest(&invite, "Gus").await;
    let mut others = vec![];
    let mut sockets = vec![guest.enter(&room).await];
    for name in ["Listener", "Speaker", "Cohost", "Removed", "Banned", "Off", "Gone"] {
        let visitor = app.person(name).await;
        sockets.push(visitor.enter(&room).await);
        others.push(visitor);
    }
    moderate(&mut socket, ModerationAction::Invite, &others[1].id().await).await;
    let asked = |signal| match signal {
        ServerSignal::Roster { changed, .. } => changed.iter().any(|one| one.invited).then_some(()),
        _ => None,
    };
    sockets[2].recv_until(asked).await;
    ask(&mut sockets[2], StageRequest::Answer { accept: true }).await;
    moderate(&mut socket, ModerationAction::MakeCoHost, &others[2].id().await).await;
    moderate(&mut socket, ModerationAction::Remove, &others[3].id().await).await;
    moderate(&mut socket, ModerationAction::Ban, &others[4].id().await).await;
    moderate(&mut socket, ModerationAction::Ban, &others[6].id().await).await;
    let done = |signal| match signal {
        ServerSignal::ModerationPanel { panel } => (panel.log.len() == 5).then_some(()),
        _ => None,
    };
    socket.recv_until(done).await;
    owner.action("switch_off", &others[5].id().await).await.must(200);
    others[6].sign_out().await.must(200);
    sockets.push(socket);
    sockets.into_iter().for_each(keep_open);
    let mut people = vec![app.visitor(), app.newcomer("new@example.org").await, guest];
    let mut others = others.into_iter();
    people.extend(others.by_ref().take(3));
    people.push(host);
    people.extend(others);
    let ask_about = |visitor| EndpointAsker {
        visitor,
        room: room.clone(),
        invite: invite.clone(),
    };
    let mut asking: Vec<EndpointAsker> = people.into_iter().map(ask_about).collect();
    let at = ASKING.iter().position(|kind| *kind == "stand-in").expect("a column");
    asking.insert(at, stand_in(app, "Olga", false).await);
    asking.insert(at + 1, stand_in(app, "Oskar", true).await);
    asking
}

/// The form fields of all endpoints. Every request has all of them, and each endpoint reads only the fields that it knows.
///
/// `name` must differ for each visitor: a guest can't use the name of the host, and requests of earlier visitors rename the host.
fn fields<'a>(room: &'a RoomInfo, token: &'a str, name: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("email", "somebody@example.org"),
        ("code", "000000"),
        ("token", token),
        ("id", room.id.as_str()),
        ("room", room.id.as_str()),
        ("user", "nobody-of-that-id"),
        ("name", name),
        ("picture", ""),
        ("topic", "Tea"),
        ("kind", "open"),
        ("days", "7"),
        ("most_uses", "10"),
    ]
}

/// All endpoints. Those that turn the visitor into another kind of person come last.
fn in_order() -> Vec<String> {
    let mut all = list_endpoints();
    all.sort_by_key(|endpoint| {
        let last = [
            "profile/activate",
            "come_as_guest",
            "sign_out_others",
            "sign_out_device",
            "sign_out",
        ];
        (
            last.iter()
                .position(|end| endpoint.contains(end))
                .map_or(0, |at| at + 1),
            endpoint.clone(),
        )
    });
    all
}

/// What the endpoints and sockets answer to this person, whose forms have the name `name`.
async fn statuses(EndpointAsker { visitor, room, invite }: &EndpointAsker, name: &str) -> Vec<(String, u16)> {
    let token = token_of(invite);
    let mut message = vec![];
    for path in [
        format!("/ws/rooms/{}", room.id),
        "/ws/rooms".to_owned(),
        "/ws/check".to_owned(),
    ] {
        let status = match path == "/ws/rooms" {
            true => opened(visitor.open_own_socket::<ListSignal>(&path).await),
            false => opened(visitor.open_own_socket::<ServerSignal>(&path).await),
        };
        message.push((path.replace(room.id.as_str(), "{id}"), status));
    }
    for endpoint in in_order() {
        let answer = visitor.post(&endpoint, &fields(room, token, name)).await;
        message.push((endpoint, answer.status));
    }
    message
}

fn opened<T>(attempt: Result<T, crate::test_socket::UpgradeRefused>) -> u16 {
    attempt.err().map_or(101, |refusal| refusal.status)
}

async fn every_endpoint_answers_everybody_as_the_table_says(on: On) {
    let app = TestApp::on(on).await;
    let scene = scene(&app).await;
    let mut rows: Vec<(String, Vec<u16>)> = vec![];
    for (asking, name) in scene.iter().zip(ASKING) {
        for (at, (endpoint, status)) in statuses(asking, name).await.into_iter().enumerate() {
            match rows.get_mut(at) {
                Some((_, all)) => all.push(status),
                None => rows.push((endpoint, vec![status])),
            }
        }
    }
    assert_documented(rows);
}

/// What each kind of person gets who presses the button on the page of an owner link that works.
async fn an_owner_link_that_works_answers_everybody_as_the_table_says(on: On) {
    let app = TestApp::on(on).await;
    let scene = scene(&app).await;
    let mut all = vec![];
    for EndpointAsker { visitor, .. } in &scene {
        let link = owner_link::command::make_link(&app.state.config).await.expect("a link");
        let token = link.rsplit('/').next().expect("a token");
        let answer = visitor.post("/api/auth/use_owner_link", &[("token", token)]).await;
        all.push(answer.status);
    }
    assert_documented(vec![(
        "/api/auth/use_owner_link with a link that works".to_owned(),
        all,
    )]);
}

/// What each kind of person gets who comes as a guest with the name of the host.
async fn a_guest_with_the_name_of_the_host_is_answered_as_the_table_says(on: On) {
    let app = TestApp::on(on).await;
    let mut all = vec![];
    for EndpointAsker { visitor, invite, .. } in &scene(&app).await {
        all.push(visitor.come_as_guest(invite, "Mina").await.status);
    }
    assert_documented(vec![(
        "/api/invites/come_as_guest with the name of the host".to_owned(),
        all,
    )]);
}

/// Who may revoke a link that the owner of the room made, and who may remove its guests.
async fn revoking_a_link_of_the_owner_answers_everybody_as_the_table_says(on: On) {
    let app = TestApp::on(on).await;
    let scene = scene(&app).await;
    let mut rows = vec![];
    for (what, guests) in [
        ("a link of the owner", "false"),
        ("a link of the owner and its guests", "true"),
    ] {
        let mut all = vec![];
        for EndpointAsker { visitor, invite, .. } in &scene {
            let fields = [("id", invite.id.as_str()), ("guests", guests)];
            all.push(visitor.post("/api/invites/revoke", &fields).await.status);
        }
        rows.push((format!("/api/invites/revoke with {what}"), all));
    }
    assert_documented(rows);
}

/// Checks that the table has these rows: an endpoint, and the statuses in the order of [`ASKING`].
fn assert_documented(rows: Vec<(String, Vec<u16>)>) {
    let header = format!("| endpoint | {} |", ASKING.join(" | "));
    let mut missing: Vec<String> = vec![header];
    missing.extend(rows.into_iter().map(|(endpoint, all)| {
        let cells: Vec<String> = all.iter().map(u16::to_string).collect();
        format!("| `{endpoint}` | {} |", cells.join(" | "))
    }));
    let table = permissions_page();
    missing.retain(|row| !table.lines().any(|socket| socket == row));
    assert!(
        missing.is_empty(),
        "docs/permissions.md does not have these rows:\n{}",
        missing.join("\n")
    );
}
