//! `TestApp`: the program in this process, with its own port, folder and database.

use crate::{
    database::{On, create_postgres_database},
    reserved_port::ReservedPort,
    test_certificate::TestCertificate,
    visitor::Visitor,
};
use leptos::config::LeptosOptions;
use serde_json::Value;
use snug::{
    router,
    server::{
        auth,
        config::{Config, PublicUrl, TlsSource},
        http::{
            listeners::{Listeners, bind_all},
            static_files::Site,
        },
        open_files, rooms,
        state::AppState,
    },
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep},
};

/// The runtime of all servers in this binary. Like the runtime of the program, it has several threads, because a render can start
/// on one thread and end on another. The tests themselves have one thread each.
static SERVER_RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime")
});

/// A running server, which stops when the `TestApp` is dropped.
pub struct TestApp {
    pub state: AppState,
    pub address: SocketAddr,
    /// The server listens on this port again after a restart.
    _port: ReservedPort,
    folder: TempDir,
    config: Config,
    moved_s: i64,
    running: Option<Running>,
}

/// The task that serves requests. The task stops when the `Running` is dropped.
pub struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), String>>,
}

impl TestApp {
    /// Starts a server on SQLite, without rate limits.
    pub async fn start() -> Self {
        Self::on(On::Sqlite).await
    }

    /// Starts a server on this database, without rate limits.
    pub async fn on(on: On) -> Self {
        Self::with(on, |_| {}).await
    }

    /// Starts a server that serves `https` with this certificate. `change` can edit the configuration first. The second value is the folder
    /// of the certificate, where a test can replace it.
    pub async fn with_certificate(certificate: &TestCertificate, change: impl FnOnce(&mut Config)) -> (Self, TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let files = certificate.write(folder.path());
        let app = Self::with(On::Sqlite, |config| {
            config.tls = TlsSource::Files(files);
            let origin = config.public_url.origin().replacen("http://", "https://", 1);
            config.public_url = PublicUrl::parse(&origin).expect("an address");
            change(config);
        })
        .await;
        (app, folder)
    }

    /// Starts a server on this database. `change` can edit the configuration first. The public URL is `http://localhost` with the
    /// port of the server, unless `change` sets another one.
    pub async fn with(on: On, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("site/pkg")).expect("a site without files");
        let port = ReservedPort::any();
        let address = port.address;
        let listener = std::net::TcpListener::bind(address).expect("its own port");
        let mut config = Config::for_tests(&folder.path().join("data"));
        config.public_url = PublicUrl::parse(&format!("http://localhost:{}", address.port())).expect("an address");
        if on == On::Postgres {
            config.database_url = create_postgres_database().await;
        }
        change(&mut config);
        let (state, running) = start(listener, &config, &folder, 0).await;
        Self {
            state,
            address,
            _port: port,
            folder,
            config,
            moved_s: 0,
            running: Some(running),
        }
    }

    /// Restarts the server. The server loses its memory, but keeps its data, its address and the moved clock.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start_again().await;
    }

    /// Starts the server again after [`TestApp::stop`].
    pub async fn start_again(&mut self) {
        let listener = std::net::TcpListener::bind(self.address).expect("the same port as before");
        let (state, running) = start(listener, &self.config, &self.folder, self.moved_s).await;
        (self.state, self.running) = (state, Some(running));
    }

    /// Restarts the server with another configuration.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
        self.restart().await;
    }

    /// The folder in which the server keeps its data.
    pub fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }

    /// Stops the server. Its data and its address stay.
    pub async fn stop(&mut self) {
        let running = self.running.take().expect("it runs");
        running.stop.send(()).expect("it listens");
        let served = running.served.await.expect("the server stopped without a panic");
        served.expect("the server stopped without an error");
    }

    /// Waits until the server has ended by itself, and returns its error.
    pub async fn failed(&mut self) -> String {
        let running = self.running.take().expect("it runs");
        let served = running.served.await.expect("the server stopped without a panic");
        served.expect_err("the server ends by itself only with an error")
    }

    /// Moves the program's clock ahead by `seconds`, without waiting.
    pub fn pass_s(&mut self, seconds: i64) {
        self.moved_s += seconds;
        self.state.clock.advance_s(seconds);
    }

    /// Lets `seconds` pass in the live rooms, without waiting. Sessions and open sockets don't notice.
    pub fn pass_in_rooms_s(&self, seconds: u32) {
        self.state.voice.advance_for_tests(u64::from(seconds) * 1_000);
    }

    /// A visitor with a new browser.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.address, self.origin(), self.outbox())
    }

    /// A visitor with a new browser in the network 127.0.`network`.0/24. The other visitors are in network 0.
    pub fn visitor_in(&self, network: u8) -> Visitor {
        let source = [127, 0, network, 1].into();
        Visitor::from_address(source, self.address, self.origin(), self.outbox())
    }

    /// A signed-in visitor who has not chosen a name yet.
    pub async fn newcomer(&self, email: &str) -> Visitor {
        let visitor = self.visitor();
        visitor.sign_up(email).await;
        visitor
    }

    /// A signed-in and activated visitor with the address `<name>@example.org`.
    pub async fn person(&self, name: &str) -> Visitor {
        let visitor = self.newcomer(&format!("{}@example.org", name.to_lowercase())).await;
        visitor.come_in(name).await;
        visitor
    }

    /// People with these names, one after the other, as [`TestApp::person`] makes them.
    pub async fn people<const COUNT: usize>(&self, names: [&str; COUNT]) -> [Visitor; COUNT] {
        let mut visitors = vec![];
        for name in names {
            visitors.push(self.person(name).await);
        }
        visitors.try_into().unwrap_or_else(|_| panic!("one for each name"))
    }

    pub fn origin(&self) -> String {
        self.config.public_url.origin()
    }

    /// The folder of the site's files. A file is read when somebody asks for it.
    pub fn site_root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    pub fn outbox(&self) -> PathBuf {
        self.config.data_dir.join("outbox")
    }

    /// Reads one value from the database, as text or number.
    pub async fn ask<T>(&self, sql: &'static str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any> + Send + Unpin,
    {
        let (value,): (T,) = sqlx::query_as(sql)
            .fetch_one(self.state.database.reader())
            .await
            .expect(sql);
        value
    }

    /// Changes the database without going through the program.
    pub async fn tamper(&self, sql: &'static str) {
        sqlx::query(sql).execute(self.state.database.writer()).await.expect(sql);
    }

    /// Waits until a count in the database is `wanted`, because some writes happen after the answer.
    pub async fn until(&self, sql: &'static str, wanted: i64) {
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.ask::<i64>(sql).await != wanted {
            assert!(Instant::now() < deadline, "not {wanted} in time: {sql}");
            sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn start(
    listener: std::net::TcpListener,
    config: &Config,
    folder: &TempDir,
    moved_s: i64,
) -> (AppState, Running) {
    let opened = SERVER_RUNTIME.spawn(open(listener, config.clone(), folder.path().to_owned(), moved_s));
    opened.await.expect("it starts")
}

/// Does what `snug serve` does after it has read the configuration. The site is the folder `site` in `folder`.
pub async fn open(
    listener: std::net::TcpListener,
    config: Config,
    folder: PathBuf,
    moved_s: i64,
) -> (AppState, Running) {
    open_files::raise_limit();
    listener.set_nonblocking(true).expect("a socket of tokio's");
    let site = TcpListener::from_std(listener).expect("a socket of tokio's");
    let listeners = Listeners {
        site: vec![site],
        redirect: bind_all(&config.listen.redirect).expect("free ports"),
    };
    let state = AppState::open(config).await.expect("the data can be opened");
    state.clock.advance_s(moved_s);
    auth::revocation::load_revoked_sessions(&state)
        .await
        .expect("the revoked sessions");
    rooms::resume(&state).await.expect("the rooms from before");
    let options = LeptosOptions::builder().output_name("snug").build();
    let site = Site::in_folder(&folder.join("site")).expect("the site's folder");
    let app = router::build(state.clone(), options, site);
    let (stop, asked) = oneshot::channel();
    let serving = router::serve(listeners, state.clone(), app, async {
        // If the test ends without a restart, the sender is dropped, which stops the server too.
        let _ = asked.await;
    });
    let served = tokio::spawn(async { serving.await.map_err(|error| format!("{error:#}")) });
    (state, Running { stop, served })
}

/// The claims of an access token, without checking its signature.
pub fn claims(access_token: &str) -> Value {
    part_of_token(access_token, 1)
}

/// The header of an access token.
pub fn token_header(access_token: &str) -> Value {
    part_of_token(access_token, 0)
}

fn part_of_token(token: &str, part: usize) -> Value {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let encoded = token.split('.').nth(part).expect("a JWT has three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(encoded).expect("base64url")).expect("JSON")
}
