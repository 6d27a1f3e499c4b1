//! The SQL of `auth`: users by address, codes, and owner links.

use super::{email, insert_session, insert_user};
use crate::{database::On, email_change, test_app::TestApp};
use snug::{
    model::id::UserId,
    server::auth::{
        email::store::{self as emails, AddressChange, NewChange},
        email_code::store::{self as codes, NewCode},
        email_undo::store as email_undos,
        owner_link::store::{self as owner_links, LinkUse, OwnerRole},
    },
};

on_both_databases! {
    a_user_is_found_by_address_and_created_once,
    a_code_is_found_used_and_deleted_later,
    tries_are_counted_until_none_is_left_and_again_after_a_while,
    an_owner_link_is_used_only_once,
    one_write_restores_an_address_and_ends_every_session,
    changes_of_an_address_stay_in_order_when_the_clock_jumps_back,
}

async fn a_user_is_found_by_address_and_created_once(on: On) {
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
    for now_s in [200, 300] {
        let mut transaction = database.begin().await.expect("begun");
        let made = owner_links::make_owner(&mut transaction, &ada, now_s).await;
        assert_eq!(made.expect("written"), OwnerRole::Given);
        transaction.commit().await.expect("committed");
    }
    assert!(owner_links::is_owner(database, &ada).await.expect("asked"));
    assert_eq!(app.ask::<i64>("select owner_at from users").await, 200);
}

async fn a_code_is_found_used_and_deleted_later(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let (ada, ben) = (email("ada@example.org"), email("ben@example.org"));
    let code = |id, email, now_s| NewCode {
        id,
        browser: "browser",
        email,
        mac: "mac",
        now_s,
        expires_at: now_s + 600,
    };
    for new in [
        code("first", &ada, 0),
        code("second", &ada, 500),
        code("ben's", &ben, 500),
        code("third", &ada, 500),
    ] {
        codes::insert_code(database, &new).await.expect("inserted");
    }
    let elsewhere = NewCode {
        browser: "another",
        ..code("elsewhere", &ada, 500)
    };
    codes::insert_code(database, &elsewhere).await.expect("inserted");
    let pending = codes::find_pending_code(database, "browser", 600).await.expect("asked");
    assert_eq!(pending, Some(("ada@example.org".into(), 500, 1_100)));
    let unused = codes::list_unused_codes(database, "browser", 600)
        .await
        .expect("listed");
    let ids: Vec<&str> = unused.iter().map(|code| code.id.as_str()).collect();
    assert_eq!(ids, ["third", "ben's", "second", "first"], "the newest is the first");
    let address = codes::find_address(database, "second", 600).await.expect("asked");
    assert_eq!(address.as_deref(), Some("ada@example.org"));
    assert_eq!(codes::find_address(database, "first", 600).await.expect("asked"), None);

    let mut transaction = database.begin().await.expect("begun");
    let used = codes::use_code(&mut transaction, "second", 600).await.expect("used");
    let again = codes::use_code(&mut transaction, "second", 600).await.expect("asked");
    let other = codes::use_code(&mut transaction, "third", 600).await.expect("asked");
    transaction.commit().await.expect("committed");
    assert_eq!((used.as_deref(), again, other), (Some("ada@example.org"), None, None));
    let address = codes::find_address(database, "elsewhere", 600).await.expect("asked");
    assert!(address.is_some(), "the code of another browser");
    let pending = codes::find_pending_code(database, "browser", 600).await.expect("asked");
    assert_eq!(pending, Some(("ben@example.org".into(), 500, 1_100)));
    codes::insert_code(database, &code("fourth", &ada, 600 + codes::KEPT_S))
        .await
        .expect("inserted");
    assert_eq!(app.ask::<i64>("select count(*) from codes where id = 'first'").await, 0);
    assert_eq!(app.ask::<i64>("select count(*) from codes where id = 'third'").await, 1);
}

async fn tries_are_counted_until_none_is_left_and_again_after_a_while(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let at = async |id: &str, now_s: i64| {
        let this_try = codes::Try {
            id,
            now_s,
            window_s: 600,
            most: 2,
        };
        codes::count_try(database, &this_try).await.expect("counted")
    };
    assert_eq!(
        (at("ada", 1_000).await, at("ada", 1_500).await, at("ada", 1_600).await),
        (Some(1), Some(2), None)
    );
    assert_eq!(at("ben", 1_600).await, Some(1), "another browser or address");
    assert_eq!(
        (at("ada", 2_099).await, at("ada", 2_100).await),
        (None, Some(1)),
        "600 s after the last try"
    );
    assert_eq!(
        (at("ada", 1_501).await, at("ada", 900).await, at("ada", 900).await),
        (Some(2), Some(1), Some(2)),
        "the clock jumped back, first by 599 s and then by 601 s"
    );
}

async fn an_owner_link_is_used_only_once(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    owner_links::insert_owner_link(database, "link", 100)
        .await
        .expect("inserted");
    owner_links::insert_owner_link(database, "older", 50)
        .await
        .expect("inserted");
    let open = owner_links::list_open_owner_links(database).await.expect("asked");
    let ids: Vec<&str> = open.iter().map(|link| link.id.as_str()).collect();
    assert_eq!((ids, open[0].created_at), (vec!["link", "older"], 100));
    assert!(
        !owner_links::is_owner_browser(database, "").await.expect("asked"),
        "an unused link belongs to no browser"
    );
    let owner = UserId::parse("user-owner-1").expect("an id");
    let by = |browser_hash| LinkUse {
        id: "link",
        browser_hash,
        owner: &owner,
        now_s: 200,
    };
    let mut transaction = database.begin().await.expect("begun");
    owner_links::insert_owner(&mut transaction, &owner, 200)
        .await
        .expect("inserted");
    for (browser, used) in [("hash", true), ("other", false)] {
        let asked = owner_links::use_owner_link(&mut transaction, &by(browser)).await;
        assert_eq!(asked.expect("asked"), used);
    }
    transaction.commit().await.expect("committed");
    assert!(owner_links::is_owner_browser(database, "hash").await.expect("asked"));
    assert!(!owner_links::is_owner_browser(database, "other").await.expect("asked"));
    let open = owner_links::list_open_owner_links(database).await.expect("asked");
    assert!(open.is_empty(), "{open:?}");
}

/// The undo restores the address and ends every session in one write. With two writes, a crash between them could leave the
/// link used up and the thief signed in.
async fn one_write_restores_an_address_and_ends_every_session(on: On) {
    let app = TestApp::on(on).await;
    let (thief, _ada) = (app.person("Ada").await, app.newcomer("ada@example.org").await);
    email_change::change(&app, &thief, "eve@example.net").await;
    let id = app.ask::<String>("select id from email_changes").await;
    let now_s = app.state.now_s();
    let undone = email_undos::undo(&app.state.database, &id, now_s - 60, now_s).await;
    let (user, ended) = undone.expect("written").expect("undone");
    assert_eq!(user.as_str(), app.ask::<String>("select id from users").await);
    assert_eq!(ended.len(), 2);
    let alive = "select count(*) from sessions where revoked_at is null";
    assert_eq!(app.ask::<i64>(alive).await, 0);
    assert_eq!(app.ask::<String>("select email from users").await, "ada@example.org");
}

/// A thief changes the address twice, and the clock jumps back in between. After the owner has undone the first change, the thief
/// can't undo the second one.
async fn changes_of_an_address_stay_in_order_when_the_clock_jumps_back(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    let session = insert_session(database, "session-ada", &ada).await;
    for (id, new_email, now_s) in [
        ("first", "eve@example.net", 9_000),
        ("second", "eve@example.com", 2_000),
    ] {
        let new = NewChange {
            id,
            user: &ada,
            session: &session,
            new_email: &email(new_email),
            mac: "mac",
            now_s,
            expires_at: now_s + 600,
        };
        emails::insert_change(database, &new, now_s - 1_000)
            .await
            .expect("inserted");
        let changed = emails::change(database, id, now_s - 1_000, now_s).await;
        assert!(matches!(changed.expect("changed"), AddressChange::Made { .. }));
    }
    let times = "select changed_at from email_changes where id = 'second'";
    assert_eq!(app.ask::<i64>(times).await, 9_001);
    let undo = |id| email_undos::undo(database, id, 1_000, 2_000);
    assert!(undo("first").await.expect("written").is_some());
    assert_eq!(app.ask::<String>("select email from users").await, "ada@example.org");
    assert!(undo("second").await.expect("written").is_none());
}
