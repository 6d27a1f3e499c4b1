//! The server deletes guests when a host revokes their link together with its guests. It also deletes a guest who has no session left,
//! because this guest can't come back.

use crate::{
    database::On,
    guests::{ada_with_guest_link, me},
    invites::invites,
    photos,
    test_app::TestApp,
};
use snug::{
    model::{
        id::UserId,
        room::RoomPage,
        signal::{Ending, ServerSignal},
        user::User,
    },
    server::housekeeping,
};
use std::time::Duration;

on_both_databases! {
    revoking_a_link_with_its_guests_ends_their_sessions_within_a_second,
    guests_who_can_no_longer_come_back_are_deleted,
}

const A_SECOND: Duration = Duration::from_secs(1);

fn is_gone(signal: ServerSignal) -> Option<()> {
    matches!(
        signal,
        ServerSignal::Ended {
            why: Ending::LinkRevoked
        }
    )
    .then_some(())
}

async fn revoking_a_link_with_its_guests_ends_their_sessions_within_a_second(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Whispers", "private").await;
    let mut host = ada.enter(&room).await;
    let (invite, other) = (ada.make_guest_link(&room).await, ada.make_guest_link(&room).await);
    ben.accept(&invite).await.must(200);
    let (gus, kay, lou) = (
        app.visitor(),
        app.guest(&invite, "Kay").await,
        app.guest(&other, "Lou").await,
    );
    gus.come_as_guest_with(&invite, "Gus", &photos::small_photo())
        .await
        .must(200);
    let gone: User = me(&gus).await;
    kay.post("/api/auth/request_email_change", &[("email", "kay@example.org")])
        .await
        .must(200);
    let letter = crate::letters::find_newest(&app.outbox(), "kay@example.org").expect("a letter");
    let code = crate::letters::code_in(&letter).expect("a code");
    kay.post("/api/auth/confirm_email_change", &[("code", &code)])
        .await
        .must(200);
    let mut inside = gus.enter(&room).await;
    let mut list = gus.watch_rooms().await.expect("admitted");
    list.hear().await;
    let shown = invites(&ada, &room).await.into_iter().find(|one| one.id == invite.id);
    assert_eq!(shown.map(|one| (one.came.len(), one.guests_here)), Some((3, 1)));

    // If the host revokes only the link, its guests stay.
    ada.revoke(&invite, "false").await.must(200);
    me(&gus).await;
    ben.revoke(&invite, "true").await.must_fail(403, "forbidden");
    me(&gus).await;

    ada.revoke(&invite, "true").await.must(200);
    gus.me().await.must_fail(401, "session_ended");
    inside.recv_until_within(A_SECOND, is_gone).await;
    tokio::time::timeout(A_SECOND, list.recv_all())
        .await
        .expect("the socket of the list has ended");
    let has_left = |signal| match signal {
        ServerSignal::Roster { left, .. } => left.contains(&gone.person.id).then_some(()),
        _ => None,
    };
    host.recv_until_within(A_SECOND, has_left).await;
    gus.refresh().await.must_fail(401, "session_ended");
    gus.find_room(room.id.as_str()).await.must_fail(401, "session_ended");
    assert_eq!(
        gus.try_to_enter(room.id.as_str()).await.err().expect("refused").status,
        401
    );
    gus.get(&gone.person.picture).await.must(404);
    app.visitor()
        .come_as_guest(&invite, "Gus")
        .await
        .must_fail(403, "forbidden");
    // A guest who added an address, a person with an account, and a guest of another link stay.
    for visitor in [&kay, &ben, &lou] {
        visitor.find_room(room.id.as_str()).await.must(200);
    }
    let page: RoomPage = ada.find_room(room.id.as_str()).await.must(200).json();
    let people: Vec<UserId> = page.roster.into_iter().map(|one| one.person.id).collect();
    assert!(!people.contains(&gone.person.id));
    let shown = invites(&ada, &room).await.into_iter().find(|one| one.id == invite.id);
    assert_eq!(shown.map(|one| (one.uses, one.guests_here)), Some((3, 0)));

    // A restarted server no longer has the revoked sessions in memory, but the guest still can't come back.
    app.restart().await;
    gus.me().await.must_fail(401, "signed_out");
    gus.refresh().await.must_fail(401, "session_ended");
    me(&lou).await;
}

async fn guests_who_can_no_longer_come_back_are_deleted(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, room, _socket, invite) = ada_with_guest_link(&app).await;
    let of_gus = ada.make_guest_link(&room).await;
    let (gus, kay, lou) = (
        app.visitor(),
        app.guest(&invite, "Kay").await,
        app.guest(&of_gus, "Lou").await,
    );
    gus.come_as_guest_with(&invite, "Gus", &photos::small_photo())
        .await
        .must(200);
    let picture = me(&gus).await.person.picture;
    // As if Gus had made the second link while he hosted the room.
    app.tamper("update invites set made_by = (select id from users where name = 'Gus') where number = 2")
        .await;
    let guests = "select count(*) from users where email is null";
    app.pass_s(80 * 86_400);
    for visitor in [&kay, &lou] {
        visitor.refresh().await.must(200);
    }
    app.pass_s(45 * 86_400);
    housekeeping::tidy(&app.state).await;
    assert_eq!(app.ask::<i64>(guests).await, 2, "guests who come back regularly stay");
    app.visitor().get(&picture).await.must(404);
    kay.refresh().await.must(200);
    assert_eq!(me(&kay).await.person.name, "Kay");
    // Lou came by the link of a guest who is gone, and is still a member.
    let memberships = "select count(*) from members join users on users.id = user_id where name = 'Lou'";
    assert_eq!(app.ask::<i64>(memberships).await, 1);
    let of_ada = "select count(*) from invites join users on users.id = made_by where email is not null";
    assert_eq!(app.ask::<i64>(of_ada).await, 2);
    assert_eq!(
        app.ask::<i64>("select count(*) from users where email is not null")
            .await,
        1
    );
}
