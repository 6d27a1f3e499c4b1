//! The server under test: it runs as a separate process, whose CPU time and memory are read from the system.

use crate::http_tests::visitor::Visitor;
use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The ticks per second in /proc/PID/stat (`getconf CLK_TCK`, which is 100 on every current Linux).
const TICKS_PER_SECOND: f64 = 100.0;

pub struct ServerProcess {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// CPU time of the whole process, in seconds.
    pub process_s: f64,
    /// CPU time of the thread that forwards voices, in seconds.
    pub voice_s: f64,
    pub memory_kb: u64,
}

impl ServerProcess {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port");
        drop(listener);
        let binary = std::env::var("SNUG_BIN").unwrap_or_else(|_| "target/release/snug".into());
        let child = Command::new(&binary)
            .env("LEPTOS_SITE_ADDR", address.to_string())
            .env("SNUG_PUBLIC_URL", format!("http://localhost:{}", address.port()))
            .env("SNUG_DATA_DIR", folder.path().join("data"))
            .env("SNUG_LIMITS_ENFORCED", "false")
            .env("SNUG_LIMITS_CONNECTIONS_PER_ADDRESS", "20000")
            .env("SNUG_VOICE_UDP_PORT", "0")
            .env("SNUG_VOICE_ADVERTISE", "127.0.0.1")
            .env("SNUG_VOICE_PEERS_PER_USER", "20000")
            .env("SNUG_VOICE_PEERS_PER_ADDRESS", "20000")
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{binary}: {error}; run `make build` first"));
        let server = Self { child, address, folder };
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < deadline, "the server did not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    /// A visitor who is signed in and has an activated account.
    pub async fn person(&self, name: &str) -> Visitor {
        let origin = format!("http://localhost:{}", self.address.port());
        let visitor = Visitor::new(self.address, origin, self.folder.path().join("data/outbox"));
        visitor.sign_up(&format!("{}@example.org", name.to_lowercase())).await;
        visitor.come_in(name).await;
        visitor
    }

    pub fn usage(&self) -> Usage {
        let process = format!("/proc/{}", self.child.id());
        let threads = std::fs::read_dir(format!("{process}/task")).expect("its threads");
        let is_voice = |folder: &std::path::Path| {
            std::fs::read_to_string(folder.join("comm")).is_ok_and(|name| name.trim() == "voice")
        };
        let voice = threads
            .filter_map(Result::ok)
            .map(|thread| thread.path())
            .find(|folder| is_voice(folder));
        let status = std::fs::read_to_string(format!("{process}/status")).expect("its status");
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|line| line.split_whitespace().next());
        Usage {
            process_s: cpu_seconds(&format!("{process}/stat")),
            voice_s: voice.map_or(0.0, |folder| cpu_seconds(&folder.join("stat").to_string_lossy())),
            memory_kb: memory.and_then(|number| number.parse().ok()).unwrap_or(0),
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sum of the user and system time in a `stat` file, in seconds (fields 14 and 15, see proc(5)). The fields are counted
/// from the end of the program's name in brackets, because the name may contain spaces.
fn cpu_seconds(stat: &str) -> f64 {
    let text = std::fs::read_to_string(stat).unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|field| field.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}
