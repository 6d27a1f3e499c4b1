//! The real program: the binary as people start it, in its own folder, with its output and log.

use crate::visitor::Visitor;
use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Output},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A running program, which is killed when the `RealProgram` is dropped.
pub struct RealProgram {
    pub address: SocketAddr,
    folder: TempDir,
    pub child: Child,
}

/// The path of the program, which is in the folder above the folder of the test binaries. Cargo does not build the program for
/// these tests.
pub fn built() -> PathBuf {
    let test = std::env::current_exe().expect("this test's own path");
    let program = test.ancestors().nth(2).expect("target/release").join("snug");
    assert!(
        program.exists(),
        "build the program first: cargo build --release --features ssr"
    );
    program
}

impl RealProgram {
    /// Starts the program with these variables, on its own port and in its own folder, and waits until it is ready.
    pub fn start(variables: &[(&str, &str)]) -> Self {
        Self::start_by(Command::new(built()), variables)
    }

    /// Like [`RealProgram::start`], but runs the shell line `shell` first, in the process that becomes the program.
    pub fn start_after(shell: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{shell} && exec \"$0\"")]).arg(built());
        Self::start_by(command, variables)
    }

    fn start_by(mut command: Command, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("site/pkg")).expect("a site without files");
        let probe = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = probe.local_addr().expect("the port");
        drop(probe);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SNUG_")) {
            command.env_remove(name);
        }
        let file = |name| std::fs::File::create(folder.path().join(name)).expect("a file");
        command
            .current_dir(folder.path())
            .env("LEPTOS_SITE_ADDR", address.to_string())
            .env("LEPTOS_SITE_ROOT", "site")
            .env("SNUG_PUBLIC_URL", format!("http://localhost:{}", address.port()))
            .env("SNUG_LIMITS_ENFORCED", "false")
            .env("SNUG_VOICE_UDP_PORT", "0")
            .envs(variables.iter().copied())
            .stdout(file("said"))
            .stderr(file("log"));
        let child = command.spawn().expect("it starts");
        let mut program = Self { address, folder, child };
        program.wait_until_ready();
        program
    }

    /// Runs a command of the program in the same folder and with the same addresses, while the server is running.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(built());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SNUG_")) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("LEPTOS_SITE_ADDR", self.address.to_string())
            .env("SNUG_PUBLIC_URL", format!("http://localhost:{}", self.address.port()));
        command.output().expect("the program runs")
    }

    pub fn visitor(&self) -> Visitor {
        let origin = format!("http://localhost:{}", self.address.port());
        Visitor::new(self.address, origin, self.data_dir().join("outbox"))
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The program's standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("the log")
    }

    /// The program's standard output: its addresses, and the owner link.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("said")).expect("its output")
    }

    fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        // When the program starts, it prints the line with this word last.
        while !self.said().contains("Stop ") {
            let ended = self.child.try_wait().expect("the state of the program");
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "the program did not start in time: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for RealProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
