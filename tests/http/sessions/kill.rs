//! `kill -9` at every fail point, under load: no acknowledged write is lost, nobody is signed out, and the database is intact.
//!
//! The kernel's page cache survives SIGKILL. So this test shows that writes are ordered and recovered, but it does not show
//! that they survive a power cut.

use super::{
    child::{Child, ChildStart},
    client::Client,
};
use crate::reserved_port::ReservedPort;
use futures_util::future::join_all;
use snug::server::{
    avatars::{AvatarStore, ORPHAN_AGE_S},
    clock::Clock,
    config::Config,
    database::Database,
    fail_point::{FailPoint, Write},
};
use sqlx::{Connection, SqliteConnection};
use std::{
    collections::BTreeSet,
    io::{Write as _, stderr},
    path::Path,
    pin::pin,
    time::{Duration, Instant},
};

const CLIENTS: usize = 6;
/// The seconds by which the clock moves between two starts of the server. They exceed `confirm_seconds`, so that every token is
/// rotated again.
const PASSES_S: i64 = 130;

/// The time within which the server should reach its fail point.
const WAIT_MAX: Duration = Duration::from_secs(10);

const POINTS: [FailPoint; 14] = [
    FailPoint::Before(Write::Rotation),
    FailPoint::After(Write::Rotation),
    FailPoint::Before(Write::SignIn),
    FailPoint::After(Write::SignIn),
    FailPoint::Before(Write::ServedAgain),
    FailPoint::After(Write::ServedAgain),
    FailPoint::Before(Write::Confirmation),
    FailPoint::After(Write::Confirmation),
    FailPoint::Before(Write::Activation),
    FailPoint::After(Write::Activation),
    FailPoint::Before(Write::SignOut),
    FailPoint::After(Write::SignOut),
    FailPoint::Before(Write::Revocation),
    FailPoint::After(Write::Revocation),
];

/// The number of cycles: 50, or the value of `SNUG_SOAK_CYCLES`.
fn cycles() -> usize {
    let asked = std::env::var("SNUG_SOAK_CYCLES")
        .ok()
        .and_then(|text| text.parse().ok());
    asked.unwrap_or(50)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_9_at_any_fail_point_loses_no_acknowledged_write_and_signs_nobody_out() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("site/pkg")).expect("a site without files");
    let port = ReservedPort::any();
    let address = port.address;
    let mut clients: Vec<Client> = (0..CLIENTS)
        .map(|number| Client::new(number, address, folder.path()))
        .collect();
    let (began, cycles) = (Instant::now(), cycles());
    let mut stopped = [0; POINTS.len()];
    let start = |cycle: usize, stops_at| ChildStart {
        folder: folder.path(),
        address,
        moved_s: PASSES_S * cycle as i64,
        stops_at,
    };
    for cycle in 0..=cycles {
        // In the first cycle the server is killed only after all requests were answered, so that everybody can sign in and
        // refresh once.
        let point = (cycle > 0).then(|| POINTS[(cycle - 1) % POINTS.len()]);
        let mut child = Child::start(&start(cycle, point.map(|point| (point, 1 + cycle / POINTS.len() % 2)))).await;
        if point.is_some() {
            let mut load = pin!(join_all(clients.iter_mut().map(|client| client.load(point))));
            // On a busy machine the clients may be too slow to reach the fail point, or all of them may give up. In that case
            // the server is killed at whatever point it has reached.
            let (at_its_point, goes_on) = tokio::select! {
                () = child.has_stopped() => (true, true),
                () = tokio::time::sleep(WAIT_MAX) => (false, true),
                _ = &mut load => (false, false),
            };
            child.kill();
            if goes_on {
                load.await;
            }
            stopped[(cycle - 1) % POINTS.len()] += usize::from(at_its_point);
        } else {
            all_rounds_succeed(&mut clients).await;
            child.kill();
        }
        assert_eq!(check_integrity(folder.path()).await, "ok", "cycle {cycle}");
    }
    let child = Child::start(&start(cycles + 1, None)).await;
    all_rounds_succeed(&mut clients).await;
    child.kill();
    let files = only_current_pictures_are_left(folder.path(), PASSES_S * cycles as i64).await;
    let acknowledged: usize = clients.iter().map(|client| client.acknowledged).sum();
    // Write to standard error directly, because the test harness captures `println!`.
    let _ = writeln!(
        stderr(),
        "{cycles} cycles of kill -9, {} of them stopped at their fail points, {acknowledged} acknowledged writes, {files} pictures left, {:.1?}",
        stopped.iter().sum::<usize>(),
        began.elapsed()
    );
    assert!(
        stopped.iter().all(|times| *times > 0),
        "the server did not stop at every fail point: {stopped:?}"
    );
    assert!(acknowledged > cycles, "too few writes: {acknowledged}");
}

async fn all_rounds_succeed(clients: &mut [Client]) {
    for result in join_all(clients.iter_mut().map(|client| client.round(None))).await {
        result.expect("every answer comes");
    }
}

/// Runs housekeeping at a time when every unused picture is old enough to be deleted, then checks that the avatar store
/// contains exactly the current pictures. Returns the number of files.
async fn only_current_pictures_are_left(folder: &Path, moved_s: i64) -> usize {
    let url = format!("sqlite:{}", folder.join("data/snug.db").display());
    let mut database = SqliteConnection::connect(&url).await.expect("the database");
    let current: Vec<(String,)> = sqlx::query_as("select picture from users where length(picture) = 64")
        .fetch_all(&mut database)
        .await
        .expect("asked");
    let names = |(hash,): (String,)| [format!("{hash}.jpg"), format!("{hash}-64.jpg")];
    let current: BTreeSet<String> = current.into_iter().flat_map(names).collect();
    database.close().await.expect("closed");
    let config = Config::for_tests(&folder.join("data"));
    let avatars = AvatarStore::open(&config.pictures, &config.data_dir).expect("the avatar store");
    let database = Database::connect(&config.database_url, None)
        .await
        .expect("the database");
    let later_s = Clock::default().now_s() + moved_s + 2 * ORPHAN_AGE_S;
    avatars.sweep(&database, later_s).await.expect("swept");
    database.close().await;
    let files = std::fs::read_dir(folder.join("data/pictures")).expect("the avatar store");
    let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
    assert_eq!(names.collect::<BTreeSet<String>>(), current);
    current.len()
}

async fn check_integrity(folder: &Path) -> String {
    let url = format!("sqlite:{}", folder.join("data/snug.db").display());
    let mut database = SqliteConnection::connect(&url).await.expect("the database");
    let (message,): (String,) = sqlx::query_as("pragma integrity_check")
        .fetch_one(&mut database)
        .await
        .expect("checked");
    database.close().await.expect("closed");
    message
}
