//! The outbox, which only the owner reads.

use crate::{
    owner_link::{claim, link, read_outbox},
    test_app::TestApp,
};

#[tokio::test]
async fn the_outbox_is_404_for_everyone_else_whatever_the_host_header_says() {
    let app = TestApp::start().await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let (stranger, guest) = (app.visitor(), app.person("Guest").await);
    let forger = app.visitor();
    forger.jar.set("owner", "guess");
    let own_host = app.origin().replace("http://", "");
    for visitor in [&stranger, &guest, &forger] {
        for claimed in ["localhost", "127.0.0.1", own_host.as_str(), "localhost:3000"] {
            let endpoint = visitor
                .raw_post("/api/mail/outbox")
                .header("accept", "application/json")
                .header("host", claimed);
            visitor
                .send(endpoint.header("x-forwarded-for", "127.0.0.1").form(&[("", "")]))
                .await
                .must_fail(404, "not_found");
            let page = visitor
                .raw_get("/outbox")
                .header("accept", "text/html")
                .header("host", claimed);
            let page = visitor.send(page).await.must(404);
            assert!(!page.text().contains("guest@example.org"));
        }
    }
}

#[tokio::test]
async fn the_owners_browser_reads_the_letters_newest_first() {
    let app = TestApp::start().await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let (ada, ben) = (app.visitor(), app.visitor());
    ada.request_code("ada@example.org").await.must(200);
    ben.request_code("ben@example.org").await.must(200);
    let letters: serde_json::Value = read_outbox(&host).await.must(200).json();
    assert_eq!(
        (&letters[0]["to"], &letters[1]["to"]),
        (&"ben@example.org".into(), &"ada@example.org".into())
    );
    assert!(letters[0]["text"].as_str().expect("text").contains(&ben.read_code()));
    assert!(letters[0]["subject"].as_str().expect("text").contains(&ben.read_code()));
}

#[tokio::test]
async fn the_page_outbox_shows_the_letters_to_the_owners_browser() {
    let app = TestApp::start().await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let page = host.page("/outbox").await.must(200);
    assert!(page.text().contains("ada@example.org") && page.text().contains(&ada.read_code()));
}
