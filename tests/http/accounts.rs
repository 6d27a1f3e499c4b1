//! Two accounts in one browser: what a page that was made for somebody else may do with this one's cookies.

use crate::{answer::Answer, database::On, dump::dump, test_app::TestApp, visitor::Visitor};
use snug::model::user::{FOR_USER, User};

on_both_databases! { a_page_made_for_somebody_else_changes_nothing }

/// The doors that act for whoever holds a secret, signed in or not.
const FOR_ANYBODY: [&str; 11] = [
    "/api/auth/find_email_undo",
    "/api/auth/find_link",
    "/api/auth/find_owner_link",
    "/api/auth/pending_code",
    "/api/auth/refresh",
    "/api/auth/request_code",
    "/api/auth/undo_email_change",
    "/api/auth/verify_code",
    "/api/auth/verify_link",
    // No such secret: they say that first.
    "/api/auth/use_owner_link",
    "/api/rooms/count",
];

/// What any of the doors takes; each takes its own of it.
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

async fn a_page_made_for_somebody_else_changes_nothing(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let (hers, his) = (id(&ada).await, id(&ben).await);
    let before = dump(on, app.state.database.reader()).await;
    let mut asked = 0;
    for (door, _) in server_fn::axum::server_fn_paths() {
        if FOR_ANYBODY.contains(&door) {
            continue;
        }
        ask(&ben, door, &hers).await.must_fail(409, "conflict");
        asked += 1;
    }
    assert!(asked > 20, "{asked} doors");
    assert_eq!(dump(on, app.state.database.reader()).await, before);

    ask(&ben, "/api/auth/me", &his).await.must(200);
    ask(&ben, "/api/profile/activate", &his).await.must(200);
    assert_eq!(ben.me().await.json::<User>().name, "Eve");
    ask(&ben, "/api/auth/sign_out", &his).await.must(200);
    ben.me().await.must_fail(401, "signed_out");
}

async fn id(visitor: &Visitor) -> String {
    visitor.me().await.must(200).json::<User>().id.to_string()
}

/// As a page asks that acts for `user`.
async fn ask(visitor: &Visitor, door: &str, user: &str) -> Answer {
    let request = visitor.raw_post(door).header("accept", "application/json");
    visitor.send(request.header(FOR_USER, user).form(&EVERYTHING)).await
}
