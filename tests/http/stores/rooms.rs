//! The SQL of rooms.

use super::{details, insert_session, insert_user, user_id};
use crate::{database::On, test_app::TestApp};
use snug::{
    model::{
        id::{RoomId, UserId},
        room::{Person, RoomInfo, RoomKind, Rules},
        stage::Mode,
    },
    server::{
        profile::store as profile,
        rooms::{
            persist::store as persist,
            store::{self as rooms, RoomEnd},
        },
        voice::command::Persist,
    },
};

on_both_databases! {
    an_ended_room_is_not_live_and_is_deleted_later,
    deleting_a_user_deletes_their_sessions_and_rooms,
    a_room_whose_host_is_deleted_goes_back_to_the_person_who_opened_it,
    the_time_when_the_owner_left_is_stored_until_they_are_back,
}

async fn an_ended_room_is_not_live_and_is_deleted_later(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    profile::activate(database, &ada, &details("Ada"), Some(""), 100)
        .await
        .expect("written");
    let (tea, chess) = (
        RoomId::parse("room-tea-01").expect("an id"),
        RoomId::parse("room-chess-1").expect("an id"),
    );
    rooms::insert_room(database, &info(&tea, RoomKind::Private, &ada), 200)
        .await
        .expect("inserted");
    rooms::insert_room(database, &info(&chess, RoomKind::Open, &ada), 100)
        .await
        .expect("inserted");
    let live = rooms::list_live(database).await.expect("asked");
    assert_eq!(
        live.iter().map(|info| &info.id).collect::<Vec<_>>(),
        [&chess, &tea],
        "oldest first"
    );
    assert_eq!(
        (live[1].kind, live[1].host.picture.as_str()),
        (RoomKind::Private, "/faces/Ada.svg")
    );
    assert_eq!(live[1].rules.mode, Mode::Stage);
    assert_eq!(rooms::find_end(database, &chess).await.expect("asked"), None);
    rooms::end_room(database, &chess, Some(&ada), 300).await.expect("ended");
    rooms::end_room(database, &chess, None, 400)
        .await
        .expect("ending it again changes nothing");
    let by_ada = RoomEnd::By(Some("Ada".into()));
    assert_eq!(rooms::find_end(database, &chess).await.expect("asked"), Some(by_ada));
    assert_eq!(rooms::list_live(database).await.expect("asked").len(), 1);
    let was = rooms::find_room_info(database, &chess).await.expect("asked");
    assert_eq!(was.map(|info| (info.id, info.kind)), Some((chess, RoomKind::Open)));
    let never = RoomId::parse("room-never").expect("an id");
    assert!(rooms::find_room_info(database, &never).await.expect("asked").is_none());
    assert_eq!(
        app.ask::<i64>("select ended_at from rooms where id = 'room-chess-1'")
            .await,
        300
    );
    assert_eq!(rooms::forget_ended(database, 300).await.expect("asked"), 0);
    assert_eq!(rooms::forget_ended(database, 301).await.expect("asked"), 1);
    assert_eq!(app.ask::<i64>("select count(*) from rooms").await, 1);
    // The account of the person who ended the room was deleted.
    let nobody = user_id("user-gone-1");
    rooms::end_room(database, &tea, Some(&nobody), 400)
        .await
        .expect("ended");
    let by_somebody = Some(RoomEnd::By(None));
    assert_eq!(rooms::find_end(database, &tea).await.expect("asked"), by_somebody);
}

fn info(id: &RoomId, kind: RoomKind, host: &UserId) -> RoomInfo {
    let rules = Rules {
        mode: Mode::Stage,
        ..Rules::default()
    };
    RoomInfo::new(id.clone(), "Tea", kind, Person::named(host.clone(), "Ada"), rules)
}

async fn deleting_a_user_deletes_their_sessions_and_rooms(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    insert_session(database, "session-01", &ada).await;
    let room = RoomId::parse("room-tea-01").expect("an id");
    rooms::insert_room(database, &info(&room, RoomKind::Open, &ada), 200)
        .await
        .expect("inserted");
    app.tamper("delete from users").await;
    assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 0);
    assert_eq!(app.ask::<i64>("select count(*) from rooms").await, 0);
}

async fn a_room_whose_host_is_deleted_goes_back_to_the_person_who_opened_it(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    let gus = insert_user(database, "user-gus-1", "gus@example.org").await;
    let room = RoomId::parse("room-tea-01").expect("an id");
    rooms::insert_room(database, &info(&room, RoomKind::Open, &ada), 200)
        .await
        .expect("inserted");
    let persist = Persist::Host(gus.clone());
    persist::persist(database, &room, &persist, 300).await.expect("written");
    let host = async || rooms::list_live(database).await.expect("asked")[0].host.id.clone();
    assert_eq!(host().await, gus);
    app.tamper("delete from users where id = 'user-gus-1'").await;
    assert_eq!(host().await, ada);
}

async fn the_time_when_the_owner_left_is_stored_until_they_are_back(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    let room = RoomId::parse("room-tea-01").expect("an id");
    rooms::insert_room(database, &info(&room, RoomKind::Open, &ada), 200)
        .await
        .expect("inserted");
    for at_s in [None, Some(300), None] {
        let what = Persist::OwnerLeft { at_s };
        persist::persist(database, &room, &what, 400).await.expect("written");
        assert_eq!(persist::find_owner_left(database, &room).await.expect("asked"), at_s);
    }
}
