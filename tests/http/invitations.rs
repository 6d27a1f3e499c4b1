//! Who may make an account: the mode `invited`, and the list of domains.

use crate::{database::On, letters, test_app::TestApp};
use snug::server::{auth::owner, config::SignUpMode};

on_both_databases! { by_invitation_only_those_who_are_known_come_in }

async fn by_invitation_only_those_who_are_known_come_in(on: On) {
    let app = TestApp::with(on, |config| config.sign_up.mode = SignUpMode::Invited).await;

    let stranger = app.visitor();
    stranger.request_code("eve@example.org").await.must(200);
    let letter = stranger.read_letter();
    assert!(
        letter.contains("by invitation") && letters::code_in(&letter).is_none(),
        "{letter}"
    );
    stranger.verify_code("123456").await.must_fail(422, "invalid");

    let host = app.visitor();
    let link = owner::link(&app.state).await.expect("asked").expect("a link");
    host.page(link.strip_prefix(&app.origin()).expect("a link to here"))
        .await
        .must(303);
    host.sign_up("host@example.org").await;

    let elsewhere = app.visitor();
    elsewhere.sign_up("host@example.org").await;
}

#[tokio::test]
async fn the_page_tells_a_stranger_nothing_about_who_is_known() {
    let app = TestApp::with(On::Sqlite, |config| config.sign_up.mode = SignUpMode::Invited).await;
    app.tamper(
        "insert into users (id, email, name, picture, created_at) values ('known-user', 'ada@example.org', '', '', 0)",
    )
    .await;
    let known = app.visitor().request_code("ada@example.org").await.must(200);
    let unknown = app.visitor().request_code("eve@example.org").await.must(200);
    assert_eq!(known.body, unknown.body);
    let names = |answer: &crate::answer::Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
}

#[tokio::test]
async fn where_domains_are_listed_no_other_address_is_taken() {
    let app = TestApp::with(On::Sqlite, |config| config.sign_up.allow = vec!["@example.org".into()]).await;
    app.newcomer("ada@example.org").await;
    for other in ["eve@evil.example", "eve@sub.example.org", "eve@notexample.org"] {
        let refused = app.visitor().request_code(other).await.must_fail(403, "forbidden");
        assert!(refused.detail().contains("@example.org"), "{}", refused.detail());
    }
    assert_eq!(letters::list(&app.outbox()).len(), 1);
}
