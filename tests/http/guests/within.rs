//! What guests can do, and what the server refuses them.

use crate::{
    database::On,
    guests::{me, topics},
    invites::token_of,
    test_app::TestApp,
};

on_both_databases! {
    a_guest_enters_only_rooms_that_a_guest_link_admits_them_to,
    a_guest_opens_no_rooms_makes_no_links_and_follows_nobody,
}

async fn a_guest_enters_only_rooms_that_a_guest_link_admits_them_to(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let (tea, other) = (ada.open_room("Tea", "open").await, ada.open_room("Other", "open").await);
    let social = ada.open_room("Social", "social").await;
    let private = ada.open_room("Private", "private").await;
    let mut sockets = vec![];
    for room in [&tea, &other, &social, &private] {
        sockets.push(ada.enter(room).await);
    }
    let guest = app.guest(&ada.make_guest_link(&tea).await, "Gus").await;
    // Even a guest whom the host follows is not admitted to social rooms.
    ada.follow(&me(&guest).await.person.id).await.must(200);
    let never = guest
        .find_room("nosuchroom12")
        .await
        .must_fail(404, "not_found")
        .detail();
    for room in [&other, &social, &private] {
        let message = guest
            .find_room(room.id.as_str())
            .await
            .must_fail(404, "not_found")
            .detail();
        assert_eq!(message, never, "the same answer as for a room that never existed");
        let refused = guest.try_to_enter(room.id.as_str()).await.err().expect("refused");
        assert_eq!(refused.status, 404);
        guest.page(&format!("/rooms/{}", room.id)).await.must(404);
    }
    assert_eq!(topics(&guest).await, ["Tea"]);
    let mut watched = guest.watch_rooms().await.expect("admitted");
    let shown: Vec<String> = watched
        .hear()
        .await
        .rooms
        .into_iter()
        .map(|card| card.info.topic.clone())
        .collect();
    assert_eq!(shown, ["Tea"]);

    // To enter another room, a guest needs a link that admits guests.
    let plain = ada.make_invite(&private).await;
    let refused = guest.accept(&plain).await.must_fail(403, "forbidden").detail();
    assert!(refused.contains("add your e-mail address"), "{refused}");
    let page = guest
        .page(&format!("/invite/{}", token_of(&plain)))
        .await
        .must(200)
        .text();
    assert!(page.contains("/settings#seat") && !page.contains("Come in"), "{page}");
    guest.accept(&ada.make_guest_link(&private).await).await.must(200);
    guest.find_room(private.id.as_str()).await.must(200);
    let mut seen = topics(&guest).await;
    seen.sort_unstable();
    assert_eq!(seen, ["Private", "Tea"]);
    // A link that does not admit guests lets no guest into a room, not even into an open one.
    guest
        .accept(&ada.make_invite(&other).await)
        .await
        .must_fail(403, "forbidden");
}

async fn a_guest_opens_no_rooms_makes_no_links_and_follows_nobody(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let _socket = ada.enter(&room).await;
    let guest = app.guest(&ada.make_guest_link(&room).await, "Gus").await;
    let opened = guest
        .post("/api/rooms/open", &[("topic", "Mine"), ("kind", "open")])
        .await;
    let followed = guest.follow(&ada.id().await).await;
    for answer in [opened, followed] {
        let message = answer.must_fail(403, "forbidden").detail();
        assert!(message.contains("add your e-mail address"), "{message}");
    }
    // A guest makes links only as a host.
    let made = guest.try_to_make_guest_link(room.id.as_str(), "10").await;
    let listed = guest.post("/api/invites/list", &[("room", room.id.as_str())]).await;
    for answer in [made, listed] {
        let message = answer.must_fail(403, "forbidden").detail();
        assert!(message.contains("Only the hosts can make links"), "{message}");
    }
    let page = guest.page("/rooms").await.must(200).text();
    assert!(
        page.contains("Keep your seat") && page.contains("/settings#seat"),
        "{page}"
    );
    let page = guest.page("/settings").await.must(200).text();
    assert!(
        page.contains("Keep your seat") && page.contains("You are here as a guest"),
        "{page}"
    );
}
