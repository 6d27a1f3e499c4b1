//! The avatar store, in memory, in a folder and in an S3 bucket: pictures in use stay, and unused ones are deleted.

use crate::{database::On, photos, s3_server, test_app::TestApp, visitor::Visitor};
use futures_util::{TryStreamExt, future::join_all};
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path as Name};
use reqwest::multipart::{Form, Part};
use snug::{
    model::user::User,
    server::{
        avatars::{AvatarStore, ORPHAN_AGE_S, picture},
        config::S3Url,
        housekeeping,
    },
};
use std::sync::Arc;

on_both_databases! {
    housekeeping_deletes_old_sessions_and_limit_events,
    unused_pictures_are_deleted_once_they_are_old,
    changing_only_the_name_keeps_the_face_that_another_tab_sets,
}

async fn put_on(visitor: &Visitor, number: u32) -> String {
    let photo = photos::data_url("png", &photos::photo_of(number));
    visitor
        .activate("Ada", &photo)
        .await
        .must(200)
        .json::<User>()
        .person
        .picture
}

#[tokio::test]
async fn with_a_bucket_pictures_are_stored_only_there() {
    let (endpoint, memory) = s3_server::start("faces", "AKIA1").await;
    let url = format!("s3://AKIA1:se%2Fcret@faces?region=garage&endpoint={endpoint}");
    let mut app = TestApp::with(On::Sqlite, |config| {
        config.pictures.s3_url = Some(S3Url::parse(&url).expect("an address"));
    })
    .await;
    let ada = app.newcomer("ada@example.org").await;
    let address = put_on(&ada, 1).await;
    assert_eq!(
        photos::size_of_jpeg(&ada.get(&address).await.must(200).body),
        (256, 256)
    );
    let names = |memory: Arc<InMemory>| async move {
        let files: Vec<_> = memory.list(None).try_collect().await.expect("listed");
        files.len()
    };
    assert_eq!(names(memory.clone()).await, 2);
    app.pass_s(3 * ORPHAN_AGE_S);
    let other = Name::from(format!("{}.jpg", "a".repeat(64)));
    memory.put(&other, "another program's".into()).await.expect("put");
    housekeeping::tidy(&app.state).await;
    assert_eq!(
        names(memory.clone()).await,
        3,
        "pictures in use stay, and so do objects that this Snug never stored"
    );
    memory.delete(&other).await.expect("deleted");
    ada.refresh().await.must(200);
    assert!(!app.state.config.data_dir.join("pictures").exists());
    ada.activate("Ada", "").await.must(200);
    ada.get(&address).await.must(404);
    assert_eq!(names(memory).await, 0);
}

#[tokio::test]
async fn a_bucket_that_refuses_is_a_server_error_and_changes_nothing() {
    let (endpoint, _memory) = s3_server::start("faces", "AKIA1").await;
    let url = format!("s3://other:secret@faces?endpoint={endpoint}");
    let app = TestApp::with(On::Sqlite, |config| {
        config.pictures.s3_url = Some(S3Url::parse(&url).expect("an address"));
    })
    .await;
    let ada = app.person("Ada").await;
    let photo = photos::small_photo();
    let answer = ada.activate("Other", &photo).await;
    assert!((500..600).contains(&answer.status), "{}", answer.status);
    assert!(answer.detail().ends_with('.'), "{}", answer.detail());
    let user: User = ada.me().await.json();
    assert_eq!(
        (user.person.name.as_str(), user.person.picture.as_str()),
        ("Ada", "/faces/Ada.svg")
    );
}

/// This test keeps the pictures in memory.
async fn unused_pictures_are_deleted_once_they_are_old(on: On) {
    let app = TestApp::on(on).await;
    let avatars = AvatarStore::over(Arc::new(InMemory::new()));
    let database = &app.state.database;
    let put = async |number| {
        let picture = picture::square(&photos::photo_of(number)).expect("a picture");
        avatars
            .put(database, picture, app.state.now_s(), &avatars.begin_put().await)
            .await
            .expect("stored")
    };
    let orphan = put(1).await;
    let current = put(2).await;
    let ada = app.newcomer("ada@example.org").await;
    assert!(put_on(&ada, 2).await.contains(&current));
    let now_s = app.state.now_s();
    assert_eq!(
        avatars.sweep(database, now_s).await.expect("swept"),
        0,
        "a new picture may still wait for its user's row"
    );
    assert_eq!(
        avatars.sweep(database, now_s + ORPHAN_AGE_S + 2).await.expect("swept"),
        1
    );
    for name in [format!("{orphan}.jpg"), format!("{orphan}-64.jpg")] {
        assert!(avatars.find(&name).await.expect("asked").is_none());
    }
    for name in [format!("{current}.jpg"), format!("{current}-64.jpg")] {
        assert!(avatars.find(&name).await.expect("asked").is_some());
    }
}

/// One person removes a picture while another person chooses the same picture. The file must stay.
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_one_person_removes_while_another_chooses_it_stays() {
    let app = TestApp::start().await;
    let (ada, ben) = (
        app.newcomer("ada@example.org").await,
        app.newcomer("ben@example.org").await,
    );
    for number in 0..40 {
        let photo = photos::data_url("png", &photos::photo_of(number));
        ada.activate("Ada", &photo).await.must(200);
        let (off, on) = tokio::join!(ada.activate("Ada", "face:x"), ben.activate("Ben", &photo));
        off.must(200);
        let address = on.must(200).json::<User>().person.picture;
        ben.get(&address).await.must(200);
        ben.get(&address.replace(".jpg", "-64.jpg")).await.must(200);
    }
}

#[tokio::test]
async fn one_person_sends_one_picture_at_a_time() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let _working = app
        .state
        .picture_workers
        .take(&ada.me().await.json::<User>().person.id)
        .expect("a place");
    let part = Part::bytes(photos::photo_of(1)).file_name("me.png");
    let form = Form::new().text("name", "Ada").part("photo", part);
    let request = ada.raw_post("/api/profile/activate_form").multipart(form);
    let photo = photos::small_photo();
    for answer in [ada.activate("Ada", &photo).await, ada.send(request).await] {
        let answer = answer.must_fail(429, "too_many");
        assert_eq!(answer.header("retry-after"), Some("2"));
    }
    // A drawn face needs no picture worker.
    ada.activate("Ada", "face:x").await.must(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_sent_by_many_people_at_once_are_all_stored() {
    let app = TestApp::start().await;
    let people = join_all((0..12).map(|number| {
        let app = &app;
        async move { app.newcomer(&format!("p{number}@example.org")).await }
    }))
    .await;
    let current = join_all(people.iter().zip(0..).map(|(person, number)| put_on(person, number))).await;
    for (person, address) in people.iter().zip(current) {
        person.get(&address).await.must(200);
    }
}

async fn changing_only_the_name_keeps_the_face_that_another_tab_sets(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.newcomer("ada@example.org").await;
    put_on(&ada, 3).await;
    for _ in 0..20 {
        // One tab changes only the name, and the other only the face. The new face must stay, whichever request is handled first.
        let (named, faced) = tokio::join!(ada.activate("Countess", "keep"), ada.activate("Ada", "face:x"));
        named.must(200);
        faced.must(200);
        let user: User = ada.me().await.json();
        assert_eq!(user.person.picture, "/faces/x.svg");
        put_on(&ada, 3).await;
    }
}

#[tokio::test]
async fn a_picture_that_the_browser_already_has_is_answered_with_304() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let address = put_on(&ada, 7).await;
    for address in [address.as_str(), "/faces/Ada.svg"] {
        let first = ada.get(address).await.must(200);
        let tag = first.header("etag").expect("a tag").to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            let again = ada
                .send(ada.raw_get(address).header("if-none-match", known))
                .await
                .must(304);
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), Some(tag.as_str()));
            assert_eq!(
                again.header("cache-control"),
                Some("public, max-age=31536000, immutable")
            );
        }
        let other = ada
            .send(ada.raw_get(address).header("if-none-match", "\"other\""))
            .await;
        other.must(200);
    }
}

async fn housekeeping_deletes_old_sessions_and_limit_events(on: On) {
    let mut app = TestApp::with(on, |config| config.limits.enforced = true).await;
    let ada = app.newcomer("ada@example.org").await;
    ada.activate("Ada", &photos::small_photo()).await.must(200);
    ada.sign_out().await.must(200);
    let counts = async |app: &TestApp| {
        let sessions: i64 = app.ask("select count(*) from sessions").await;
        let events: i64 = app.ask("select count(*) from limit_events").await;
        let keys: i64 = app.ask("select count(*) from limit_keys").await;
        (sessions, events > 0, keys > 0)
    };
    housekeeping::tidy(&app.state).await;
    assert_eq!(counts(&app).await, (1, true, true));
    app.pass_s(2 * 86_400);
    housekeeping::tidy(&app.state).await;
    assert_eq!(
        counts(&app).await,
        (1, false, false),
        "a replayed token of the session is still recognized"
    );
    app.pass_s(30 * 86_400);
    housekeeping::tidy(&app.state).await;
    assert_eq!(counts(&app).await, (0, false, false));
}
