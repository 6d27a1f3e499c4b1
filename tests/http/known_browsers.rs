//! Strangers who ask for codes to somebody's address don't keep the person out: not in another network, and not in a browser that was
//! signed in with the address before.

use crate::{answer::Answer, database::On, test_app::TestApp, visitor::Visitor};
use snug::server::config::Config;

on_both_databases! {
    twenty_requests_of_a_stranger_do_not_keep_another_network_out,
    a_browser_that_was_signed_in_gets_a_code_whatever_limit_strangers_used_up,
    a_third_of_each_limit_is_kept_and_not_more,
    a_mark_of_another_address_or_a_made_up_mark_is_worth_nothing,
    the_mark_outlives_signing_out_and_is_not_in_the_database,
    a_session_from_before_the_marks_gets_one_at_a_refresh_and_when_it_ends,
    a_browser_that_changed_its_address_is_known_with_the_new_one,
}

const ADA: &str = "ada@example.org";

fn enforced(config: &mut Config) {
    config.limits.enforced = true;
}

/// A browser in network 9 that was signed in as Ada and is signed out now, five days ago so that no limit still counts the sign-in.
async fn known_browser(app: &mut TestApp) -> Visitor {
    let ada = app.visitor_in(9);
    ada.sign_up(ADA).await;
    ada.sign_out().await.must(200);
    app.pass_s(5 * 86_400);
    ada
}

async fn asked(visitor: &Visitor) -> Answer {
    visitor.request_code(ADA).await
}

async fn twenty_requests_of_a_stranger_do_not_keep_another_network_out(on: On) {
    let mut app = TestApp::with(on, enforced).await;
    let mut letters = 0;
    for _ in 0..20 {
        letters += u32::from(asked(&app.visitor_in(1)).await.status == 200);
        app.pass_s(61 * 60);
    }
    assert_eq!(letters, 14, "a network gets fourteen codes a day to an address");
    asked(&app.visitor_in(1)).await.must_fail(429, "too_many");
    let ada = app.visitor_in(2);
    asked(&ada).await.must(200);
    ada.verify_code(&ada.read_code()).await.must(200);
}

async fn a_browser_that_was_signed_in_gets_a_code_whatever_limit_strangers_used_up(on: On) {
    // Each number is the only limit that strangers can reach.
    for limit in 0..7 {
        let mut app = TestApp::with(on, |config| {
            enforced(config);
            let limits = &mut config.limits;
            let all = [
                &mut limits.codes_per_minute,
                &mut limits.codes_per_hour,
                &mut limits.codes_per_day,
                &mut limits.codes_per_minute_same_network,
                &mut limits.codes_per_hour_same_network,
                &mut limits.codes_per_day_same_network,
                &mut limits.codes_per_hour_ip,
            ];
            for (number, value) in all.into_iter().enumerate() {
                *value = if number == limit { 6 } else { 1_000 };
            }
        })
        .await;
        let ada = known_browser(&mut app).await;
        // The strangers are in Ada's own network, which is the worst case for her.
        for _ in 0..4 {
            asked(&app.visitor_in(9)).await.must(200);
        }
        asked(&app.visitor_in(9)).await.must_fail(429, "too_many");
        asked(&ada).await.must(200);
        ada.verify_code(&ada.read_code()).await.must(200);
    }
}

async fn a_third_of_each_limit_is_kept_and_not_more(on: On) {
    let mut app = TestApp::with(on, |config| {
        enforced(config);
        config.limits.codes_per_hour = 6;
        config.limits.codes_per_minute = 1_000;
        config.limits.codes_per_minute_same_network = 1_000;
        config.limits.codes_per_hour_same_network = 1_000;
    })
    .await;
    let ada = known_browser(&mut app).await;
    for network in 1..=4 {
        asked(&app.visitor_in(network)).await.must(200);
    }
    asked(&app.visitor_in(5)).await.must_fail(429, "too_many");
    for _ in 0..2 {
        asked(&ada).await.must(200);
    }
    asked(&ada).await.must_fail(429, "too_many");
    // A known browser uses the shared part first, so it gets the whole limit if no stranger asks.
    app.pass_s(3_601);
    for _ in 0..6 {
        asked(&ada).await.must(200);
    }
    asked(&ada).await.must_fail(429, "too_many");
}

async fn a_mark_of_another_address_or_a_made_up_mark_is_worth_nothing(on: On) {
    let mut app = TestApp::with(on, |config| {
        enforced(config);
        config.limits.codes_per_day_same_network = 3;
    })
    .await;
    let ada = known_browser(&mut app).await;
    let eve = app.visitor_in(9);
    eve.sign_up("eve@example.org").await;
    for _ in 0..2 {
        asked(&app.visitor_in(9)).await.must(200);
        app.pass_s(61);
    }
    asked(&eve).await.must_fail(429, "too_many");
    let mark = ada.jar.get("known").expect("a mark");
    let forger = app.visitor_in(9);
    for made_up in [
        mark.to_uppercase(),
        mark[..mark.len() - 1].to_owned(),
        "A".repeat(22),
        ADA.to_owned(),
    ] {
        forger.jar.set("known", &made_up);
        let answer = asked(&forger).await;
        // The cookie has the mark of the user and then that of the address. If its end is cut off, the mark of the user is still whole,
        // but a request for a code needs the mark of the address.
        answer.must_fail(429, "too_many");
    }
    asked(&ada).await.must(200);
}

async fn the_mark_outlives_signing_out_and_is_not_in_the_database(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code(ADA).await.must(200);
    let answer = ada.verify_code(&ada.read_code()).await.must(200);
    let cookie = answer.set_cookie("known");
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=34560000"] {
        assert!(cookie.contains(flag), "{flag} in {cookie}");
    }
    let mark = ada.jar.get("known").expect("a mark");
    let id = app.ask::<String>("select id from users").await;
    assert!(
        !mark.contains(&id) && !mark.contains("ada") && mark.len() == 45,
        "{mark}"
    );
    ada.sign_out().await.must(200);
    app.restart().await;
    assert_eq!(ada.jar.get("known"), Some(mark.clone()));
    for row in crate::dump::dump(on, app.state.database.reader()).await {
        assert!(mark.split('.').all(|one| !format!("{row:?}").contains(one)), "{row:?}");
    }
    // Asking for a code sets no mark, so the cookie tells nothing about who has an account.
    let eve = app.visitor();
    for email in [ADA, "nobody@example.org"] {
        let answer = eve.request_code(email).await.must(200);
        assert_eq!(answer.set_cookies().len(), 1, "{:?}", answer.set_cookies());
    }
}

async fn a_session_from_before_the_marks_gets_one_at_a_refresh_and_when_it_ends(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.sign_up(ADA).await;
    let mark = ada.jar.get("known").expect("a mark");
    ada.jar.remove("known");
    ada.refresh().await.must(200);
    assert_eq!(ada.jar.get("known"), Some(mark.clone()));
    ada.jar.remove("known");
    ada.sign_out().await.must(200);
    assert_eq!(ada.jar.get("known"), Some(mark.clone()));
    // Nobody is signed in any more.
    ada.jar.remove("known");
    ada.sign_out().await.must(200);
    assert_eq!(ada.jar.get("known"), None);
    // The mark of another person who was signed in here stays.
    let eve = app.visitor();
    eve.sign_up("eve@example.org").await;
    eve.jar.set("known", &mark);
    eve.sign_out().await.must(200);
    let marks = eve.jar.get("known").expect("marks");
    assert!(marks.len() == 91 && marks.ends_with(&mark), "{marks}");
}

async fn a_browser_that_changed_its_address_is_known_with_the_new_one(on: On) {
    let app = TestApp::with(on, |config| {
        enforced(config);
        config.limits.codes_per_day_same_network = 3;
        config.limits.codes_per_minute_same_network = 1_000;
    })
    .await;
    let ben = app.newcomer("ben@example.org").await;
    crate::email_change::change(&app, &ben, ADA).await;
    ben.sign_out().await.must(200);
    asked(&app.visitor()).await.must(200);
    asked(&app.visitor()).await.must_fail(429, "too_many");
    asked(&ben).await.must(200);
}
