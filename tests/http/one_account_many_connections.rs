//! One account takes all connections of two addresses. A newcomer who comes from one of these addresses still gets in.

use crate::{database::On, test_app::TestApp, test_socket::TestSocket, visitor::Visitor};
use snug::{model::signal::ListSignal, server::open_files};
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Semaphore,
    time::{sleep, timeout},
};

const EACH: u32 = 1_000;
const LIMIT: Duration = Duration::from_secs(2);
const FILL_MAX: Duration = Duration::from_secs(30);
/// The pause before a connection that the server closed is opened again.
const REOPEN_AFTER: Duration = Duration::from_millis(50);

/// Fills all places of an address: with as many WebSockets of the account as the server allows, and with idle connections.
/// The connections stay until the test ends, and a closed one is opened again.
async fn fill_places(app: &TestApp, account: &Visitor, source: IpAddr) {
    let hoarder = Arc::new(app.visitor_from(source));
    let mut sockets = 0;
    while let Ok(mut socket) = open_socket(app, account, &hoarder).await {
        tokio::spawn(async move { socket.recv_forever().await });
        sockets += 1;
    }
    let open = Arc::new(AtomicU32::new(sockets));
    let at_once = Arc::new(Semaphore::new(32));
    for _ in sockets..EACH {
        tokio::spawn(hold_idle(hoarder.clone(), open.clone(), at_once.clone()));
    }
    let all_open = async {
        while open.load(Ordering::Relaxed) < EACH {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(FILL_MAX, all_open).await.expect("all places are taken");
}

async fn open_socket(
    app: &TestApp,
    account: &Visitor,
    hoarder: &Visitor,
) -> Result<TestSocket<ListSignal>, crate::test_socket::UpgradeRefused> {
    let (stream, cookies) = (hoarder.connect().await, account.jar.header());
    TestSocket::open_over(stream, "/ws/rooms", &cookies, Some(&app.origin()), &[]).await
}

/// Keeps one connection open that has had one request.
async fn hold_idle(hoarder: Arc<Visitor>, open: Arc<AtomicU32>, at_once: Arc<Semaphore>) {
    loop {
        let turn = at_once.acquire().await.expect("never closed");
        let mut stream = hoarder.connect().await;
        let asked = stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await;
        if asked.is_ok() && stream.read(&mut [0; 4_096]).await.is_ok_and(|bytes| bytes > 0) {
            drop(turn);
            open.fetch_add(1, Ordering::Relaxed);
            while stream.read(&mut [0; 4_096]).await.is_ok_and(|bytes| bytes > 0) {}
            open.fetch_sub(1, Ordering::Relaxed);
        }
        sleep(REOPEN_AFTER).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_signs_in_and_joins_within_2_s_beside_2000_connections_of_one_account() {
    // Both ends of each connection are files of this process.
    open_files::raise_limit();
    assert!(
        open_files::limit() > 5_000,
        "this test needs more open files: ulimit -H -n"
    );
    let app = TestApp::with(On::Sqlite, |config| {
        config.limits.enforced = true;
        config.limits.connections_per_address = EACH;
    })
    .await;
    let host = app.person("Host").await;
    let room = host.open_room("Tea", "open").await;
    let hoarder = app.person("Hoarder").await;
    for source in [[127, 0, 0, 2], [127, 0, 0, 3]] {
        fill_places(&app, &hoarder, source.into()).await;
    }
    let began = Instant::now();
    let newcomer = app.visitor_from([127, 0, 0, 2].into());
    newcomer.page("/").await.must(200);
    newcomer.sign_up("newcomer@example.org").await;
    newcomer.come_in("Newcomer").await;
    let _inside = newcomer.plug_in(&room).await;
    let took = began.elapsed();
    assert!(took < LIMIT, "{took:?}");
}
