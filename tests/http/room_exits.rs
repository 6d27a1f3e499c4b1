//! What a reload of a room's page, and the page of a link, say to somebody who can't be in the room any more, and who learns it.

use crate::{
    database::On,
    invites::token_of,
    moderation::{ask, moderate},
    test_app::TestApp,
    test_socket::TestSocket,
    visitor::Visitor,
};
use snug::model::{
    invite::Invite,
    moderation_log::ModerationPanel,
    room::RoomInfo,
    room_exit::ReturnState,
    signal::ServerSignal,
    stage::{ModerationAction, StageRequest},
};

on_both_databases! {
    a_reload_and_the_link_say_who_ended_the_room_also_after_a_restart,
    a_room_in_which_nobody_is_left_is_over_and_nobody_ended_it,
    a_removed_person_reads_by_whom_and_for_how_long,
    a_removed_guest_reads_it_before_the_button_of_the_link,
    a_banned_person_reads_it_before_the_button_of_the_link,
    a_person_who_is_let_back_in_reads_by_whom,
    strangers_learn_nothing_about_a_private_room_that_ended,
}

/// The page at this path, which has this status.
async fn page(visitor: &Visitor, path: &str, status: u16) -> String {
    visitor.page(path).await.must(status).text()
}

/// Whether an element of the page shows this text. The page also has the data of the answer, in a script.
fn shows(page: &str, text: &str) -> bool {
    page.contains(&format!(">{text}<"))
}

fn counts_down(page: &str) -> bool {
    shows(page, "You can come back in 10:00.") || page.contains(">You can come back in 9:")
}

fn path_of(room: &RoomInfo) -> String {
    format!("/rooms/{}", room.id)
}

fn path_of_link(invite: &Invite) -> String {
    format!("/invite/{}", token_of(invite))
}

async fn panel_where(host: &mut TestSocket<ServerSignal>, wanted: impl Fn(&ModerationPanel) -> bool) {
    let wanted = |signal| match signal {
        ServerSignal::ModerationPanel { panel } => wanted(&panel).then_some(()),
        _ => None,
    };
    host.recv_until(wanted).await;
}

/// Lets the host remove or ban the visitor, and waits until it is done.
async fn bar(host: &mut TestSocket<ServerSignal>, action: ModerationAction, whom: &Visitor) {
    moderate(host, action, &whom.id().await).await;
    panel_where(host, |panel| !panel.barred.is_empty()).await;
}

async fn end(mut host: TestSocket<ServerSignal>) {
    ask(&mut host, StageRequest::End).await;
    let ended = |signal| matches!(signal, ServerSignal::Ended { .. }).then_some(());
    host.recv_until(ended).await;
}

async fn a_reload_and_the_link_say_who_ended_the_room_also_after_a_restart(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Kitchen table", "private").await;
    let host = ada.enter(&room).await;
    let invite = ada.make_guest_link(&room).await;
    ben.accept(&invite).await.must(200);
    let gus = app.guest(&invite, "Gus").await;
    let stranger = app.visitor();
    end(host).await;
    for _ in ["at once", "after a restart"] {
        for inside in [&ada, &ben, &gus] {
            let error = inside.find_room(room.id.as_str()).await.must_fail(404, "not_found");
            assert!(error.detail().starts_with("Ada ended this room."), "{}", error.detail());
            assert!(shows(&page(inside, &path_of(&room), 404).await, "Ada ended this room."));
        }
        // Guests have no list of rooms to go to, and can stay in this Snug.
        let of_guest = page(&gus, &path_of(&room), 404).await;
        assert!(shows(&of_guest, "To the home page") && shows(&of_guest, "Keep your seat"));
        assert!(shows(&page(&ben, &path_of(&room), 404).await, "To the rooms"));
        for holder in [&ben, &gus, &stranger] {
            let of_link = page(holder, &path_of_link(&invite), 404).await;
            assert!(shows(&of_link, "Ada ended this room.") && !shows(&of_link, "Come in"));
            assert!(!of_link.contains("<title>Ada"), "messengers show the title");
        }
        app.restart().await;
    }
}

async fn a_room_in_which_nobody_is_left_is_over_and_nobody_ended_it(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    app.pass_in_rooms_s(61);
    app.until("select count(*) from rooms where ended_at is not null", 1)
        .await;
    let shown = page(&ben, &path_of(&room), 404).await;
    assert!(shows(&shown, "This room is over.") && shown.contains(">Everybody had left."));
    assert!(!shown.contains("There is no such room."));
}

async fn a_removed_person_reads_by_whom_and_for_how_long(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Kitchen table", "open").await;
    let mut host = ada.enter(&room).await;
    let _inside = ben.enter(&room).await;
    bar(&mut host, ModerationAction::Remove, &ben).await;
    app.until("select count(*) from standings where barred <> 0", 1).await;
    app.until("select count(*) from moderation_log", 1).await;
    for _ in ["at once", "after a restart"] {
        let error = ben.find_room(room.id.as_str()).await.must_fail(403, "forbidden");
        let detail = "Ada removed you from “Kitchen table”. You can come back in 10 minutes.";
        assert_eq!(error.detail(), detail);
        let seconds = error.retry_after_s();
        // The sentence rounds up to 10 minutes. After the restart on a slow machine, some seconds have passed.
        assert!((541..=600).contains(&seconds), "{seconds}");
        let shown = page(&ben, &path_of(&room), 403).await;
        assert!(shows(&shown, "Ada removed you from “Kitchen table”.") && counts_down(&shown));
        assert!(shows(&shown, "To the rooms"));
        app.restart().await;
    }
}

async fn a_removed_guest_reads_it_before_the_button_of_the_link(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Kitchen table", "private").await;
    let mut host = ada.enter(&room).await;
    let invite = ada.make_guest_link(&room).await;
    let gus = app.guest(&invite, "Gus").await;
    let _inside = gus.enter(&room).await;
    let gus_id = gus.id().await;
    bar(&mut host, ModerationAction::Remove, &gus).await;
    let link = path_of_link(&invite);
    let shown = page(&gus, &link, 403).await;
    assert!(shows(&shown, "Ada removed you from “Kitchen table”.") && counts_down(&shown));
    assert!(!shows(&shown, "Come in"));
    // The browser is recognised after signing out, too, and only this browser.
    gus.sign_out().await.must(200);
    let shown = page(&gus, &link, 403).await;
    assert!(counts_down(&shown) && shown.contains(">You were signed in with this browser then"));
    assert!(!shows(&shown, "Come in"));
    assert!(shows(&page(&app.visitor(), &link, 200).await, "Come in"));
    ask(&mut host, StageRequest::Lift { about: gus_id }).await;
    panel_where(&mut host, |panel| panel.barred.is_empty()).await;
    assert!(shows(&page(&gus, &link, 200).await, "Come in"));
}

async fn a_banned_person_reads_it_before_the_button_of_the_link(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Kitchen table", "open").await;
    let mut host = ada.enter(&room).await;
    let invite = ada.make_guest_link(&room).await;
    let _inside = ben.enter(&room).await;
    bar(&mut host, ModerationAction::Ban, &ben).await;
    for path in [path_of(&room), path_of_link(&invite)] {
        let shown = page(&ben, &path, 403).await;
        assert!(shows(&shown, "A host has banned you from this room."), "{path}");
        assert!(shows(&shown, "Only a host can lift the ban."), "{path}");
        assert!(!shown.contains("come back in") && !shows(&shown, "Come in"), "{path}");
    }
    // A link that does not admit guests leads to the sign-in page, so it does not say who was signed in.
    let for_members = ada.make_invite(&room).await;
    ben.sign_out().await.must(200);
    page(&ben, &path_of_link(&invite), 403).await;
    page(&ben, &path_of_link(&for_members), 200).await;
    // As a guest of another room, Ben reads it too, before the button that the room would refuse.
    let cem = app.person("Cem").await;
    let other = cem.open_room("Bench", "open").await;
    let _cem_inside = cem.enter(&other).await;
    let into_other = cem.make_guest_link(&other).await;
    ben.come_as_guest(&into_other, "Not Ben").await.must(200);
    let shown = page(&ben, &path_of_link(&invite), 403).await;
    assert!(shows(&shown, "A host has banned you from this room.") && !shows(&shown, "Come in"));
    ben.accept(&invite).await.must_fail(403, "forbidden");
    assert!(
        page(&ben, &path_of_link(&into_other), 200).await.contains("Bench"),
        "the room that the guest is in"
    );
}

async fn a_person_who_is_let_back_in_reads_by_whom(on: On) {
    let app = TestApp::on(on).await;
    let [ada, ben, eve] = app.people(["Ada", "Ben", "Eve"]).await;
    let room = ada.open_room("Kitchen table", "private").await;
    let mut host = ada.enter(&room).await;
    let invite = ada.make_invite(&room).await;
    ben.accept(&invite).await.must(200);
    let fields = [("id", room.id.as_str())];
    let state = async |visitor: &Visitor| -> ReturnState {
        visitor.post("/api/rooms/find_return", &fields).await.must(200).json()
    };
    for action in [ModerationAction::Remove, ModerationAction::Ban] {
        let _inside = ben.enter(&room).await;
        bar(&mut host, action, &ben).await;
        let barred = state(&ben).await;
        assert!(!barred.may_enter && barred.let_in_by.is_none(), "{action:?}");
        ask(&mut host, StageRequest::Lift { about: ben.id().await }).await;
        panel_where(&mut host, |panel| panel.barred.is_empty()).await;
        let lifted = state(&ben).await;
        assert!(lifted.may_enter, "{action:?}");
        assert_eq!(lifted.let_in_by.as_deref(), Some("Ada"), "{action:?}");
        assert!(shows(&page(&ben, &path_of(&room), 200).await, "Ada let you back in."));
    }
    assert!(!page(&ada, &path_of(&room), 200).await.contains("let you back in"));
    eve.post("/api/rooms/find_return", &fields)
        .await
        .must_fail(404, "not_found");
}

async fn strangers_learn_nothing_about_a_private_room_that_ended(on: On) {
    let app = TestApp::on(on).await;
    let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
    let room = ada.open_room("Kitchen table", "private").await;
    end(ada.enter(&room).await).await;
    app.until("select count(*) from rooms where ended_at is not null", 1)
        .await;
    let never = "abcdefghijkl";
    let (ended, missing) = (eve.find_room(room.id.as_str()).await, eve.find_room(never).await);
    assert_eq!(
        ended.must_fail(404, "not_found").body,
        missing.must_fail(404, "not_found").body
    );
    let shown = page(&eve, &path_of(&room), 404).await;
    assert!(
        shows(&shown, "There is no such room.") && !shown.contains("ended this room") && !shown.contains("Kitchen")
    );
}
