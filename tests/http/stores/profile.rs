//! The SQL of profiles.

use super::{details, insert_user, user_id};
use crate::{database::On, test_app::TestApp};
use snug::server::{avatars::store::is_in_use, profile::store as profile};

on_both_databases! {
    a_profile_is_written_completely,
}

async fn a_profile_is_written_completely(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    let before = profile::activate(database, &ada, &details("Ada 李"), Some("face:tea"), 500)
        .await
        .expect("written");
    assert_eq!(before.as_deref(), Some(""));
    let before = profile::activate(database, &ada, &details("Ada L."), Some("hash"), 600)
        .await
        .expect("written");
    assert_eq!(before.as_deref(), Some("face:tea"));
    let found = profile::find_profile(database, &ada)
        .await
        .expect("asked")
        .expect("a profile");
    assert_eq!(found.activated_at, Some(500));
    let person = found.person.into_person().expect("a person");
    assert_eq!(
        (person.name.as_str(), person.picture.as_str()),
        ("Ada L.", "/pictures/hash.jpg")
    );
    assert!(is_in_use(database, "hash").await.expect("asked"));
    assert!(!is_in_use(database, "face:tea").await.expect("asked"));
    let nobody = user_id("user-nobody");
    assert_eq!(
        profile::activate(database, &nobody, &details("Eve"), Some(""), 700)
            .await
            .expect("asked"),
        None
    );
    assert!(profile::find_profile(database, &nobody).await.expect("asked").is_none());
}
