//! Many refreshes with one cookie at once: all succeed and get the same successor.

use crate::{answer::Answer, database::On, test_app::TestApp};
use std::collections::BTreeSet;

on_both_databases! {
    two_hundred_refreshes_of_one_cookie_at_once_succeed_with_one_successor,
    a_page_and_a_refresh_that_race_on_one_cookie_both_succeed,
}

/// The refresh token that an answer sets.
fn successor(answer: &Answer) -> String {
    answer
        .set_cookie("refresh")
        .split(';')
        .next()
        .expect("a value")
        .to_owned()
}

async fn two_hundred_refreshes_of_one_cookie_at_once_succeed_with_one_successor(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let before = ada.jar.get("refresh").expect("a token");
    app.pass_s(121);
    let requests = (0..200).map(|_| {
        let request = ada.raw_post("/api/auth/refresh").header("accept", "application/json");
        ada.send(request.header("cookie", format!("refresh={before}")).form(&[("", "")]))
    });
    let answers = futures_util::future::join_all(requests).await;
    let good = answers.iter().filter(|answer| answer.status == 200).count();
    let successors: BTreeSet<String> = answers.iter().map(successor).collect();
    assert_eq!((good, successors.len()), (200, 1));
    assert!(!successors.contains(&format!("refresh={before}")));
    assert_eq!(app.ask::<i64>("select gen from sessions").await, 2);
    ada.me().await.must(200);
}

async fn a_page_and_a_refresh_that_race_on_one_cookie_both_succeed(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    for round in 0..8 {
        app.pass_s(700);
        let (page, refresh) = tokio::join!(ada.page("/rooms"), ada.refresh());
        let (page, refresh) = (page.must(200), refresh.must(200));
        assert_eq!(successor(&page), successor(&refresh));
        assert_eq!(app.ask::<i64>("select gen from sessions").await, round + 2);
        ada.me().await.must(200);
    }
}
