//! Several codes of one browser: the three newest work, in any order, with five tries in all.

use crate::{answer::Answer, database::On, letters, test_app::TestApp, visitor::Visitor};
use futures_util::future::join_all;
use snug::server::auth::email_code::ATTEMPTS_MAX;

on_both_databases! {
    each_of_the_three_newest_codes_of_a_browser_works,
    a_code_that_three_newer_ones_replaced_is_refused_without_blame,
    a_new_code_brings_no_new_tries_within_ten_minutes,
    tries_for_one_address_leave_those_for_another,
    of_a_thousand_parallel_guesses_five_are_tried_and_none_is_accepted,
    the_first_code_that_signs_in_uses_up_the_others,
    an_expired_code_is_named_while_a_newer_one_works,
    each_of_the_three_newest_codes_of_a_change_of_address_works,
    a_change_of_address_has_five_tries_in_all,
    a_code_in_any_digits_and_with_anything_invisible_between_them_signs_in,
}

const ADA: &str = "ada@example.org";

/// Asks for `count` codes, and returns them in the order in which they were sent. The codes differ.
async fn request_codes(visitor: &Visitor, count: usize) -> Vec<String> {
    let mut codes: Vec<String> = vec![];
    for _ in 0..count {
        visitor.request_code(ADA).await.must(200);
        codes.push(visitor.read_code());
    }
    codes
}

/// A code that is none of `codes`.
fn other_than(codes: &[String]) -> String {
    let mut all = (0..1_000_000).map(|number| format!("{number:06}"));
    all.find(|code| !codes.contains(code)).expect("another code")
}

async fn each_of_the_three_newest_codes_of_a_browser_works(on: On) {
    for chosen in 0..3 {
        let app = TestApp::on(on).await;
        let ada = app.visitor();
        let codes = request_codes(&ada, 3).await;
        ada.verify_code(&codes[chosen]).await.must(200);
        ada.me().await.must(200);
    }
}

async fn a_code_that_three_newer_ones_replaced_is_refused_without_blame(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    let codes = request_codes(&ada, 4).await;
    if codes[1..].contains(&codes[0]) {
        return;
    }
    let sentence = ada.verify_code(&codes[0]).await.must_fail(422, "invalid").detail();
    assert!(sentence.contains("older than the last three"), "{sentence}");
    ada.verify_code(&codes[1]).await.must(200);
}

async fn a_new_code_brings_no_new_tries_within_ten_minutes(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.visitor();
    let mut codes = request_codes(&ada, 1).await;
    for _ in 0..3 {
        ada.verify_code(&other_than(&codes)).await.must_fail(422, "invalid");
    }
    codes.extend(request_codes(&ada, 2).await);
    let wrong = other_than(&codes);
    ada.verify_code(&wrong).await.must_fail(422, "invalid");
    let last = ada.verify_code(&wrong).await.must_fail(422, "invalid").detail();
    assert!(last.contains("last try") && last.contains("link"), "{last}");
    for code in &codes {
        ada.verify_code(code).await.must_fail(403, "forbidden");
    }
    codes.extend(request_codes(&ada, 1).await);
    ada.verify_code(&codes[3]).await.must_fail(403, "forbidden");
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 0);
    app.pass_s(600);
    ada.request_code(ADA).await.must(200);
    ada.verify_code(&ada.read_code()).await.must(200);
}

async fn tries_for_one_address_leave_those_for_another(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    let codes = request_codes(&ada, 1).await;
    for _ in 0..ATTEMPTS_MAX {
        ada.verify_code(&other_than(&codes)).await.must_fail(422, "invalid");
    }
    ada.request_code("lovelace@example.org").await.must(200);
    let code = ada.read_code();
    if code != codes[0] {
        ada.verify_code(&codes[0]).await.must_fail(422, "invalid");
    }
    ada.verify_code(&code).await.must(200);
    assert_eq!(
        app.ask::<String>("select email from users").await,
        "lovelace@example.org"
    );
}

async fn of_a_thousand_parallel_guesses_five_are_tried_and_none_is_accepted(on: On) {
    let app = TestApp::on(on).await;
    let eve = app.visitor();
    let codes = request_codes(&eve, 3).await;
    let guesses = (0..1_003).map(|number| format!("{number:06}"));
    let guesses: Vec<String> = guesses.filter(|guess| !codes.contains(guess)).take(1_000).collect();
    let mut answers: Vec<Answer> = vec![];
    for wave in guesses.chunks(100) {
        answers.extend(join_all(wave.iter().map(|guess| eve.verify_code(guess))).await);
    }
    let counted = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((counted(422), counted(403), counted(200)), (5, 995, 0));
    for code in &codes {
        eve.verify_code(code).await.must_fail(403, "forbidden");
    }
    assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 0);
}

async fn the_first_code_that_signs_in_uses_up_the_others(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    let codes = request_codes(&ada, 3).await;
    let before = ada.jar.copy();
    ada.verify_code(&codes[1]).await.must(200);
    for code in &codes {
        ada.jar.restore(before.clone());
        ada.verify_code(code).await.must_fail(403, "forbidden");
    }
    assert_eq!(app.ask::<i64>("select count(*) from sessions").await, 1);
}

async fn an_expired_code_is_named_while_a_newer_one_works(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.visitor();
    let old = request_codes(&ada, 1).await.remove(0);
    app.pass_s(300);
    let new = request_codes(&ada, 1).await.remove(0);
    app.pass_s(301);
    if old != new {
        let sentence = ada.verify_code(&old).await.must_fail(422, "invalid").detail();
        assert!(sentence.contains("has expired"), "{sentence}");
    }
    ada.verify_code(&new).await.must(200);
}

/// Asks for `count` codes to a new address, and returns them in the order in which they were sent.
async fn request_changes(app: &TestApp, visitor: &Visitor, count: usize) -> Vec<String> {
    let new = "countess@example.net";
    let mut codes = vec![];
    for _ in 0..count {
        let asked = visitor.post("/api/auth/request_email_change", &[("email", new)]).await;
        asked.must(200);
        let letter = letters::find_newest(&app.outbox(), new).expect("a letter");
        codes.push(letters::code_in(&letter).expect("a code"));
    }
    codes
}

async fn confirm(visitor: &Visitor, code: &str) -> Answer {
    visitor.post("/api/auth/confirm_email_change", &[("code", code)]).await
}

async fn each_of_the_three_newest_codes_of_a_change_of_address_works(on: On) {
    for chosen in 1..4 {
        let app = TestApp::on(on).await;
        let ada = app.person("Ada").await;
        let codes = request_changes(&app, &ada, 4).await;
        if !codes[1..].contains(&codes[0]) {
            let sentence = confirm(&ada, &codes[0]).await.must_fail(422, "invalid").detail();
            assert!(sentence.contains("older than the last three"), "{sentence}");
        }
        confirm(&ada, &codes[chosen]).await.must(200);
        assert_eq!(
            app.ask::<String>("select email from users").await,
            "countess@example.net"
        );
        confirm(&ada, &codes[3]).await.must_fail(403, "forbidden");
    }
}

async fn a_change_of_address_has_five_tries_in_all(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let mut codes = request_changes(&app, &ada, 1).await;
    for _ in 0..4 {
        confirm(&ada, &other_than(&codes)).await.must_fail(422, "invalid");
    }
    codes.extend(request_changes(&app, &ada, 1).await);
    let last = confirm(&ada, &other_than(&codes))
        .await
        .must_fail(422, "invalid")
        .detail();
    assert!(last.contains("last try") && !last.contains("link"), "{last}");
    for code in &codes {
        confirm(&ada, code).await.must_fail(403, "forbidden");
    }
    assert_eq!(app.ask::<String>("select email from users").await, ADA);
}

async fn a_code_in_any_digits_and_with_anything_invisible_between_them_signs_in(on: On) {
    let app = TestApp::on(on).await;
    for zero in ['0', '０', '٠', '۰'] {
        for between in ["", "\u{2011}", "\u{2013}", "\u{200B}"] {
            let ada = app.visitor();
            ada.request_code(ADA).await.must(200);
            let digit = |digit: char| char::from_u32(u32::from(zero) + digit.to_digit(10).expect("a digit"));
            let digits: String = ada.read_code().chars().map(|c| digit(c).expect("a digit")).collect();
            let half = digits.char_indices().nth(3).expect("six digits").0;
            let typed = format!("{}{between}{}", &digits[..half], &digits[half..]);
            ada.verify_code(&typed).await.must(200);
        }
    }
}
