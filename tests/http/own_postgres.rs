//! A PostgreSQL server that belongs to one test, which can stop it and start it again. It is not the server of the other tests.

use snug::server::config::DatabaseUrl;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

/// A running server, which is stopped and removed when the `OwnPostgres` is dropped.
pub struct OwnPostgres {
    /// The folder of the server, inside `_folder`. `scripts/postgres.sh stop` removes it.
    cluster: PathBuf,
    pub url: DatabaseUrl,
    _folder: TempDir,
}

impl OwnPostgres {
    /// Starts a server with an empty database.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new()
            .permissions(readable_by_all())
            .tempdir()
            .expect("a folder");
        let cluster = folder.path().join("cluster");
        let output = run("start", &cluster);
        let url = String::from_utf8(output.stdout).expect("an address");
        Self {
            cluster,
            url: DatabaseUrl::parse(url.trim()).expect("a PostgreSQL address"),
            _folder: folder,
        }
    }

    /// Stops the server. It keeps its data.
    pub fn halt(&self) {
        run("halt", &self.cluster);
    }

    /// Starts the server again, at the same address.
    pub fn resume(&self) {
        run("resume", &self.cluster);
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        let _ = script("stop", &self.cluster).status();
    }
}

/// PostgreSQL runs as a user of its own, who must be able to reach its folder.
fn readable_by_all() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o755)
}

fn run(order: &str, cluster: &Path) -> Output {
    let output = script(order, cluster).output().expect("the script runs");
    assert!(
        output.status.success(),
        "{order}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn script(order: &str, cluster: &Path) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres.sh"));
    command.arg(order).arg(cluster);
    command
}
