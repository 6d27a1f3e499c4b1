//! A PgBouncer that belongs to one test.
//!
//! It is the program `pgbouncer` (Debian: the package `pgbouncer`, version 1.18). `scripts/test.sh` installs it, or says that the tests
//! that need it are skipped.

use crate::{database::postgres_is_here, reserved_port::ReservedPort};
use snug::server::config::DatabaseUrl;
use std::{
    fs::{self, File},
    net::TcpStream,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// PgBouncer's settings for most tests.
pub const SESSION: &[&str] = &["pool_mode = session", IGNORE];
pub const TRANSACTION: &[&str] = &["pool_mode = transaction", IGNORE];
pub const STATEMENT: &[&str] = &["pool_mode = statement", IGNORE];
/// Without this line, PgBouncer refuses the connections of sqlx.
pub const IGNORE: &str = "ignore_startup_parameters = extra_float_digits";

/// A PgBouncer in front of the server of the tests, on its own port and in its own folder. It is killed when it is dropped.
pub struct PgBouncer {
    /// The address of the database through this PgBouncer.
    pub url: DatabaseUrl,
    server: Child,
    folder: TempDir,
    port: ReservedPort,
}

impl PgBouncer {
    /// Starts it with these lines of pgbouncer.ini, and waits until it listens.
    pub fn start(settings: &[&str], database: &DatabaseUrl) -> Self {
        let port = ReservedPort::any();
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| folder.path().join(name);
        fs::write(file("pgbouncer.ini"), config(settings, database, &port)).expect("written");
        let log = File::create(file("log")).expect("a file");
        let mut command = Command::new(find_pgbouncer().expect("a test calls can_run() first"));
        // PgBouncer refuses to run as root. This user needs no rights, because PgBouncer has opened its files before it becomes this user.
        if fs::metadata(folder.path()).expect("there").uid() == 0 {
            command.args(["-u", "nobody"]);
        }
        let server = command
            .arg(file("pgbouncer.ini"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .expect("it starts");
        let name = reqwest::Url::parse(database.expose())
            .expect("an address")
            .path()
            .to_owned();
        let url = format!("postgres://snug@{}{name}", port.address);
        let bouncer = Self {
            url: DatabaseUrl::parse(&url).expect("a PostgreSQL address"),
            server,
            folder,
            port,
        };
        bouncer.wait_until_it_listens();
        bouncer
    }

    fn wait_until_it_listens(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(self.port.address).is_err() {
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PgBouncer did not start: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// With `auth_type = any`, PgBouncer asks nobody for a password, and signs in to PostgreSQL with the one of the tests.
fn config(settings: &[&str], database: &DatabaseUrl, port: &ReservedPort) -> String {
    let to = reqwest::Url::parse(database.expose()).expect("an address");
    let host = to.host_str().expect("a host");
    let password = to.password().unwrap_or_default();
    [
        "[databases]",
        &format!(
            "* = host={host} port={} user={} password={password}",
            to.port().unwrap_or(5432),
            to.username()
        ),
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        &format!("listen_port = {}", port.address.port()),
        "unix_socket_dir =",
        "auth_type = any",
        &settings.join("\n"),
    ]
    .join("\n")
        + "\n"
}

/// The program. Debian installs it in a folder that is on the `PATH` of root only.
fn find_pgbouncer() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.is_file())
}

/// Whether the tests can run. Prints a line if they can't.
pub fn can_run() -> bool {
    let is_installed = find_pgbouncer().is_some();
    if !is_installed {
        println!("skipped: PgBouncer is not installed (Debian: apt-get install pgbouncer)");
    }
    is_installed && postgres_is_here()
}

/// Whether this PgBouncer can rename prepared statements, which it does since version 1.21.
pub fn knows_prepared_statements() -> bool {
    let program = find_pgbouncer().expect("a test calls can_run() first");
    let output = Command::new(program).arg("--version").output().expect("it runs");
    // The first line is, for example, `PgBouncer 1.18.0`.
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().nth(1).expect("a version");
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(1), Some(21))
}
