//! `https` without a proxy: with the certificate of the operator, over HTTP/1.1.

use crate::{
    database::On,
    real_program::RealProgram,
    reserved_port::ReservedPort,
    test_app::TestApp,
    test_certificate::TestCertificate,
    tls_client::{TlsBrowser, connect, connect_as, exchange, exchange_in_the_clear},
};
use snug::server::{
    config::{PublicUrl, TlsSource},
    http::lan_page,
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

const WAIT_MAX: Duration = Duration::from_secs(10);
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn https_is_served_with_the_certificate_of_the_operator() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |_| {}).await;
    let stream = connect(app.address, &certificate, &["http/1.1"]).await.expect("TLS");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let answer = exchange(stream, HEALTH).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    let other = TestCertificate::until(2100);
    connect(app.address, &other, &["http/1.1"])
        .await
        .expect_err("a client that does not know the certificate refuses it");
    let status = app.state.certificates.as_ref().expect("TLS is on");
    assert!(status.not_after().is_some() && status.last_error().is_none());
}

#[tokio::test]
async fn pages_and_sockets_work_over_tls() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |_| {}).await;
    let mut ada = TlsBrowser::new(&app, &certificate);
    ada.come_in("Ada").await;
    let mut stream = ada.connect().await;
    let words = format!(
        "GET /ws/rooms HTTP/1.1\r\n{}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        ada.headers()
    );
    stream.write_all(words.as_bytes()).await.expect("sent");
    let mut received = vec![];
    // The answer ends with an empty line. After that, the first signal follows.
    let has_signal = |bytes: &[u8]| {
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n");
        end.is_some_and(|end| bytes.len() > end + 4)
    };
    while !has_signal(&received) {
        let read = timeout(WAIT_MAX, stream.read_buf(&mut received)).await;
        let count = read.expect("in time").expect("TLS goes on");
        assert!(count > 0, "{}", String::from_utf8_lossy(&received));
    }
    assert!(received.starts_with(b"HTTP/1.1 101 "));
}

#[tokio::test]
async fn hypers_own_answers_have_our_headers_over_tls_too() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |_| {}).await;
    let stream = connect(app.address, &certificate, &["http/1.1"]).await.expect("TLS");
    let answer = exchange(stream, "GET / HTTP/1.1\r\nbad header\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("x-content-type-options: nosniff\r\n"), "{answer}");
    assert!(answer.contains("strict-transport-security: "), "{answer}");
}

#[tokio::test]
async fn clients_that_do_not_finish_the_handshake_are_closed_and_delay_nobody() {
    const HANDSHAKE: Duration = Duration::from_secs(4);
    let certificate = TestCertificate::until(2100);
    let (app, _folder) = TestApp::with_certificate(&certificate, |config| config.times.handshake = HANDSHAKE).await;
    let began = Instant::now();
    let mut slow = vec![];
    for first in [&b""[..], b"\x16", b"\x16\x03\x01\x02\0\x01"] {
        let mut stream = TcpStream::connect(app.address).await.expect("connected");
        stream.write_all(first).await.expect("sent");
        slow.push(stream);
    }
    let stream = connect(app.address, &certificate, &["http/1.1"]).await.expect("TLS");
    assert!(exchange(stream, HEALTH).await.starts_with("HTTP/1.1 200 OK"));
    assert!(began.elapsed() < HANDSHAKE, "{:?}", began.elapsed());
    for mut stream in slow {
        let mut rest = vec![];
        let end = timeout(WAIT_MAX, stream.read_to_end(&mut rest)).await;
        assert!(end.is_ok() && rest.is_empty(), "the server closes it without an answer");
    }
    assert!(began.elapsed() >= HANDSHAKE, "{:?}", began.elapsed());
}

#[tokio::test]
async fn slow_handshakes_of_an_address_make_room_for_its_requests() {
    let certificate = TestCertificate::until(2100);
    let (app, _folder) =
        TestApp::with_certificate(&certificate, |config| config.limits.connections_per_address = 2).await;
    let mut first = TcpStream::connect(app.address).await.expect("connected");
    let _second = TcpStream::connect(app.address).await.expect("connected");
    let stream = connect(app.address, &certificate, &["http/1.1"]).await.expect("TLS");
    assert!(exchange(stream, HEALTH).await.starts_with("HTTP/1.1 200 OK"));
    let mut rest = vec![];
    timeout(WAIT_MAX, first.read_to_end(&mut rest))
        .await
        .expect("the oldest one was closed")
        .expect("closed");
}

#[tokio::test]
async fn plain_http_is_redirected_to_the_same_page_and_forms_are_refused() {
    let (certificate, plain) = (TestCertificate::until(2100), ReservedPort::any());
    let (app, _folder) =
        TestApp::with_certificate(&certificate, |config| config.listen.redirect = vec![plain.address]).await;
    let words = "GET /rooms?q=tea HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = exchange_in_the_clear(plain.address, words).await;
    assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
    let location = format!("location: {}/rooms?q=tea\r\n", app.origin());
    assert!(answer.contains(&location), "{answer}");
    assert!(answer.contains("x-content-type-options: nosniff"), "{answer}");
    assert!(!answer.contains("strict-transport-security"), "{answer}");
    let words =
        "POST /api/auth/request_code HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let answer = exchange_in_the_clear(plain.address, words).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.contains(&app.origin()), "{answer}");
}

#[tokio::test]
async fn the_local_network_gets_a_certificate_of_our_own_which_is_kept_and_shown_with_its_address() {
    let mut app = TestApp::with(On::Sqlite, |config| {
        config.tls = TlsSource::Own(["localhost", "127.0.0.1"].map(str::to_owned).into());
        let origin = config.public_url.origin().replacen("http://", "https://", 1);
        config.public_url = PublicUrl::parse(&origin).expect("an address");
    })
    .await;
    let kept = |app: &TestApp| std::fs::read_to_string(app.data_dir().join("tls/own.pem")).expect("the certificate");
    let first = kept(&app);
    let stream = connect_as(app.address, "localhost", Some(&first), &["http/1.1"])
        .await
        .expect("TLS");
    assert!(exchange(stream, HEALTH).await.starts_with("HTTP/1.1 200 "));
    let shown = lan_page::of(&app.state).expect("it serves the local network");
    assert_eq!(shown.url, app.origin());
    assert_eq!(shown.fingerprint.split(':').count(), 32, "{}", shown.fingerprint);
    assert!(shown.qr_code.starts_with("data:image/svg+xml;base64,"));
    app.restart().await;
    assert_eq!(kept(&app), first, "a browser that has accepted it does not warn again");
}

#[tokio::test]
async fn a_replaced_certificate_is_served_after_a_reload_and_a_bad_one_is_not() {
    let (old, new) = (TestCertificate::until(2100), TestCertificate::until(2101));
    let (app, folder) = TestApp::with_certificate(&old, |_| {}).await;
    let tls = app.state.tls.as_ref().expect("TLS is on");
    new.write(folder.path());
    tls.reload(app.state.now_s());
    connect(app.address, &old, &["http/1.1"])
        .await
        .expect_err("it is replaced");
    connect(app.address, &new, &["http/1.1"]).await.expect("the new one");
    std::fs::write(folder.path().join("fullchain.pem"), &old.pem).expect("written");
    tls.reload(app.state.now_s());
    connect(app.address, &new, &["http/1.1"])
        .await
        .expect("the one before stays");
    let error = tls.status().last_error().expect("the reason");
    assert!(error.contains("belongs to another private key"), "{error}");
}

#[tokio::test]
async fn sighup_loads_the_certificate_again() {
    let (old, new) = (TestCertificate::until(2100), TestCertificate::until(2101));
    let folder = tempfile::tempdir().expect("a folder");
    let files = old.write(folder.path());
    let (cert, key) = (files.cert.display().to_string(), files.key.display().to_string());
    let program = RealProgram::start(&[
        ("SNUG_PUBLIC_TLS_CERT", &cert),
        ("SNUG_PUBLIC_TLS_KEY", &key),
        ("SNUG_PUBLIC_URL", "https://localhost"),
    ]);
    let stream = connect(program.address, &old, &["http/1.1"]).await.expect("TLS");
    assert!(exchange(stream, HEALTH).await.starts_with("HTTP/1.1 200 OK"));
    new.write(folder.path());
    program.signal("HUP");
    let deadline = Instant::now() + WAIT_MAX;
    while connect(program.address, &new, &["http/1.1"]).await.is_err() {
        assert!(Instant::now() < deadline, "{}", program.log());
        sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn an_expired_certificate_is_refused_at_the_start_and_by_the_check_of_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = TestCertificate::until(2001).write(folder.path());
    let output = |command: &[&str]| {
        let output = std::process::Command::new(crate::real_program::built())
            .args(command)
            .current_dir(folder.path())
            .env("SNUG_PUBLIC_TLS_CERT", &files.cert)
            .env("SNUG_PUBLIC_TLS_KEY", &files.key)
            .env("LEPTOS_SITE_ADDR", "127.0.0.1:0")
            .env("SNUG_VOICE_UDP_PORT", "0")
            .output()
            .expect("the program runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    for command in [&["serve"][..], &["config", "check"]] {
        let (code, message) = output(command);
        assert_eq!(code, Some(1), "{message}");
        assert!(message.contains("has expired on 2001-12-31"), "{message}");
    }
}
