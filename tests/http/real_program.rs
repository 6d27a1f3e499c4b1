//! The real program: the binary as people start it, in its own folder, with its output and log.

use crate::{reserved_port::ReservedPort, visitor::Visitor};
use std::{
    net::{SocketAddr, TcpListener, UdpSocket},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A running program, which is killed when the `RealProgram` is dropped.
pub struct RealProgram {
    pub address: SocketAddr,
    /// The program can wait ten seconds for its database before it listens, and it can be restarted.
    _port: ReservedPort,
    folder: TempDir,
    /// The variables of the test's own choice.
    variables: Vec<(String, String)>,
    pub child: Child,
}

/// The sockets that systemd has opened for a program: one for its site, and one for voices over UDP. While they are open, connections and
/// datagrams wait in them.
pub struct SystemdSockets {
    pub site: TcpListener,
    pub voice: UdpSocket,
}

impl SystemdSockets {
    /// The program with these sockets as its files 3 and 4, as systemd passes them (sd_listen_fds(3)). The shell gets them as its standard
    /// input and output, because a test can pass only these to a process.
    fn program() -> Command {
        let shell = "exec 3<&0 4<&1 0</dev/null 1>said && export LISTEN_FDS=2 LISTEN_PID=$$ && exec \"$0\"";
        let mut command = Command::new("sh");
        command.args(["-c", shell]).arg(built());
        command
    }

    fn pass_to(&self, command: &mut Command) {
        let site = self.site.try_clone().expect("a second handle");
        let voice = self.voice.try_clone().expect("a second handle");
        command.stdin(OwnedFd::from(site)).stdout(OwnedFd::from(voice));
    }
}

/// The path of the program: `SNUG_BIN` or, if it is not set, in the folder above the folder of the test binaries. Cargo does not
/// build the program for these tests. Only `make build` puts the site into it.
pub fn built() -> PathBuf {
    if let Some(program) = std::env::var_os("SNUG_BIN").filter(|path| !path.is_empty()) {
        return std::path::absolute(program).expect("a path");
    }
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
        Self::start_by(Command::new(built()), new_folder(), variables)
    }

    /// Like [`RealProgram::start`], but starts a copy of the program, which is alone in its folder.
    pub fn start_copy(variables: &[(&str, &str)]) -> Self {
        let folder = new_folder();
        let copy = folder.path().join("snug");
        // If this process copied the file, another test could start a process meanwhile, and Linux refuses to run a program that
        // any process has open for writing.
        let copied = Command::new("cp").arg(built()).arg(&copy).status();
        assert!(copied.expect("cp runs").success(), "the program was not copied");
        Self::start_by(Command::new(copy), folder, variables)
    }

    /// Like [`RealProgram::start`], but runs the shell line `shell` first, in the process that becomes the program.
    pub fn start_after(shell: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{shell} && exec \"$0\"")]).arg(built());
        Self::start_by(command, new_folder(), variables)
    }

    /// Like [`RealProgram::start`], but the program gets its sockets as from systemd. Returns the sockets too.
    pub fn start_on_sockets(variables: &[(&str, &str)]) -> (Self, SystemdSockets) {
        let port = ReservedPort::any();
        let sockets = SystemdSockets {
            site: TcpListener::bind(port.address).expect("its own port"),
            voice: UdpSocket::bind("0.0.0.0:0").expect("a free port"),
        };
        let program = Self::start_at(port, SystemdSockets::program(), Some(&sockets), new_folder(), variables);
        (program, sockets)
    }

    /// Like [`RealProgram::start_again`], with the sockets of [`RealProgram::start_on_sockets`].
    pub fn start_again_on(&mut self, sockets: &SystemdSockets) {
        self.start_again_by(SystemdSockets::program(), Some(sockets));
    }

    fn start_by(command: Command, folder: TempDir, variables: &[(&str, &str)]) -> Self {
        Self::start_at(ReservedPort::any(), command, None, folder, variables)
    }

    fn start_at(
        port: ReservedPort,
        mut command: Command,
        sockets: Option<&SystemdSockets>,
        folder: TempDir,
        variables: &[(&str, &str)],
    ) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: Vec<_> = variables.iter().map(own).collect();
        let address = port.address;
        prepare(&mut command, &folder, address, &variables);
        if let Some(sockets) = sockets {
            sockets.pass_to(&mut command);
        }
        let child = command.spawn().expect("it starts");
        let mut program = Self {
            address,
            _port: port,
            folder,
            variables,
            child,
        };
        program.wait_until_ready();
        program
    }

    /// Asks the program to stop, with SIGTERM.
    pub fn ask_to_stop(&self) {
        self.signal("TERM");
    }

    /// Waits until the program has ended, and starts it again, with the same address, folder and variables.
    pub fn start_again(&mut self) {
        self.start_again_by(Command::new(built()), None);
    }

    fn start_again_by(&mut self, mut command: Command, sockets: Option<&SystemdSockets>) {
        self.wait_for_end();
        prepare(&mut command, &self.folder, self.address, &self.variables);
        if let Some(sockets) = sockets {
            sockets.pass_to(&mut command);
        }
        self.child = command.spawn().expect("it starts");
        self.wait_until_ready();
    }

    /// Ends the program with a signal (`TERM` or `KILL`) and waits for its end. Then starts it again, with the same folder and
    /// address, and waits until it is ready.
    pub fn restart_after(&mut self, signal: &str) {
        self.signal(signal);
        self.start_again();
    }

    /// Runs another program with these arguments on the same data folder, and waits for its end. The variables override those
    /// of this program.
    pub fn run_beside(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let elsewhere = new_folder();
        let port = ReservedPort::any();
        let mut command = Command::new(built());
        prepare(&mut command, &elsewhere, port.address, &self.variables);
        command
            .args(arguments)
            .env("SNUG_DATA_DIR", self.data_dir())
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.output().expect("the program runs")
    }

    /// Runs a command of the program in the same folder and with the same variables, while the server is running.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// A command of the program in the same folder and with the same variables, which is not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(built());
        set_variables(&mut command, &self.folder, self.address, &self.variables);
        command.args(arguments);
        command
    }

    /// Sends a signal to the program, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &process]).status();
        assert!(sent.expect("kill runs").success(), "{name} was not sent");
    }

    /// Waits until the program has ended. Returns its exit code; `None` if a signal has ended it.
    pub fn wait_for_end(&mut self) -> Option<i32> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.child.try_wait().expect("asked") {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it did not end in time: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn visitor(&self) -> Visitor {
        let origin = format!("http://localhost:{}", self.address.port());
        Visitor::new(self.address, origin, self.data_dir().join("outbox"))
    }

    /// The folder in which the program runs, and looks for `Leptos.toml`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
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

fn new_folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Sets the folder, the variables and the two files for the output.
fn prepare(command: &mut Command, folder: &TempDir, address: SocketAddr, variables: &[(String, String)]) {
    set_variables(command, folder, address, variables);
    let file = |name| std::fs::File::create(folder.path().join(name)).expect("a file");
    command.stdout(file("said")).stderr(file("log"));
}

/// Sets the folder and the variables.
fn set_variables(command: &mut Command, folder: &TempDir, address: SocketAddr, variables: &[(String, String)]) {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SNUG_")) {
        command.env_remove(name);
    }
    command
        .current_dir(folder.path())
        .env("LEPTOS_SITE_ADDR", address.to_string())
        .env_remove("LEPTOS_SITE_ROOT")
        .env("SNUG_PUBLIC_URL", format!("http://localhost:{}", address.port()))
        .env("SNUG_LIMITS_ENFORCED", "false")
        .env("SNUG_VOICE_UDP_PORT", "0")
        .envs(variables.iter().map(|(name, value)| (name, value)));
}

impl Drop for RealProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
