//! A GET changes nothing, not even with valid secrets in its address.

use crate::{
    cross_site::{list_endpoints, pages, plain_routes},
    database::On,
    dump::dump,
    email_change,
    invites::token_of,
    letters, owner_link, photos,
    test_app::TestApp,
};
use snug::model::user::User;

on_both_databases! { a_get_changes_nothing, a_get_with_a_valid_secret_changes_nothing }

async fn a_get_changes_nothing(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let before = dump(on, app.state.database.reader()).await;
    for endpoint in list_endpoints() {
        for query in [
            "",
            "?topic=Tea&kind=open&name=Eve&email=eve@example.org&code=123456&id=x",
        ] {
            for method in ["GET", "HEAD"] {
                let request = ada
                    .raw_request(method, &format!("{endpoint}{query}"))
                    .header("accept", "text/html");
                let answer = ada.send(request).await;
                assert!(
                    (400..500).contains(&answer.status),
                    "{method} {endpoint}: {}",
                    answer.status
                );
                assert!(answer.set_cookies().is_empty(), "{method} {endpoint}");
            }
        }
    }
    for path in pages(room.id.as_str()) {
        ada.page(&path).await;
        app.visitor().page(&path).await;
    }
    ada.me().await.must(200);
    assert_eq!(dump(on, app.state.database.reader()).await, before);
}

/// Requests every page and route with valid secrets from letters, links and pictures.
async fn a_get_with_a_valid_secret_changes_nothing(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.newcomer("ada@example.org").await;
    let picture = ada.activate("Ada", &photos::small_photo()).await.must(200);
    let picture = picture.json::<User>().person.picture;
    let room = ada.open_room("Tea", "private").await;
    let invite = ada.make_guest_link(&room).await;
    email_change::change(&app, &ada, "ada@example.net").await;
    let asking = app.visitor();
    asking.request_code("ben@example.org").await.must(200);
    let letter = |letter: &str| letters::sign_in_link(letter, &app.origin()).expect("a link");
    let old = letters::find_newest(&app.outbox(), "ada@example.org").expect("a letter");
    let (sign_in_link, undo_link) = (letter(&asking.read_letter()), letter(&old));
    let mut paths = pages(room.id.as_str());
    paths.extend([sign_in_link.clone(), undo_link.clone()]);
    for (path, takes) in plain_routes().filter(|(_, takes)| takes.contains("get(")) {
        let names = match path.as_str() {
            "/pictures/{name}" => picture.clone(),
            "/faces/{name}" => "/faces/Ada.svg".into(),
            path => path
                .replace("{id}", room.id.as_str())
                .replace("{token}", token_of(&invite)),
        };
        assert!(!names.contains('{') && !takes.contains("post("), "{path}");
        paths.push(names);
    }
    assert!(paths.iter().filter(|path| path.contains('.')).count() >= 4, "{paths:?}");
    let link = owner_link::link(&app).await.expect("a link");
    paths.extend([format!("/invite/{}", token_of(&invite)), link.clone()]);
    let before = dump(on, app.state.database.reader()).await;
    for path in &paths {
        for visitor in [&ada, &asking, &app.visitor()] {
            let answer = visitor.page(path).await;
            assert!(answer.status < 500 && answer.set_cookies().is_empty(), "{path}");
        }
    }
    assert_eq!(dump(on, app.state.database.reader()).await, before);
    // The secrets still work, so none of the GETs has used one up.
    for (endpoint, link) in [("verify_link", &sign_in_link), ("undo_email_change", &undo_link)] {
        let (_, token) = link.split_once("token=").expect("a token");
        let token = token.split('&').next().expect("a token");
        asking
            .post(&format!("/api/auth/{endpoint}"), &[("token", token)])
            .await
            .must(200);
    }
    app.visitor().come_as_guest(&invite, "Gus").await.must(200);
    owner_link::claim(&app.visitor(), &link).await.must(302);
}
