//! Certificates from Pebble, the test server of Let's Encrypt: the first one, a renewal, another domain, and a server that fails.
//!
//! The tests need the programs `pebble` and `pebble-challtestsrv` (Debian: the package `pebble`, version 2.4). `scripts/test.sh` installs
//! them, or says that these tests are skipped.

use crate::{
    database::On,
    reserved_port::ReservedPort,
    test_app::TestApp,
    test_certificate::TestCertificate,
    tls_client::{connect_as, exchange},
};
use snug::server::config::{AcmeConfig, Config, PublicUrl, TlsSource};
use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

const DOMAIN: &str = "talk.example.org";
const DAY_S: i64 = 24 * 60 * 60;
const WAIT_MAX: Duration = Duration::from_secs(20);

/// The ports that Pebble and Snug need, all on 127.0.0.1.
struct LabPorts {
    pebble: ReservedPort,
    management: ReservedPort,
    dns: ReservedPort,
    dns_management: ReservedPort,
    plain: ReservedPort,
}

/// Pebble with its name server, which says that every name leads to this machine.
struct Pebble {
    ports: LabPorts,
    /// Has its certificate, its settings and its log.
    folder: TempDir,
    name_server: Child,
    server: Option<Child>,
}

/// Whether the two programs are installed. Says so if not.
fn is_installed() -> bool {
    let finds = |name: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
    };
    let is_there = finds("pebble") && finds("pebble-challtestsrv");
    if !is_there {
        println!("skipped: Pebble is not installed (Debian: apt-get install pebble)");
    }
    is_there
}

impl Pebble {
    /// Starts the name server. [`Pebble::serve`] starts Pebble itself.
    fn new() -> Self {
        let ports = LabPorts {
            pebble: ReservedPort::any(),
            management: ReservedPort::any(),
            dns: ReservedPort::any(),
            dns_management: ReservedPort::any(),
            plain: ReservedPort::any(),
        };
        let folder = tempfile::tempdir().expect("a folder");
        TestCertificate::until(2100).write(folder.path());
        let name_server = Command::new("pebble-challtestsrv")
            .args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""])
            .args(["-http01", "", "-https01", "", "-tlsalpn01", ""])
            .args(["-dns01", &ports.dns.address.to_string()])
            .args(["-management", &ports.dns_management.address.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        Self {
            ports,
            folder,
            name_server,
            server: None,
        }
    }

    /// Starts Pebble, which checks names at this port of TLS.
    async fn serve(&mut self, tls_port: u16) {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        let config = serde_json::json!({"pebble": {
            "listenAddress": self.ports.pebble.address.to_string(),
            "managementListenAddress": self.ports.management.address.to_string(),
            "certificate": file("fullchain.pem"),
            "privateKey": file("privkey.pem"),
            "httpPort": self.ports.plain.address.port(),
            "tlsPort": tls_port,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
        }});
        std::fs::write(file("pebble.json"), config.to_string()).expect("written");
        let log = std::fs::File::create(file("pebble.log")).expect("a file");
        let server = Command::new("pebble")
            .args(["-config", &file("pebble.json")])
            .args(["-dnsserver", &self.ports.dns.address.to_string()])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .expect("it starts");
        self.server = Some(server);
        let deadline = Instant::now() + WAIT_MAX;
        while TcpStream::connect(self.ports.pebble.address).await.is_err() {
            assert!(Instant::now() < deadline, "{}", self.log());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends Pebble. It forgets all accounts and certificates.
    fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("pebble.log")).unwrap_or_default()
    }

    /// A server that gets its certificate from here.
    async fn app(&self) -> TestApp {
        let ca = self.folder.path().join("fullchain.pem");
        let directory = format!("https://localhost:{}/dir", self.ports.pebble.address.port());
        TestApp::with(On::Sqlite, |config| {
            config.tls = TlsSource::Acme(AcmeConfig {
                domains: vec![],
                directory,
                ca: Some(ca),
                contact: None,
            });
            use_domain(config, DOMAIN);
            config.listen.redirect = vec![self.ports.plain.address];
        })
        .await
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.kill();
        let _ = self.name_server.kill();
        let _ = self.name_server.wait();
    }
}

fn use_domain(config: &mut Config, domain: &str) {
    config.public_url = PublicUrl::parse(&format!("https://{domain}")).expect("an address");
    if let TlsSource::Acme(acme) = &mut config.tls {
        acme.domains = vec![domain.to_owned()];
    }
}

/// The file with the certificate.
fn stored(app: &TestApp) -> Option<String> {
    std::fs::read_to_string(app.data_dir().join("tls/certificate.pem")).ok()
}

async fn until(pebble: &Pebble, app: &TestApp, what: &str, is_true: impl Fn(&TestApp) -> bool) {
    let deadline = Instant::now() + WAIT_MAX;
    while !is_true(app) {
        let status = app.state.certificates.as_ref().expect("TLS is on");
        assert!(
            Instant::now() < deadline,
            "{what}: {:?}\n{}",
            status.last_error(),
            pebble.log()
        );
        sleep(Duration::from_millis(20)).await;
    }
}

fn has_failed(app: &TestApp) -> bool {
    app.state
        .certificates
        .as_ref()
        .expect("TLS is on")
        .last_error()
        .is_some()
}

fn try_again(app: &TestApp) {
    app.state.tls.as_ref().expect("TLS is on").reload(app.state.now_s());
}

/// The last certificate of the chain, which has signed the first one.
fn issuer(stored: &str) -> String {
    let begin = stored.rfind("-----BEGIN CERTIFICATE-----").expect("a chain");
    let end = stored[begin..].find("-----END CERTIFICATE-----").expect("its end");
    stored[begin..begin + end].to_owned() + "-----END CERTIFICATE-----\n"
}

/// Whether a page can be read over TLS by somebody who trusts the authority.
async fn is_served(app: &TestApp, domain: &str) -> bool {
    let root = issuer(&stored(app).expect("a certificate"));
    let Ok(stream) = connect_as(app.address, domain, Some(&root), &["http/1.1"]).await else {
        return false;
    };
    let words = format!("GET /healthz HTTP/1.1\r\nHost: {domain}\r\nConnection: close\r\n\r\n");
    exchange(stream, &words).await.starts_with("HTTP/1.1 200 ")
}

#[tokio::test]
async fn pebble_gives_the_first_certificate_a_renewal_and_one_for_another_domain() {
    if !is_installed() {
        return;
    }
    let mut pebble = Pebble::new();
    let mut app = pebble.app().await;
    pebble.serve(app.address.port()).await;
    try_again(&app);
    until(&pebble, &app, "the first one", |app| {
        stored(app).is_some() && !has_failed(app)
    })
    .await;
    assert!(is_served(&app, DOMAIN).await);
    // Pebble's certificates are valid for five years.
    let first = stored(&app);
    app.pass_s(4 * 365 * DAY_S);
    try_again(&app);
    until(&pebble, &app, "a renewal", |app| stored(app) != first).await;
    assert!(is_served(&app, DOMAIN).await);
    let second = stored(&app);
    app.restart_with(|config| use_domain(config, "new.example.org")).await;
    until(&pebble, &app, "another domain", |app| stored(app) != second).await;
    assert!(is_served(&app, "new.example.org").await && !is_served(&app, DOMAIN).await);
}

#[tokio::test]
async fn a_pebble_that_fails_is_tried_again_and_a_new_pebble_gets_a_new_account() {
    if !is_installed() {
        return;
    }
    let mut pebble = Pebble::new();
    let mut app = pebble.app().await;
    until(&pebble, &app, "Pebble does not run", has_failed).await;
    assert!(stored(&app).is_none());
    pebble.serve(app.address.port()).await;
    try_again(&app);
    until(&pebble, &app, "the first one", |app| stored(app).is_some()).await;
    // Pebble forgets everything, also our account, and the certificate is due.
    pebble.kill();
    app.pass_s(4 * 365 * DAY_S);
    let first = stored(&app);
    try_again(&app);
    until(&pebble, &app, "Pebble is gone", has_failed).await;
    assert_eq!(stored(&app), first);
    pebble.serve(app.address.port()).await;
    try_again(&app);
    until(&pebble, &app, "a new account", |app| {
        stored(app) != first && !has_failed(app)
    })
    .await;
    assert!(is_served(&app, DOMAIN).await);
}

#[tokio::test]
async fn pebble_checks_names_over_port_80_if_port_443_is_closed() {
    if !is_installed() {
        return;
    }
    let mut pebble = Pebble::new();
    let closed = ReservedPort::any();
    // Pebble runs first, so that the first failure is that of its check, and not that of a connection to Pebble.
    pebble.serve(closed.address.port()).await;
    let app = pebble.app().await;
    until(&pebble, &app, "port 443 is closed", has_failed).await;
    let status = app.state.certificates.as_ref().expect("TLS is on");
    let error = status.last_error().expect("the reason");
    assert!(error.contains(DOMAIN), "the check of the name fails: {error}");
    assert!(stored(&app).is_none());
    let deadline = Instant::now() + WAIT_MAX;
    while stored(&app).is_none() {
        try_again(&app);
        assert!(Instant::now() < deadline, "{}", pebble.log());
        sleep(Duration::from_millis(200)).await;
    }
    assert!(is_served(&app, DOMAIN).await);
}
