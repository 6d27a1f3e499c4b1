//! A server in a child process, which a test can kill. The child is this test binary, started again to run only the ignored
//! test below.

use crate::test_app;
use snug::server::{
    config::{Config, PublicUrl},
    fail_point::FailPoint,
};
use std::{
    env,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};
use tokio::sync::mpsc;

const FOLDER: &str = "SNUG_TEST_CHILD_FOLDER";
const ADDRESS: &str = "SNUG_TEST_CHILD_ADDRESS";
const MOVED_S: &str = "SNUG_TEST_CHILD_MOVED_S";
const STOPS_AT: &str = "SNUG_TEST_CHILD_STOPS_AT";
const LISTENS: &str = "the child listens";
const STOPPED: &str = "the child has stopped at its point";

/// How a child is started.
pub struct ChildStart<'a> {
    pub folder: &'a Path,
    pub address: SocketAddr,
    /// How far the child's clock is ahead, in seconds.
    pub moved_s: i64,
    /// The fail point at which the child stops, so that the test can kill it there, and the number of the visit at which it
    /// stops. The first visit is number 1.
    pub stops_at: Option<(FailPoint, usize)>,
}

pub struct Child {
    process: std::process::Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Child {
    /// Starts a child and waits until it listens.
    pub async fn start(start: &ChildStart<'_>) -> Self {
        let stops_at = start.stops_at.map(|(point, nth)| format!("{nth} {point:?}"));
        let mut process = Command::new(env::current_exe().expect("this binary"))
            .args([
                "sessions::child::serves_until_it_is_killed",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, start.folder)
            .env(ADDRESS, start.address.to_string())
            .env(MOVED_S, start.moved_s.to_string())
            .env(STOPS_AT, stops_at.unwrap_or_default())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let out = BufReader::new(process.stdout.take().expect("its output"));
        let (say, lines) = mpsc::unbounded_channel();
        thread::spawn(move || out.lines().map_while(Result::ok).all(|line| say.send(line).is_ok()));
        let mut child = Self { process, lines };
        let listens = tokio::time::timeout(Duration::from_secs(30), child.hear(LISTENS));
        listens.await.expect(LISTENS);
        child
    }

    /// Waits until the child has stopped at its fail point.
    pub async fn has_stopped(&mut self) {
        self.hear(STOPPED).await;
    }

    /// Kills the child with SIGKILL and waits for its end.
    pub fn kill(self) {
        drop(self);
    }

    async fn hear(&mut self, wanted: &str) {
        while let Some(line) = self.lines.recv().await {
            if line == wanted {
                return;
            }
        }
        panic!("the child ended before it printed: {wanted}");
    }
}

/// Kills the child even if the test fails, so that no child stays behind.
impl Drop for Child {
    fn drop(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("the child has ended");
    }
}

/// Runs in the child, which ends only when it is killed.
#[test]
#[ignore = "the server that the tests of kill -9 start and kill"]
fn serves_until_it_is_killed() {
    let read = |name| env::var(name).unwrap_or_else(|_| panic!("only a test starts this, and sets {name}"));
    let folder = std::path::PathBuf::from(read(FOLDER));
    let (address, moved_s, stops_at) = (read(ADDRESS), read(MOVED_S), read(STOPS_AT));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let listener = std::net::TcpListener::bind(address.as_str()).expect("the port");
        let mut config = Config::for_tests(&folder.join("data"));
        config.public_url = origin(listener.local_addr().expect("the port"));
        let moved_s = moved_s.parse().expect("seconds");
        let (state, _running) = test_app::open(listener, config, folder.clone(), moved_s).await;
        let count = AtomicUsize::new(0);
        state.fail_points.set(move |point| {
            let Some((nth, wanted)) = stops_at.split_once(' ') else {
                return;
            };
            if format!("{point:?}") == wanted && count.fetch_add(1, Ordering::Relaxed) + 1 == nth.parse().unwrap_or(1) {
                println!("{STOPPED}");
                loop {
                    thread::park();
                }
            }
        });
        println!("\n{LISTENS}");
        std::future::pending::<()>().await;
    });
}

pub fn origin(address: SocketAddr) -> PublicUrl {
    PublicUrl::parse(&format!("http://localhost:{}", address.port())).expect("an address")
}
