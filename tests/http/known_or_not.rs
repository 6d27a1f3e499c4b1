//! Asking for a code reveals neither whether an address has an account nor whether the mail server is slow.

use crate::{answer::Answer, database::On, test_app::TestApp};
use snug::server::config::{MailBackend, SignUpMode, SmtpUrl};
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

on_both_databases! {
    known_and_unknown_addresses_get_the_same_bytes_within_2_ms_of_each_other,
    a_mail_server_that_refuses_or_stalls_delays_no_answer,
}

/// How often each of the two addresses is asked for: 300 times, or the value of `SNUG_SOAK_CODES`.
fn rounds() -> usize {
    let asked = std::env::var("SNUG_SOAK_CODES");
    asked.ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// Everything visible in an answer, except the date, the id of the request and the values of cookies. Of a cookie, only the name and the length of the
/// whole header are kept.
fn seen(answer: &Answer) -> (u16, Vec<u8>, Vec<(String, String)>) {
    let hide = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        let value = value.to_str().expect("ASCII").to_owned();
        let shown = match name.as_str() {
            "date" | "x-request-id" => String::new(),
            "set-cookie" => format!("{} of {}", value.split('=').next().unwrap_or_default(), value.len()),
            _ => value,
        };
        (name.to_string(), shown)
    };
    let headers = answer.headers.iter().map(hide).collect();
    (answer.status, answer.body.clone(), headers)
}

async fn known_and_unknown_addresses_get_the_same_bytes_within_2_ms_of_each_other(on: On) {
    for mode in [SignUpMode::Open, SignUpMode::Invited] {
        let app = TestApp::with(on, |config| config.sign_up.mode = mode).await;
        app.tamper(
            "insert into users (id, email, name, picture, created_at) values ('known-user', 'ada@example.org', '', '', 0)",
        )
        .await;
        let (mut known, mut unknown) = (vec![], vec![]);
        // Alternate between the known and the unknown address, so that other work on the machine slows both alike.
        for _ in 0..rounds() {
            for (email, times) in [("ada@example.org", &mut known), ("eve@example.org", &mut unknown)] {
                let asker = app.visitor();
                let began = Instant::now();
                let answer = asker.request_code(email).await.must(200);
                times.push((began.elapsed(), seen(&answer)));
            }
        }
        assert!(
            known.iter().chain(&unknown).all(|(_, seen)| *seen == known[0].1),
            "{known:?} {unknown:?}"
        );
        let (known, unknown) = (median(known), median(unknown));
        println!("{mode:?}: known {known:?}, unknown {unknown:?}");
        let apart = known.abs_diff(unknown);
        assert!(
            apart < Duration::from_millis(2),
            "{mode:?}: known {known:?}, unknown {unknown:?}"
        );
    }
}

fn median<T>(all: Vec<(Duration, T)>) -> Duration {
    let mut times: Vec<Duration> = all.into_iter().map(|(time, _)| time).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// Requests a code, loads the page that asks for it, and measures the time of both, several times. Returns the shortest time,
/// because other work on the machine only ever adds time.
async fn quickest(on: On, backend: MailBackend) -> Duration {
    let app = TestApp::with(on, |config| config.mail.backend = backend).await;
    let mut all = vec![];
    for number in 0..12 {
        let asker = app.visitor();
        let began = Instant::now();
        asker.request_code(&format!("p{number}@example.org")).await.must(200);
        asker.page("/sign-in").await.must(200);
        all.push(began.elapsed());
    }
    assert!(all.iter().all(|time| *time < Duration::from_secs(3)), "{all:?}");
    // Leave out the first six requests. By the seventh, the server is sending as many letters at the same time as it allows.
    all.split_off(6).into_iter().min().expect("some")
}

async fn a_mail_server_that_refuses_or_stalls_delays_no_answer(on: On) {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let refusing = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    let outbox = quickest(on, MailBackend::Outbox).await;
    for address in [silent.local_addr().expect("an address"), refusing] {
        let url = SmtpUrl::parse(&format!("smtp://{address}")).expect("an address");
        let smtp = quickest(on, MailBackend::Smtp { url }).await;
        assert!(
            smtp < outbox + Duration::from_millis(100),
            "over SMTP {smtp:?}, into the outbox {outbox:?}"
        );
    }
}
