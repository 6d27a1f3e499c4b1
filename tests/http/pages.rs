//! Pages as the server renders them: redirects, and expired access tokens that are refreshed before the render.

use crate::{database::On, test_app::TestApp};

on_both_databases! { an_expired_access_token_is_refreshed_before_the_render }

async fn an_expired_access_token_is_refreshed_before_the_render(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    app.pass_s(700);
    ada.me().await.must_fail(401, "signed_out");
    let page = ada.page("/rooms").await.must(200);
    assert!(page.text().contains("Open a room"), "the signed-in page");
    assert!(page.set_cookie("access").contains("HttpOnly"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    page.set_cookie("refresh");
    page.set_cookie("access-expires");
    ada.me().await.must(200);

    // Browsers delete expired cookies, so the cookie may be missing.
    ada.jar.remove("access");
    let page = ada.page("/settings").await.must(200);
    assert!(
        page.text().contains("Ada"),
        "the same render already uses the refreshed session"
    );
    ada.me().await.must(200);
}

/// A regression: a render that began while another server in the process started sometimes never ended.
#[tokio::test]
async fn pages_answer_while_another_snug_starts() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let visits = async {
        for _ in 0..400 {
            ada.page("/rooms").await.must(200);
        }
    };
    let starts = async {
        loop {
            TestApp::start().await;
        }
    };
    tokio::select! { () = visits => {}, () = starts => {} }
}

#[tokio::test]
async fn a_page_refreshes_nothing_while_the_access_token_is_valid() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    assert!(ada.page("/rooms").await.must(200).set_cookies().is_empty());
}

#[tokio::test]
async fn a_page_whose_session_has_ended_redirects_to_sign_in_and_keeps_all_cookies() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    ada.jar.remove("access");
    app.tamper("update sessions set revoked_at = 1").await;
    let answer = ada.page("/rooms/abcdefghij?x=1").await.must(303);
    assert_eq!(answer.location(), "/sign-in?next=%2Frooms%2Fabcdefghij%3Fx%3D1");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn signed_out_visitors_are_redirected_to_sign_in_with_the_page_as_next() {
    let app = TestApp::start().await;
    for (page, link) in [
        ("/rooms", "/sign-in"),
        ("/settings", "/sign-in?next=%2Fsettings"),
        ("/rooms/abcdefghij", "/sign-in?next=%2Frooms%2Fabcdefghij"),
        ("/activate", "/sign-in"),
        ("/connection", "/sign-in?next=%2Fconnection"),
    ] {
        assert_eq!(app.visitor().page(page).await.must(303).location(), link);
    }
}

#[tokio::test]
async fn signed_in_visitors_are_redirected_from_sign_in_to_next() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    assert_eq!(ada.page("/sign-in").await.must(303).location(), "/rooms");
    assert_eq!(
        ada.page("/sign-in?next=%2Fsettings").await.must(303).location(),
        "/settings"
    );
    assert_eq!(
        ada.page("/sign-in?next=https%3A%2F%2Fevil.example")
            .await
            .must(303)
            .location(),
        "/rooms"
    );
}

#[tokio::test]
async fn a_visitor_whose_account_is_gone_is_not_redirected_forever() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    app.tamper("delete from users").await;
    let mut path = "/rooms".to_owned();
    for _ in 0..4 {
        let page = ada.page(&path).await;
        if page.status == 200 {
            return;
        }
        path = page.must(303).location();
    }
    panic!("redirected again and again, now to {path}");
}

#[tokio::test]
async fn public_pages_need_no_account() {
    let app = TestApp::start().await;
    for page in ["/", "/sign-in"] {
        let page = app.visitor().page(page).await.must(200);
        assert_eq!(
            page.header("content-type").map(|value| value.starts_with("text/html")),
            Some(true)
        );
    }
}

#[tokio::test]
async fn pages_are_rendered_completely_and_escaped() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea & <nothing>", "open").await;
    ada.enter(&room).await;
    let page = ada.page(&format!("/rooms/{}", room.id)).await.must(200);
    assert!(page.text().contains("Tea &amp; &lt;nothing&gt;"), "the topic as text");
    assert!(ada.page("/rooms").await.must(200).text().contains("Ada"));
    assert!(ada.page("/settings").await.must(200).text().contains("Ada"));
}

#[tokio::test]
async fn many_pages_at_once_all_arrive_complete() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    for path in [
        "/".to_owned(),
        "/rooms".to_owned(),
        format!("/rooms/{}", room.id),
        "/settings".to_owned(),
    ] {
        for page in futures_util::future::join_all((0..24).map(|_| ada.page(&path))).await {
            assert!(page.must(200).text().contains("</html>"), "{path}");
        }
    }
}

#[tokio::test]
async fn signed_out_clients_other_than_browsers_get_a_401() {
    let app = TestApp::start().await;
    for path in ["/rooms", "/rooms/abcdefghij", "/settings", "/activate"] {
        // A request without `Accept: text/html`, as curl sends it.
        assert_eq!(app.visitor().get(path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_page_is_answered_with_404_and_our_own_page() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for path in ["/nowhere", "/rooms/abcdefghij", "/rooms/x", "/pkg/none.js"] {
        let page = ada.page(path).await.must(404);
        assert!(page.text().contains("<!DOCTYPE html>"), "{path}");
    }
}

#[tokio::test]
async fn the_first_page_and_the_404_page_load_no_wasm() {
    let app = TestApp::start().await;
    for path in ["/", "/nowhere"] {
        let page = app.visitor().page(path).await;
        assert!(!page.text().contains(".wasm"), "{path}");
    }
    assert!(
        app.person("Ada")
            .await
            .page("/rooms")
            .await
            .must(200)
            .text()
            .contains(".wasm")
    );
}

/// The browser compares the shape with the page that it finds, and hydrates only a page that nobody has changed.
#[tokio::test]
async fn each_page_that_loads_the_program_contains_its_shape() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = format!("/rooms/{}", ada.open_room("Tea", "open").await.id.as_str());
    let mut shapes = vec![];
    for path in ["/rooms", "/settings", &room] {
        let page = ada.page(path).await.must(200).text();
        let (_, rest) = page.split_once("<div id=\"app\" data-shape=\"").expect("a container");
        let (shape, _) = rest.split_once('"').expect("the end of the shape");
        assert!(
            shape.len() == 8 && u32::from_str_radix(shape, 16).is_ok(),
            "{path}: {shape}"
        );
        assert!(
            !shapes.contains(&shape.to_owned()),
            "{path} has the shape of another page"
        );
        shapes.push(shape.to_owned());
    }
    let again = ada.page("/settings").await.must(200).text();
    assert!(
        again.contains(&format!("data-shape=\"{}\"", shapes[1])),
        "the shape depends only on the page"
    );
    assert!(
        !app.visitor().page("/").await.must(200).text().contains("data-shape"),
        "the first page loads no program"
    );
}
