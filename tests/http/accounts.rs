//! Two accounts in one browser: a page that acts for one account must not use the cookies of the other.

use crate::{answer::Answer, database::On, dump::dump, test_app::TestApp, visitor::Visitor};
use snug::model::{id::FOR_USER, signal::ServerSignal, user::User};

on_both_databases! {
    a_page_of_another_account_changes_nothing,
    with_an_expired_access_token_a_page_of_another_account_can_not_sign_out,
    with_an_expired_access_token_nobody_becomes_a_guest,
}

/// Endpoints that need no signed-in account. Most of them act for anyone who knows a secret.
const FOR_ANYBODY: [&str; 13] = [
    "/api/auth/find_email_undo",
    "/api/auth/find_link",
    "/api/auth/find_owner_link",
    "/api/auth/pending_code",
    "/api/auth/refresh",
    "/api/auth/request_code",
    "/api/auth/undo_email_change",
    "/api/auth/verify_code",
    "/api/auth/verify_link",
    // This endpoint checks the token before the account, and the token that is sent here is invalid.
    "/api/auth/use_owner_link",
    "/api/rooms/count",
    "/api/snug_info/find",
    "/api/theme/choose",
];

/// Values for the fields of all endpoints. Each endpoint reads the fields that it knows.
const EVERYTHING: [(&str, &str); 15] = [
    ("name", "Eve"),
    ("picture", ""),
    ("topic", "Tea"),
    ("kind", "open"),
    ("mode", "everyone"),
    ("email", "eve@example.org"),
    ("code", "123456"),
    ("token", "x"),
    ("id", "x"),
    ("user", "x"),
    ("room", "x"),
    ("days", "1"),
    ("most_uses", "1"),
    ("q", ""),
    ("page", "0"),
];

async fn a_page_of_another_account_changes_nothing(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let (hers, his) = (id(&ada).await, id(&ben).await);
    let room = ben.open_room("Tea", "open").await;
    let before = dump(on, app.state.database.reader()).await;
    for path in ["/ws/rooms".to_owned(), format!("/ws/rooms/{}", room.id)] {
        for other in [&hers, "%FF", ""] {
            let asked = ben
                .open_own_socket::<ServerSignal>(&format!("{path}?for={other}"))
                .await;
            let refusal = asked.err().expect("refused before the upgrade");
            assert_eq!(refusal.status, 409, "{path} for {other:?}");
            assert!(refusal.body.contains(r#""kind":"somebody_else""#), "{}", refusal.body);
        }
        let own = ben.open_own_socket::<ServerSignal>(&format!("{path}?for={his}")).await;
        assert!(own.is_ok(), "{path}");
    }
    let mut asked = 0;
    for (endpoint, _) in server_fn::axum::server_fn_paths() {
        if FOR_ANYBODY.contains(&endpoint) {
            continue;
        }
        ask(&ben, endpoint, &hers).await.must_fail(409, "somebody_else");
        asked += 1;
    }
    assert!(asked > 20, "{asked} endpoints");
    assert_eq!(dump(on, app.state.database.reader()).await, before);

    ask(&ben, "/api/auth/me", &his).await.must(200);
    ask(&ben, "/api/profile/activate", &his).await.must(200);
    assert_eq!(ben.me().await.json::<User>().person.name, "Eve");
    ask(&ben, "/api/auth/sign_out", &his).await.must(200);
    ben.me().await.must_fail(401, "signed_out");
}

async fn with_an_expired_access_token_a_page_of_another_account_can_not_sign_out(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let hers = id(&ada).await;
    app.pass_s(601);
    ask(&ben, "/api/auth/sign_out", &hers)
        .await
        .must_fail(409, "somebody_else");
    ben.refresh().await.must(200);
    ben.me().await.must(200);
}

/// Ben's session only needs a refresh. If Ben came in as a guest, the session of the guest would replace his session.
async fn with_an_expired_access_token_nobody_becomes_a_guest(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let invite = ada.make_guest_link(&room).await;
    app.pass_s(601);
    ben.come_as_guest(&invite, "Gus").await.must_fail(409, "conflict");
    ben.refresh().await.must(200);
    assert_eq!(ben.me().await.json::<User>().person.name, "Ben");
}

async fn id(visitor: &Visitor) -> String {
    visitor.me().await.must(200).json::<User>().person.id.to_string()
}

/// Calls an endpoint like a page that acts for `user`.
async fn ask(visitor: &Visitor, endpoint: &str, user: &str) -> Answer {
    let request = visitor.raw_post(endpoint).header("accept", "application/json");
    visitor.send(request.header(FOR_USER, user).form(&EVERYTHING)).await
}
