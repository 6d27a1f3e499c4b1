//! How the program starts, stops and loads its settings again under a service manager.

use crate::{real_program::RealProgram, tls_client::exchange_in_the_clear};
use std::{
    io::Write,
    net::TcpStream,
    os::unix::net::UnixDatagram,
    time::{Duration, Instant},
};
use tokio::time::sleep;

const WAIT_MAX: Duration = Duration::from_secs(10);
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_stop_takes_at_most_five_seconds_although_a_request_never_ends() {
    let mut program = RealProgram::start(&[]);
    let mut slow = TcpStream::connect(program.address).expect("connected");
    let words = format!(
        "POST /api/auth/request_code HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:{}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=",
        program.address.port()
    );
    slow.write_all(words.as_bytes()).expect("sent");
    // The request has begun when a later one is answered.
    exchange_in_the_clear(program.address, HEALTH).await;
    let began = Instant::now();
    program.ask_to_stop();
    let code = program.wait_for_end();
    assert_eq!(code, Some(0), "{}", program.log());
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    TcpStream::connect(program.address).expect_err("nobody listens");
}

#[tokio::test]
async fn connections_wait_in_the_socket_of_systemd_while_the_program_restarts() {
    let (mut program, sockets) = RealProgram::start_on_sockets(&[]);
    assert!(
        exchange_in_the_clear(program.address, HEALTH)
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    program.ask_to_stop();
    program.wait_for_end();
    let address = program.address;
    // Nobody serves now, and nobody refuses.
    let waiting = tokio::spawn(async move {
        let mut stream = tokio::net::TcpStream::connect(address)
            .await
            .expect("the socket is open");
        tokio::io::AsyncWriteExt::write_all(&mut stream, HEALTH.as_bytes())
            .await
            .expect("sent");
        let mut answer = vec![];
        tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer)
            .await
            .expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    });
    tokio::task::yield_now().await;
    program.start_again_on(&sockets);
    let answer = waiting.await.expect("no panic");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn systemd_is_told_about_the_start_a_reload_and_the_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).expect("a socket");
    manager.set_read_timeout(Some(WAIT_MAX)).expect("a timeout");
    let told = || {
        let mut buffer = [0; 1_024];
        let count = manager.recv(&mut buffer).expect("a message in time");
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    };
    let program = RealProgram::start(&[("NOTIFY_SOCKET", &path.display().to_string())]);
    assert_eq!(told().trim(), "READY=1");
    program.signal("HUP");
    let reloading = told();
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(told().trim(), "READY=1");
    program.ask_to_stop();
    assert_eq!(told().trim(), "STOPPING=1");
}

#[tokio::test]
async fn sighup_loads_limits_and_the_level_of_the_log_again_and_a_mistake_changes_nothing() {
    let program = RealProgram::start(&[("SNUG_LIMITS_ENFORCED", "true")]);
    let write = |text: &str| std::fs::write(program.folder().join("Leptos.toml"), text).expect("written");
    program.visitor().request_code("ada@example.org").await.must(200);
    write("[snug.limits]\ncodes_per_hour_ip = \"many\"\n");
    program.signal("HUP");
    until_logged(&program, "the old ones stay").await;
    program.visitor().request_code("ben@example.org").await.must(200);
    write("[snug.limits]\ncodes_per_hour_ip = 2\ncodes_per_yeer = 2\n[snug.log]\nlevel = \"debug\"\n");
    program.signal("HUP");
    until_logged(&program, "were loaded again").await;
    until_logged(&program, "codes_per_yeer").await;
    program.visitor().request_code("cem@example.org").await.must(429);
}

async fn until_logged(program: &RealProgram, words: &str) {
    let deadline = Instant::now() + WAIT_MAX;
    while !program.log().contains(words) {
        assert!(Instant::now() < deadline, "{}", program.log());
        sleep(Duration::from_millis(20)).await;
    }
}
