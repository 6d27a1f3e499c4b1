//! The store of auth: users by address, codes, sessions, owner links.

use super::{email, insert_session, insert_user, session_id};
use crate::{database::On, test_app::TestApp};
use snug::{
    model::id::SessionId,
    server::auth::{
        code::store::{self as codes, NewCode},
        email::store as emails,
        owner::store as owner_links,
        store::{self as auth, Swap},
    },
};

on_both_databases! {
    a_user_is_found_by_address_and_made_once,
    a_code_is_counted_used_and_swept_out,
    a_session_is_rotated_confirmed_and_revoked,
    one_of_many_rotations_at_once_wins,
    an_owner_link_is_used_up,
}

fn swap<'a>(id: &'a SessionId, hash: &'a str, new_hash: &'a str, now_s: i64) -> Swap<'a> {
    Swap {
        id,
        hash,
        new_hash,
        salt: "salt",
        kid: "kid",
        now_s,
        idle_expires_at: 6_000,
        confirm_s: 120,
    }
}

async fn a_user_is_found_by_address_and_made_once(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    assert!(
        !emails::is_known(database, &email("ada@example.org"))
            .await
            .expect("asked")
    );
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    assert_eq!(insert_user(database, "user-ada-2", "ada@example.org").await, ada);
    assert!(
        emails::is_known(database, &email("ada@example.org"))
            .await
            .expect("asked")
    );
    assert!(!owner_links::is_owner(database, &ada).await.expect("asked"));
    let mut transaction = database.begin().await.expect("begun");
    owner_links::make_owner(&mut transaction, ada.as_str(), 200)
        .await
        .expect("made");
    owner_links::make_owner(&mut transaction, ada.as_str(), 300)
        .await
        .expect("made");
    transaction.commit().await.expect("committed");
    assert!(owner_links::is_owner(database, &ada).await.expect("asked"));
    assert_eq!(app.ask::<i64>("select owner_at from users").await, 200);
}

async fn a_code_is_counted_used_and_swept_out(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = email("ada@example.org");
    let code = |id, now_s| NewCode {
        id,
        email: &ada,
        mac: "mac",
        now_s,
        expires_at: now_s + 600,
    };
    codes::insert_code(database, &code("first", 0)).await.expect("inserted");
    codes::insert_code(database, &code("second", 500))
        .await
        .expect("inserted");
    let pending = codes::find_pending_code(database, "second", 600).await.expect("asked");
    assert_eq!(pending, Some(("ada@example.org".into(), 500, 1_100)));
    for tries in 1..=2 {
        let counted = codes::count_attempt(database, "second", 2, 600).await.expect("counted");
        assert_eq!(counted, Some(("mac".into(), tries)));
    }
    assert_eq!(
        codes::count_attempt(database, "second", 2, 600).await.expect("counted"),
        None
    );
    assert_eq!(
        codes::count_attempt(database, "second", 9, 1_100)
            .await
            .expect("counted"),
        None
    );

    let mut transaction = database.begin().await.expect("begun");
    let used = codes::use_code(&mut transaction, "second", 600).await.expect("used");
    let again = codes::use_code(&mut transaction, "second", 600).await.expect("asked");
    transaction.commit().await.expect("committed");
    assert_eq!((used.as_deref(), again), (Some("ada@example.org"), None));
    assert_eq!(
        codes::find_pending_code(database, "second", 600).await.expect("asked"),
        None
    );
    codes::insert_code(database, &code("third", 700))
        .await
        .expect("inserted");
    assert_eq!(app.ask::<i64>("select count(*) from codes where id = 'first'").await, 0);
}

async fn a_session_is_rotated_confirmed_and_revoked(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    let id = insert_session(database, "session-01", &ada).await;
    assert_eq!(
        auth::rotate_session(database, &swap(&id, "hash-1", "hash-2", 1_119))
            .await
            .expect("asked"),
        None
    );
    assert_eq!(
        auth::rotate_session(database, &swap(&id, "other", "hash-2", 1_120))
            .await
            .expect("asked"),
        None
    );
    assert_eq!(
        auth::rotate_session(database, &swap(&id, "hash-1", "hash-2", 1_120))
            .await
            .expect("asked"),
        Some(2)
    );
    let row = auth::find_session(database, &id).await.expect("asked").expect("a row");
    assert_eq!(
        (
            row.generation,
            row.rotation.cur_hash.as_str(),
            row.rotation.prev_hash.as_str()
        ),
        (2, "hash-2", "hash-1")
    );
    assert_eq!(
        (row.rotation.expires_at, row.abs_expires_at, row.rotation.confirmed),
        (6_000, 9_000, false)
    );

    auth::touch_served(database, &id, 2, 1_200).await.expect("touched");
    auth::touch_served(database, &id, 1, 9_999)
        .await
        .expect("of another generation: nothing");
    auth::confirm_session(database, &id, 1, 1_250)
        .await
        .expect("of another generation: nothing");
    let row = auth::find_session(database, &id).await.expect("asked").expect("a row");
    assert_eq!((row.rotation.served_at, row.rotation.confirmed), (1_200, false));
    auth::confirm_session(database, &id, 2, 1_250).await.expect("confirmed");
    assert!(
        auth::find_session(database, &id)
            .await
            .expect("asked")
            .expect("a row")
            .rotation
            .confirmed
    );

    assert!(
        auth::revoke_session(database, &id, "reuse", 1_300)
            .await
            .expect("revoked")
    );
    assert!(
        !auth::revoke_session(database, &id, "signed out", 1_400)
            .await
            .expect("asked")
    );
    assert_eq!(
        auth::list_revoked_since(database, 1_300).await.expect("asked"),
        [(id.clone(), 1_300)]
    );
    assert!(
        auth::list_revoked_since(database, 1_301)
            .await
            .expect("asked")
            .is_empty()
    );
    assert_eq!(
        auth::rotate_session(database, &swap(&id, "hash-2", "hash-3", 2_000))
            .await
            .expect("asked"),
        None
    );
    assert!(
        auth::find_session(database, &session_id("session-02"))
            .await
            .expect("asked")
            .is_none()
    );
}

async fn one_of_many_rotations_at_once_wins(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    let id = insert_session(database, "session-01", &ada).await;
    let hashes: Vec<String> = (0..20).map(|number| format!("next-{number}")).collect();
    let swaps: Vec<Swap> = hashes.iter().map(|hash| swap(&id, "hash-1", hash, 2_000)).collect();
    let rotated = futures_util::future::join_all(swaps.iter().map(|swap| auth::rotate_session(database, swap))).await;
    let won = rotated
        .into_iter()
        .filter(|result| result.as_ref().expect("asked").is_some())
        .count();
    assert_eq!(won, 1);
}

async fn an_owner_link_is_used_up(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    owner_links::insert_owner_link(database, "link", 100)
        .await
        .expect("inserted");
    assert_eq!(
        owner_links::find_open_owner_link(database)
            .await
            .expect("asked")
            .as_deref(),
        Some("link")
    );
    assert!(
        !owner_links::is_owner_browser(database, "").await.expect("asked"),
        "an unused link is nobody's"
    );
    let mut transaction = database.begin().await.expect("begun");
    assert!(
        owner_links::use_owner_link(&mut transaction, "link", "hash", 200)
            .await
            .expect("used")
    );
    assert!(
        !owner_links::use_owner_link(&mut transaction, "link", "other", 200)
            .await
            .expect("asked")
    );
    transaction.commit().await.expect("committed");
    assert!(owner_links::is_owner_browser(database, "hash").await.expect("asked"));
    assert!(!owner_links::is_owner_browser(database, "other").await.expect("asked"));
    assert_eq!(owner_links::find_open_owner_link(database).await.expect("asked"), None);
}
