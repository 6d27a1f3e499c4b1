//! The page `/admin/health`: who may see it, what it shows, and that owners who ask at once share one examination.

use crate::{database::On, people, test_app::TestApp, visitor::Visitor};
use snug::model::{
    health::{HealthFinding, HealthReport, HealthVerdict},
    health_status::HealthStatus,
};
use std::time::Duration;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep},
};

on_both_databases! {
    an_owner_reads_what_the_examination_found_the_worst_first,
    people_who_are_not_owners_learn_nothing_of_the_page,
    owners_who_ask_at_once_share_one_examination,
}

const FIND: &str = "/api/health/find";
const PAGE: &str = "/admin/health";

async fn status(owner: &Visitor) -> HealthStatus {
    owner.post(FIND, &[]).await.must(200).json()
}

/// Asks until the examination has ended.
async fn report(owner: &Visitor) -> HealthReport {
    loop {
        if let Some(report) = status(owner).await.report {
            return report;
        }
    }
}

/// The text as it is in a page.
fn in_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

async fn an_owner_reads_what_the_examination_found_the_worst_first(on: On) {
    let app = TestApp::on(on).await;
    let host = people::host(&app).await;
    let found = report(&host).await;
    assert!(!found.findings.is_empty());
    assert!(found.findings.is_sorted_by_key(|finding| finding.verdict), "{found:?}");
    let page = host.page(PAGE).await.must(200).text();
    for HealthFinding { message, advice, .. } in &found.findings {
        for words in [message, advice] {
            assert!(page.contains(&in_html(words)), "{words}: {page}");
        }
    }
    assert!(
        page.contains("<h1>Health</h1>") && page.contains("Check again"),
        "{page}"
    );
    assert!(!page.contains(".wasm"), "the page loads no wasm");
    let people = host.page("/people").await.must(200).text();
    assert!(people.contains(r#"href="/admin/health""#), "{people}");
}

async fn people_who_are_not_owners_learn_nothing_of_the_page(on: On) {
    let app = TestApp::on(on).await;
    let host = people::host(&app).await;
    let room = host.open_room("Tea", "open").await;
    let invite = host.make_guest_link(&room).await;
    let (ada, guest) = (app.person("Ada").await, app.guest(&invite, "Gus").await);
    for visitor in [&ada, &guest] {
        visitor.post(FIND, &[]).await.must_fail(404, "not_found");
        let page = visitor.page(PAGE).await.must(404).text();
        assert!(
            page.contains("There is nothing here.") && !page.contains("Check again"),
            "{page}"
        );
    }
    let (newcomer, stranger) = (app.newcomer("new@example.org").await, app.visitor());
    newcomer.post(FIND, &[]).await.must_fail(403, "not_activated");
    stranger.post(FIND, &[]).await.must_fail(401, "signed_out");
    assert_eq!(
        stranger.page(PAGE).await.must(303).location(),
        "/sign-in?next=%2Fadmin%2Fhealth"
    );
    assert_eq!(
        newcomer.page(PAGE).await.must(303).location(),
        "/activate?next=%2Fadmin%2Fhealth"
    );
    let unused = app.state.health_runs.ask(Duration::ZERO, std::future::pending()).await;
    assert_eq!(unused.report, None, "none of them has started an examination");
}

async fn owners_who_ask_at_once_share_one_examination(on: On) {
    let app = TestApp::on(on).await;
    let host = people::host(&app).await;
    let (go, has_gone) = oneshot::channel::<()>();
    let shared = HealthReport::new(vec![HealthFinding {
        check: "example".to_owned(),
        verdict: HealthVerdict::Warning,
        message: "This is the examination that runs already.".to_owned(),
        advice: String::new(),
    }]);
    let running = {
        let shared = shared.clone();
        async move {
            let _ = has_gone.await;
            shared
        }
    };
    app.state.health_runs.ask(Duration::ZERO, running).await;
    let end = async {
        sleep(Duration::from_millis(100)).await;
        go.send(()).expect("the examination still runs");
    };
    let (one, other, ()) = tokio::join!(status(&host), status(&host), end);
    assert_eq!((one.report, other.report), (Some(shared.clone()), Some(shared)));
}

#[tokio::test]
async fn while_the_examination_runs_the_page_says_so_and_asks_to_be_loaded_again() {
    let app = TestApp::start().await;
    let host = people::host(&app).await;
    app.state.health_runs.ask(Duration::ZERO, std::future::pending()).await;
    let began = Instant::now();
    let page = host.page(PAGE).await.must(200);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(page.header("refresh"), Some("1"));
    assert!(page.text().contains("Checking…") && page.text().contains("Show the findings"));
    assert_eq!(status(&host).await.report, None);
}
