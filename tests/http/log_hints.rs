//! What the log tells the people who run Snug about settings: a proxy that is missing, and limits of networks that refuse people.

use crate::{
    database::{On, start_program},
    held_body::HeldBody,
    real_program::RealProgram,
    visitor::Visitor,
};

on_both_databases! {
    a_proxy_that_is_not_configured_is_named_in_the_log_once,
    a_limit_of_a_network_that_refuses_people_is_named_in_the_log_once_a_minute,
    a_limit_of_one_person_is_not_named_in_the_log,
    the_limit_on_connections_of_an_address_is_named_in_the_log,
    the_limit_on_signals_of_an_address_is_named_in_the_log,
    the_limit_on_uploads_of_an_address_is_named_in_the_log,
}

/// The lines of the log that name this setting.
fn lines(program: &RealProgram, variable: &str) -> Vec<String> {
    let log = program.log();
    log.lines()
        .filter(|line| line.contains(variable))
        .map(str::to_owned)
        .collect()
}

async fn asks_for_a_code(visitor: &Visitor, email: &str) -> u16 {
    visitor.request_code(email).await.status
}

async fn a_proxy_that_is_not_configured_is_named_in_the_log_once(on: On) {
    let program = start_program(on, &[]).await;
    let visitor = program.visitor();
    visitor.get("/healthz").await.must(200);
    assert!(lines(&program, "SNUG_PUBLIC_PROXIES").is_empty());
    for client in ["203.0.113.7", "198.51.100.9, 203.0.113.7, 10.0.0.1", "2001:db8::7", "x"] {
        let request = visitor.raw_get("/healthz").header("x-forwarded-for", client);
        visitor.send(request).await.must(200);
    }
    let [line] = lines(&program, "SNUG_PUBLIC_PROXIES").try_into().expect("one line");
    assert!(
        line.contains("snug.public.proxies") && line.contains("127.0.0.1"),
        "{line}"
    );
    assert!(
        !program.log().contains("203.0.113") && !program.log().contains("2001:db8"),
        "no address of a client is in the log"
    );

    let program = start_program(on, &[("SNUG_PUBLIC_PROXIES", "127.0.0.1")]).await;
    let visitor = program.visitor();
    let request = visitor.raw_get("/healthz").header("x-forwarded-for", "203.0.113.7");
    visitor.send(request).await.must(200);
    assert!(lines(&program, "SNUG_PUBLIC_PROXIES").is_empty());
}

async fn a_limit_of_a_network_that_refuses_people_is_named_in_the_log_once_a_minute(on: On) {
    let variables = [("SNUG_LIMITS_ENFORCED", "true"), ("SNUG_LIMITS_CODES_PER_HOUR_IP", "1")];
    let program = start_program(on, &variables).await;
    assert_eq!(asks_for_a_code(&program.visitor(), "ada@example.org").await, 200);
    assert!(lines(&program, "SNUG_LIMITS_").is_empty());
    for email in ["ben@example.org", "cem@example.org", "dee@example.org"] {
        assert_eq!(asks_for_a_code(&program.visitor(), email).await, 429);
    }
    let [line] = lines(&program, "SNUG_LIMITS_").try_into().expect("one line");
    assert!(
        line.contains("snug.limits.codes_per_hour_ip = 1 (SNUG_LIMITS_CODES_PER_HOUR_IP)"),
        "{line}"
    );
    assert!(!program.log().contains("@example.org") && !program.log().contains("127.0.0.0/24"));
}

async fn a_limit_of_one_person_is_not_named_in_the_log(on: On) {
    let program = start_program(on, &[("SNUG_LIMITS_ENFORCED", "true")]).await;
    assert_eq!(asks_for_a_code(&program.visitor(), "ada@example.org").await, 200);
    assert_eq!(asks_for_a_code(&program.visitor(), "ada@example.org").await, 429);
    assert!(lines(&program, "SNUG_LIMITS_").is_empty());
}

async fn the_limit_on_connections_of_an_address_is_named_in_the_log(on: On) {
    let program = start_program(on, &[("SNUG_LIMITS_CONNECTIONS_PER_ADDRESS", "4")]).await;
    let ada = program.visitor();
    ada.sign_up("ada@example.org").await;
    ada.come_in("Ada").await;
    let mut sockets = vec![];
    for _ in 0..3 {
        sockets.push(ada.watch_rooms().await.expect("opened"));
    }
    assert!(lines(&program, "SNUG_LIMITS_CONNECTIONS_PER_ADDRESS").is_empty());
    for _ in 0..2 {
        assert_eq!(ada.watch_rooms().await.err().expect("refused").status, 429);
    }
    let [line] = lines(&program, "SNUG_LIMITS_CONNECTIONS_PER_ADDRESS")
        .try_into()
        .expect("one line");
    assert!(line.contains("snug.limits.connections_per_address = 4"), "{line}");
}

async fn the_limit_on_signals_of_an_address_is_named_in_the_log(on: On) {
    let name = "SNUG_LIMITS_SIGNALS_PER_SECOND_PER_ADDRESS";
    let program = start_program(on, &[("SNUG_LIMITS_ENFORCED", "true"), (name, "4")]).await;
    let ada = program.visitor();
    ada.sign_up("ada@example.org").await;
    ada.come_in("Ada").await;
    assert!(lines(&program, name).is_empty());
    // The address may open eight sockets at once, and a person more.
    let mut refusals = vec![];
    for _ in 0..14 {
        refusals.extend(ada.watch_rooms().await.err());
    }
    let refused = refusals.pop().expect("refused");
    assert_eq!(refused.status, 429);
    assert!(refused.body.contains("from your network"), "{}", refused.body);
    let [line] = lines(&program, name).try_into().expect("one line");
    assert!(
        line.contains("snug.limits.signals_per_second_per_address = 4"),
        "{line}"
    );
}

/// Begins to send a large picture, and does not finish.
async fn begin_upload(program: &RealProgram, visitor: &Visitor) -> HeldBody {
    let cookies = visitor.jar.header();
    let headers = [
        ("Accept", "application/json"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Cookie", cookies.as_str()),
    ];
    let path = "/api/profile/activate";
    let mut body = HeldBody::open(program.address, path, Some(1_000_000), &headers).await;
    let mut part = b"name=Ada&picture=".to_vec();
    part.resize(64 * 1024, b'x');
    body.send(&part).await;
    body
}

async fn the_limit_on_uploads_of_an_address_is_named_in_the_log(on: On) {
    let name = "SNUG_LIMITS_UPLOADS_AT_ONCE_PER_ADDRESS";
    let program = start_program(on, &[(name, "1")]).await;
    let ada = program.visitor();
    ada.sign_up("ada@example.org").await;
    ada.come_in("Ada").await;
    let (mut one, mut two) = (begin_upload(&program, &ada).await, begin_upload(&program, &ada).await);
    // The server reads one body, and refuses the other after a wait.
    let answer = tokio::select! {
        answer = one.answer() => answer,
        answer = two.answer() => answer,
    };
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let [line] = lines(&program, name).try_into().expect("one line");
    assert!(line.contains("snug.limits.uploads_at_once_per_address = 1"), "{line}");
}
