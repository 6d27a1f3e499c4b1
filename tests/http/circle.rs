//! Circles: following people, and who may therefore enter a social room.

use crate::{answer::Answer, database::On, test_app::TestApp, visitor::Visitor};
use snug::model::{
    id::UserId,
    room::{Person, RoomCard},
    signal::{Ending, ServerSignal},
    user::User,
};
use std::time::Duration;

on_both_databases! {
    people_are_in_the_circle_from_follow_to_unfollow,
    a_social_room_is_for_the_circle_of_its_host,
    only_another_activated_account_can_be_followed,
}

impl Visitor {
    pub async fn follow(&self, user: &UserId) -> Answer {
        self.post("/api/circle/follow", &[("user", user.as_str())]).await
    }

    pub async fn unfollow(&self, user: &UserId) -> Answer {
        self.post("/api/circle/unfollow", &[("user", user.as_str())]).await
    }

    /// The id of this visitor's account.
    pub async fn id(&self) -> UserId {
        self.me().await.must(200).json::<User>().person.id
    }
}

async fn circle(visitor: &Visitor) -> Vec<String> {
    let people: Vec<Person> = visitor.post("/api/circle/list", &[]).await.must(200).json();
    people.into_iter().map(|person| person.name).collect()
}

async fn topics(visitor: &Visitor) -> Vec<String> {
    let cards: Vec<RoomCard> = visitor.list_rooms().await.must(200).json();
    cards.into_iter().map(|card| card.info.topic).collect()
}

async fn people_are_in_the_circle_from_follow_to_unfollow(on: On) {
    let app = TestApp::on(on).await;
    let [ada, ben, cem] = app.people(["Ada", "ben", "Cem"]).await;
    assert!(circle(&ada).await.is_empty());
    for whom in [&cem, &ben, &ben] {
        ada.follow(&whom.id().await).await.must(200);
    }
    assert_eq!(circle(&ada).await, ["ben", "Cem"], "sorted by name, ignoring case");
    assert!(circle(&ben).await.is_empty(), "following is not mutual");
    let page = ada.page("/settings").await.must(200);
    assert!(page.text().contains("Unfollow Cem"));
    ada.unfollow(&cem.id().await).await.must(200);
    ada.unfollow(&cem.id().await).await.must(200);
    assert_eq!(circle(&ada).await, ["ben"]);
}

async fn a_social_room_is_for_the_circle_of_its_host(on: On) {
    let app = TestApp::on(on).await;
    let [ada, ben, eve] = app.people(["Ada", "Ben", "Eve"]).await;
    let room = ada.open_room("Whispers", "social").await;
    let _socket = ada.enter(&room).await;
    let mut watched = ben.watch_rooms().await.expect("admitted");
    assert!(watched.hear().await.rooms.is_empty());
    // Ben follows the host. That does not admit him, because the circle is the people whom the host follows.
    ben.follow(&ada.id().await).await.must(200);
    assert!(topics(&ben).await.is_empty());
    ben.find_room(room.id.as_str()).await.must_fail(404, "not_found");

    ada.follow(&ben.id().await).await.must(200);
    let pushed = watched
        .recv_until(|list| (!list.rooms.is_empty()).then_some(list.rooms))
        .await;
    assert_eq!(pushed[0].info, room, "pushed without a reload");
    assert_eq!(topics(&ben).await, ["Whispers"]);
    let mut inside = ben.enter(&room).await;
    assert!(topics(&eve).await.is_empty());
    eve.find_room(room.id.as_str()).await.must_fail(404, "not_found");

    ada.unfollow(&ben.id().await).await.must(200);
    watched.recv_until(|list| list.rooms.is_empty().then_some(())).await;
    // Ben was inside when Ada unfollowed him, so the server ends his socket at once.
    let ended = |signal| matches!(signal, ServerSignal::Ended { why: Ending::NoEntry }).then_some(());
    inside.recv_until_within(Duration::from_secs(1), ended).await;
    ben.find_room(room.id.as_str()).await.must_fail(404, "not_found");
    assert_eq!(
        ben.try_to_enter(room.id.as_str()).await.err().expect("refused").status,
        404
    );
}

#[tokio::test]
async fn the_list_gets_no_message_about_a_room_that_its_reader_may_not_see() {
    let app = TestApp::start().await;
    let [ada, ben, eve] = app.people(["Ada", "Ben", "Eve"]).await;
    let room = ada.open_room("Whispers", "private").await;
    let mut watched = eve.watch_rooms().await.expect("admitted");
    assert!(watched.hear().await.rooms.is_empty());
    let _socket = ada.enter(&room).await;
    ben.accept(&ada.make_invite(&room).await).await.must(200);
    ben.enter(&room).await.close_page().await;
    ada.follow(&ben.id().await).await.must(200);
    assert!(watched.is_quiet_for(Duration::from_millis(700)).await);
    let open = ada.open_room("Tea", "open").await;
    let _other = ben.enter(&open).await;
    assert_eq!(
        watched.hear().await.rooms[0].info,
        open,
        "a room that Eve may see arrives"
    );
}

async fn only_another_activated_account_can_be_followed(on: On) {
    let app = TestApp::on(on).await;
    let (ada, newcomer) = (app.person("Ada").await, app.newcomer("new@example.org").await);
    ada.follow(&ada.id().await).await.must_fail(422, "invalid");
    ada.follow(&newcomer.id().await).await.must_fail(404, "not_found");
    for nobody in ["", "x", "nobody-at-all"] {
        let answer = ada.post("/api/circle/follow", &[("user", nobody)]).await;
        answer.must_fail(404, "not_found");
    }
    newcomer.follow(&ada.id().await).await.must_fail(403, "not_activated");
    newcomer.unfollow(&ada.id().await).await.must_fail(403, "not_activated");
    newcomer
        .post("/api/circle/list", &[])
        .await
        .must_fail(403, "not_activated");
    for endpoint in ["follow", "unfollow", "list"] {
        let path = format!("/api/circle/{endpoint}");
        let answer = app.visitor().post(&path, &[("user", "somebody-else")]).await;
        answer.must_fail(401, "signed_out");
    }
}
