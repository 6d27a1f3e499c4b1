//! Rate limits for codes, pictures and rooms. The server counts in the database, and a refusal says how long to wait.

use crate::{database::On, letters, moderation::ask, photos, test_app::TestApp};
use snug::{
    model::{
        signal::{Refusal, ServerSignal},
        stage::{Mode, StageRequest},
    },
    server::config::Config,
};

on_both_databases! {
    an_address_gets_one_code_a_minute,
    a_stranger_gets_four_codes_an_hour_and_fourteen_a_day_to_an_address,
    strangers_of_a_network_get_twenty_codes_an_hour,
    a_network_is_a_slash_24_of_ipv4_or_a_slash_48_of_ipv6,
    a_limit_survives_a_restart,
    simultaneous_requests_do_not_exceed_a_limit,
    rooms_opened_by_a_person_are_limited_per_hour,
    names_changed_by_a_person_are_limited_per_hour,
    of_25_names_in_a_second_at_most_10_are_stored,
    pictures_sent_by_a_person_are_limited_per_hour,
    of_15_switches_within_a_minute_12_are_stored_and_the_others_are_refused,
}

fn enforced(config: &mut Config) {
    config.limits.enforced = true;
}

async fn an_address_gets_one_code_a_minute(on: On) {
    let mut app = TestApp::with(on, enforced).await;
    app.visitor().request_code("ada@example.org").await.must(200);
    let refused = app
        .visitor()
        .request_code("Ada@example.org")
        .await
        .must_fail(429, "too_many");
    let wait_s = refused.retry_after_s();
    assert!((1..=60).contains(&wait_s), "{wait_s}");
    assert_eq!(refused.json::<serde_json::Value>()["retry_after_s"], wait_s);
    app.visitor().request_code("ben@example.org").await.must(200);
    app.pass_s(wait_s);
    app.visitor().request_code("ada@example.org").await.must(200);
    assert_eq!(letters::list(&app.outbox()).len(), 3);
}

async fn a_stranger_gets_four_codes_an_hour_and_fourteen_a_day_to_an_address(on: On) {
    let mut app = TestApp::with(on, enforced).await;
    for (hour, letters) in [4, 4, 4, 2].into_iter().enumerate() {
        for _ in 0..letters {
            app.visitor().request_code("ada@example.org").await.must(200);
            app.pass_s(61);
        }
        let refused = app
            .visitor()
            .request_code("ada@example.org")
            .await
            .must_fail(429, "too_many");
        let wait_s = refused.retry_after_s();
        assert!(wait_s > 1_800, "hour {hour}: {wait_s}");
        app.pass_s(3_600);
    }
    app.visitor()
        .request_code("ada@example.org")
        .await
        .must_fail(429, "too_many");
    app.pass_s(86_400);
    app.visitor().request_code("ada@example.org").await.must(200);
}

async fn strangers_of_a_network_get_twenty_codes_an_hour(on: On) {
    let mut app = TestApp::with(on, enforced).await;
    for number in 0..20 {
        app.visitor()
            .request_code(&format!("guest{number}@example.org"))
            .await
            .must(200);
    }
    let refused = app
        .visitor()
        .request_code("dee@example.org")
        .await
        .must_fail(429, "too_many");
    assert!(refused.detail().contains("network"), "{}", refused.detail());
    app.pass_s(3_601);
    app.visitor().request_code("dee@example.org").await.must(200);
}

async fn a_network_is_a_slash_24_of_ipv4_or_a_slash_48_of_ipv6(on: On) {
    let app = TestApp::with(on, |config| {
        enforced(config);
        config.limits.codes_per_hour_ip = 1;
        config.proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let ask = async |email: &str, from: &str| {
        let visitor = app.visitor();
        let request = visitor
            .raw_post("/api/auth/request_code")
            .header("accept", "application/json");
        let request = request.header("x-forwarded-for", from);
        visitor.send(request.form(&[("email", email)])).await.status
    };
    assert_eq!(ask("ada@example.org", "2001:db8:7:1::1").await, 200);
    assert_eq!(ask("ben@example.org", "2001:db8:7:ffff::2").await, 429);
    assert_eq!(ask("ben@example.org", "2001:db8:8:1::1").await, 200);
    assert_eq!(ask("cem@example.org", "203.0.113.1").await, 200);
    assert_eq!(ask("dee@example.org", "203.0.113.254").await, 429);
    assert_eq!(ask("dee@example.org", "203.0.114.1").await, 200);
    // An IPv4 address written as IPv6 belongs to the same network as the IPv4 address itself.
    assert_eq!(ask("eve@example.org", "::ffff:203.0.114.9").await, 429);
}

async fn a_limit_survives_a_restart(on: On) {
    let mut app = TestApp::with(on, enforced).await;
    app.visitor().request_code("ada@example.org").await.must(200);
    app.restart().await;
    app.visitor()
        .request_code("ada@example.org")
        .await
        .must_fail(429, "too_many");
    let key = app.ask::<String>("select key from limit_events limit 1").await;
    let is_hash = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_hash, "a hash, not an address: {key}");
}

async fn simultaneous_requests_do_not_exceed_a_limit(on: On) {
    let app = TestApp::with(on, |config| {
        enforced(config);
        config.limits.codes_per_hour_ip = 1_000;
    })
    .await;
    let visitors: Vec<_> = (0..12).map(|_| app.visitor()).collect();
    // Run several rounds. In the first one, the database's connections are still being opened one after the other, so the
    // requests are not simultaneous.
    for address in [
        "ada@example.org",
        "ben@example.org",
        "cem@example.org",
        "dee@example.org",
    ] {
        let answers =
            futures_util::future::join_all(visitors.iter().map(|visitor| visitor.request_code(address))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses[..2], [200, 429], "{statuses:?}");
    }
}

async fn rooms_opened_by_a_person_are_limited_per_hour(on: On) {
    let mut app = TestApp::with(on, |config| {
        enforced(config);
        config.limits.rooms_opened_per_hour = 2;
    })
    .await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    for _ in 0..2 {
        ada.open_room("Tea", "open").await;
    }
    let fields = [("topic", "Tea"), ("kind", "open")];
    let refused = ada.post("/api/rooms/open", &fields).await.must_fail(429, "too_many");
    assert!(refused.header("retry-after").is_some());
    ben.open_room("Tea", "open").await;
    app.pass_s(3_601);
    ada.refresh().await.must(200);
    ada.open_room("Tea", "open").await;
}

async fn names_changed_by_a_person_are_limited_per_hour(on: On) {
    let mut app = TestApp::with(on, |config| {
        config.limits.enforced = true;
        config.limits.profile_changes_per_hour = 10;
    })
    .await;
    // Choosing the first name counts as one of the ten changes.
    let ada = app.person("Ada").await;
    for number in 1..=25 {
        let answer = ada.activate(&format!("Ada {number}"), "face:tea").await;
        if number <= 9 {
            answer.must(200);
        } else {
            let refused = answer.must_fail(429, "too_many");
            assert!(refused.detail().contains("name or picture"), "{}", refused.detail());
            assert!(refused.header("retry-after").is_some());
        }
    }
    assert_eq!(app.ask::<String>("select name from users").await, "Ada 9");
    app.pass_s(3_601);
    ada.refresh().await.must(200);
    ada.come_in("Adelaide").await;
}

async fn of_25_names_in_a_second_at_most_10_are_stored(on: On) {
    let mut app = TestApp::with(on, enforced).await;
    // Choosing the first name counts as one of the ten changes.
    let ada = app.person("Ada").await;
    let mut stored = 1;
    for number in 1..=25 {
        let answer = ada.activate(&format!("Ada {number}"), "face:tea").await;
        match answer.status {
            200 => stored += 1,
            _ => assert!(answer.must_fail(429, "too_many").detail().contains("name or picture")),
        }
    }
    assert_eq!(stored, 10);
    assert_eq!(app.ask::<String>("select name from users").await, "Ada 9");
    app.pass_s(61);
    ada.come_in("Adelaide").await;
}

async fn pictures_sent_by_a_person_are_limited_per_hour(on: On) {
    let app = TestApp::with(on, |config| {
        enforced(config);
        config.limits.uploads_per_hour = 1;
    })
    .await;
    let ada = app.newcomer("ada@example.org").await;
    ada.activate("Ada", &photos::small_photo()).await.must(200);
    let refused = ada
        .activate("Ada L.", &photos::small_photo())
        .await
        .must_fail(429, "too_many");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(
        ada.me().await.json::<snug::model::user::User>().person.name,
        "Ada",
        "nothing has changed"
    );
    ada.activate("Ada L.", "face:x").await.must(200);
}

async fn of_15_switches_within_a_minute_12_are_stored_and_the_others_are_refused(on: On) {
    let app = TestApp::with(on, enforced).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    // One socket takes only ten signals at once, so the host sends these from three pages. The limit of switches counts all of them.
    let mut pages = vec![];
    let mut granted = 0;
    for number in 0..15 {
        if [0, 5, 10].contains(&number) {
            pages.push(ada.enter(&room).await);
        }
        let host = pages.last_mut().expect("a page");
        let mode = Mode::ALL[(number + 1) % 2];
        ask(host, StageRequest::Mode { mode }).await;
        let outcome = |signal| match signal {
            ServerSignal::RoomInfo { info } => Some(Ok(info.rules.mode)),
            ServerSignal::Refused { why } => Some(Err(why)),
            _ => None,
        };
        match host.recv_until(outcome).await {
            Ok(now) => {
                assert_eq!(now, mode);
                granted += 1;
            }
            Err(why) => assert!(matches!(why, Refusal::TooFast { wait_s: 1..=60 }), "{why:?}"),
        }
    }
    assert_eq!(granted, 12);
    app.until("select count(*) from moderation_log", 12).await;
}
