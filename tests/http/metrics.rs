//! `/metrics`: who gets an answer, what form it has, and that its figures move.

use crate::{
    answer::Answer,
    database::On,
    ice_client::{PeerOptions, ToneSource},
    open_metrics::ScrapedMetrics,
    raw_peer::LOUD,
    test_app::TestApp,
    visitor::Visitor,
    voice::{speaker, wait},
};
use snug::server::{
    config::{MetricsToken, PublicUrl},
    metrics::all_families::ALL,
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

on_both_databases! {
    the_answer_is_open_metrics_and_has_every_family,
    requests_are_counted_by_the_pattern_of_their_route,
    refreshes_letters_and_refusals_are_counted,
}

const TOKEN: &str = "a-token-that-nobody-guesses";

async fn with_token() -> TestApp {
    TestApp::with(On::Sqlite, |config| {
        config.metrics_token = Some(MetricsToken::parse(TOKEN).expect("a token"));
        config.proxies = vec!["127.0.0.1/32".parse().expect("a network")];
        config.public_url = PublicUrl::parse("https://snug.example.org").expect("an address");
    })
    .await
}

async fn ask(visitor: &Visitor, headers: &[(&str, &str)]) -> Answer {
    let request = visitor.raw_get("/metrics");
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    visitor.send(request).await
}

async fn read(app: &TestApp) -> ScrapedMetrics {
    let host = format!("127.0.0.1:{}", app.address.port());
    let answer = ask(&app.visitor(), &[("host", &host)]).await.must(200);
    ScrapedMetrics::parse(&answer.text())
}

/// Reads the metrics until they are as `is_good` wants.
async fn read_until(app: &TestApp, is_good: impl Fn(&ScrapedMetrics) -> bool) -> ScrapedMetrics {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let metrics = read(app).await;
        if is_good(&metrics) {
            return metrics;
        }
        assert!(Instant::now() < deadline, "not in time: {metrics:#?}");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn the_answer_is_open_metrics_and_has_every_family(on: On) {
    let app = TestApp::on(on).await;
    app.person("Ada").await;
    let answer = ask(&app.visitor(), &[]).await.must(200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let metrics = ScrapedMetrics::parse(&answer.text());
    let families: Vec<String> = metrics.families.keys().cloned().collect();
    let mut documented: Vec<String> = ALL.iter().map(|family| family.full_name()).collect();
    documented.sort();
    assert_eq!(families, documented);
    let database = if on == On::Sqlite { "sqlite" } else { "postgresql" };
    assert_eq!(metrics.get("snug_build_info", &[("database", database)]), 1.0);
    assert_eq!(metrics.get("snug_voice_thread_up", &[]), 1.0);
    assert!(metrics.sum("snug_database_connections", &[]) >= 1.0);
    assert!(metrics.get("snug_database_wait_seconds_count", &[("connection", "writer")]) >= 1.0);
    assert!(metrics.get("snug_database_wait_seconds_count", &[("connection", "reader")]) >= 1.0);
}

#[tokio::test]
async fn programs_on_this_machine_need_no_token() {
    let app = TestApp::start().await;
    for host in ["127.0.0.1:3000", "localhost", "[::1]:9090"] {
        ask(&app.visitor(), &[("host", host)]).await.must(200);
    }
    // The whole network 127.0.0.0/8 is this machine.
    ask(&app.visitor_in(7), &[]).await.must(200);
    let head = app.visitor().raw_request("HEAD", "/metrics");
    assert_eq!(app.visitor().send(head).await.must(200).text(), "");
    let post = app.visitor().raw_post("/metrics");
    app.visitor().send(post).await.must(405);
}

#[tokio::test]
async fn a_proxy_on_this_machine_and_a_page_under_another_name_are_refused() {
    let app = with_token().await;
    let here = ("host", "127.0.0.1:3000");
    for header in [
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("via", "1.1 proxy"),
    ] {
        let detail = ask(&app.visitor(), &[here, header])
            .await
            .must_fail(403, "forbidden")
            .detail();
        assert!(detail.contains("SNUG_METRICS_TOKEN"), "{header:?}: {detail}");
    }
    for host in ["snug.example.org", "evil.example"] {
        let of_page = [("host", host), ("accept-language", "en")];
        ask(&app.visitor(), &of_page).await.must_fail(403, "forbidden");
        ask(&app.visitor(), &[("host", host)]).await.must(200);
    }
    ask(&app.visitor(), &[here]).await.must(200);
}

#[tokio::test]
async fn the_token_opens_from_everywhere_and_a_wrong_one_does_not() {
    let app = with_token().await;
    let good = format!("Bearer {TOKEN}");
    let outside = [("host", "snug.example.org"), ("x-forwarded-for", "203.0.113.7")];
    let with = |authorization| [outside[0], outside[1], ("authorization", authorization)];
    let answer = ask(&app.visitor(), &with(&good)).await.must(200);
    ScrapedMetrics::parse(&answer.text());
    for wrong in ["Bearer another-token-that-is-wrong", "Basic dTpw", "Bearer"] {
        let answer = ask(&app.visitor(), &with(wrong)).await.must(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert!(!answer.text().contains(TOKEN));
        let here = [("host", "127.0.0.1"), ("authorization", wrong)];
        ask(&app.visitor(), &here).await.must(401);
    }
}

async fn requests_are_counted_by_the_pattern_of_their_route(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    for _ in 0..3 {
        ada.page(&format!("/rooms/{}", room.id)).await.must(200);
    }
    ada.get("/faces/a-face-that-nobody-else-asks-for.svg").await.must(200);
    ada.get("/no/such/page").await.must(404);
    let no_room = ada.find_room("no-such-room").await.status.to_string();
    let _list = ada.watch_rooms().await.expect("opened");
    let metrics = read(&app).await;
    let requests = |endpoint: &str, status: &str| {
        let labels = [("endpoint", endpoint), ("status", status)];
        metrics.sum("snug_http_requests_total", &labels)
    };
    assert_eq!(requests("/rooms/{id}", "200"), 3.0);
    assert_eq!(requests("/faces/{name}", "200"), 1.0);
    assert_eq!(requests("other", "404"), 1.0);
    assert_eq!(requests("/api/rooms/find", &no_room), 1.0);
    assert_eq!(requests("/api/rooms/open", "200"), 1.0);
    assert_eq!(requests("/ws/rooms", "101"), 1.0);
    let durations = [("endpoint", "/rooms/{id}")];
    assert_eq!(metrics.get("snug_http_request_duration_seconds_count", &durations), 3.0);
    assert!(metrics.get("snug_http_request_duration_seconds_sum", &durations) > 0.0);
    let endpoints = metrics.values_of("snug_http_requests_total", "endpoint");
    assert!(
        !endpoints
            .iter()
            .any(|one| one.contains(room.id.as_str()) || one.contains("a-face"))
    );
}

async fn refreshes_letters_and_refusals_are_counted(on: On) {
    let app = TestApp::with(on, |config| config.limits.enforced = true).await;
    let (ada, ben) = (app.visitor(), app.visitor());
    ada.sign_up("ada@example.org").await;
    ben.request_code("ben@example.org").await.must(200);
    ben.request_code("ben@example.org").await.must(429);
    ada.refresh().await.must(200);
    app.visitor().refresh().await.must(401);
    let metrics = read(&app).await;
    assert_eq!(metrics.get("snug_mail_letters_total", &[("outcome", "sent")]), 2.0);
    assert_eq!(metrics.get("snug_mail_waiting", &[]), 0.0);
    let refused = metrics.values_of("snug_limit_refusals_total", "limit");
    assert!(
        refused.iter().any(|limit| limit.starts_with("limits.codes_per_minute")),
        "{refused:?}"
    );
    assert_eq!(metrics.sum("snug_limit_refusals_total", &[]), 1.0);
    // The token is new, so it was kept. The browser without a token was refused before there was a token to look at.
    assert_eq!(metrics.get("snug_token_refreshes_total", &[("outcome", "kept")]), 1.0);
    assert_eq!(metrics.sum("snug_token_refreshes_total", &[]), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_rooms_and_sockets_are_counted_while_they_are_there() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let people = |metrics: &ScrapedMetrics| {
        let of = |name| metrics.get(name, &[]);
        (
            of("snug_people_in_rooms"),
            of("snug_people_connected"),
            of("snug_rooms_live"),
        )
    };
    assert_eq!(people(&read(&app).await), (0.0, 0.0, 0.0));
    let room = ada.open_room("Tea", "open").await;
    let _of_ada = ada.enter(&room).await;
    let of_ben = ben.look_in(&room).await;
    let _list = ben.watch_rooms().await.expect("opened");
    let metrics = read_until(&app, |metrics| people(metrics) == (1.0, 2.0, 1.0)).await;
    let sockets = |kind| metrics.get("snug_websockets", &[("kind", kind)]);
    assert_eq!((sockets("room"), sockets("list"), sockets("check")), (2.0, 1.0, 0.0));
    let rooms = ["snug_rooms", "snug_rooms_listed", "snug_rooms_permanent"].map(|name| metrics.get(name, &[]));
    assert_eq!(rooms, [1.0, 1.0, 0.0]);
    drop(of_ben);
    read_until(&app, |metrics| {
        metrics.get("snug_websockets", &[("kind", "room")]) == 1.0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn voices_and_their_losses_are_counted() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let (_a, _of_ada) = speaker(&ada, &room).await;
    let options = PeerOptions {
        lost_outward: 20,
        ..PeerOptions::default()
    };
    let (_b, of_ben) = ben.plug_in_with(&room, options).await;
    of_ben.speak(ToneSource::at(LOUD));
    wait(&of_ben, 100);
    let udp = [("way", "udp")];
    let metrics = read_until(&app, |metrics| metrics.get("snug_voice_connections", &udp) == 2.0).await;
    let count = |name: &str| metrics.get(name, &[]);
    let (received, sent) = (
        count("snug_voice_packets_received_total"),
        count("snug_voice_packets_sent_total"),
    );
    assert!(received >= 100.0 && sent >= 100.0, "{received} and {sent}");
    let missing = count("snug_voice_packets_missing_total");
    assert!(missing >= 5.0 && missing < received, "{missing} of {received}");
    for name in ["snug_voice_received_bytes_total", "snug_voice_sent_bytes_total"] {
        assert!(metrics.get(name, &udp) > 100.0 * 60.0, "{name}");
        assert_eq!(metrics.get(name, &[("way", "tcp")]), 0.0, "{name}");
    }
    let passes = count("snug_voice_delay_seconds_count");
    assert!(passes >= 50.0, "{passes}");
    let later = read(&app).await;
    assert!(later.get("snug_voice_packets_received_total", &[]) >= received);
}

#[tokio::test]
async fn without_the_voice_thread_its_gauges_are_missing_and_the_rest_is_there() {
    let app = TestApp::start().await;
    app.visitor().get("/healthz").await.must(200);
    app.state.voice.panic_for_tests();
    app.state.voice.ended().await;
    // The server ends too, so this asks the module and not the address.
    let text = snug::server::metrics::read_all(&app.state).await.expect("written");
    let metrics = ScrapedMetrics::parse(&text);
    assert_eq!(metrics.get("snug_voice_thread_up", &[]), 0.0);
    assert!(!metrics.families.contains_key("snug_rooms"));
    assert!(metrics.families.contains_key("snug_http_requests"));
}
