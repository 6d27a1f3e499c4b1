//! A disk that is full or read-only: writing fails, reading does not, and nobody is signed out.

use crate::test_app::TestApp;

#[tokio::test]
async fn a_database_that_is_full_signs_nobody_out() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for round in 0..3 {
        // SQLite raises this limit to the number of pages that the database has, so the database can't grow.
        app.tamper("pragma max_page_count = 1").await;
        let mut refused = None;
        for number in 0..500 {
            let visitor = app.visitor();
            let answer = visitor
                .request_code(&format!("somebody{round}.{number}@example.org"))
                .await;
            if answer.status != 200 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused
            .expect("the database is full after 500 requests")
            .must_fail(503, "unavailable");
        assert!(refused.header("retry-after").is_some() && refused.set_cookies().is_empty());
        ada.me().await.must(200);
        let refresh = ada.refresh().await;
        assert!(matches!(refresh.status, 200 | 503), "{}", refresh.text());
        app.tamper("pragma max_page_count = 1000000").await;
        ada.refresh().await.must(200);
        let later = format!("later{round}@example.org");
        app.visitor().request_code(&later).await.must(200);
    }
}

#[tokio::test]
async fn a_database_that_is_read_only_answers_503_and_signs_nobody_out() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    // From now on, SQLite answers each write with SQLITE_READONLY, as on a disk that the system has mounted read-only.
    app.tamper("pragma query_only = on").await;
    let answer = app.visitor().request_code("ben@example.org").await;
    let refused = answer.must_fail(503, "unavailable");
    assert!(refused.header("retry-after").is_some() && refused.set_cookies().is_empty());
    ada.me().await.must(200);
    let refused = ada.refresh().await.must_fail(503, "unavailable");
    assert!(refused.set_cookies().is_empty());
    let page = app.visitor();
    let answer = page
        .submit("/sign-in", "/api/auth/request_code", &[("email", "ben@example.org")])
        .await;
    assert!(
        answer.status < 500,
        "a form without scripts goes back to its page: {}",
        answer.text()
    );
    app.tamper("pragma query_only = off").await;
    ada.refresh().await.must(200);
    app.visitor().request_code("ben@example.org").await.must(200);
}
