//! Certificates from a certificate authority, against a small authority of our own: the first one, renewals, failures, other names.

use crate::{
    acme_double::AcmeDouble,
    database::On,
    reserved_port::ReservedPort,
    test_app::TestApp,
    tls_client::{connect_as, exchange},
};
use snug::{
    model::user::EmailAddress,
    server::config::{AcmeConfig, Config, PublicUrl, TlsSource},
};
use std::{os::unix::fs::PermissionsExt, time::Duration};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

const DOMAIN: &str = "talk.example.org";
const DAY_S: i64 = 24 * 60 * 60;
const WAIT_MAX: Duration = Duration::from_secs(20);

/// A server that gets its certificate from the authority.
struct AcmeScene {
    app: TestApp,
    double: AcmeDouble,
    plain: ReservedPort,
    /// Has the root of the authority's web server.
    _folder: TempDir,
}

impl AcmeScene {
    /// Starts both. `prepare` changes how the authority behaves before the server starts.
    async fn start(domain: &str, prepare: impl FnOnce(&AcmeDouble)) -> Self {
        let (double, plain) = (AcmeDouble::start().await, ReservedPort::any());
        let folder = tempfile::tempdir().expect("a folder");
        let ca = folder.path().join("roots.pem");
        std::fs::write(&ca, double.root_of_its_web_server()).expect("written");
        let app = TestApp::with(On::Sqlite, |config| {
            config.tls = TlsSource::Acme(AcmeConfig {
                domains: vec![domain.to_owned()],
                directory: double.directory(),
                ca: Some(ca),
                contact: None,
            });
            // The public URL has the port of the server until here.
            let origin = config.public_url.origin();
            let port = origin
                .rsplit(':')
                .next()
                .and_then(|port| port.parse().ok())
                .expect("a port");
            double.now().target.tls = Some(([127, 0, 0, 1], port).into());
            double.now().target.http = Some(plain.address);
            prepare(&double);
            use_domain(config, domain);
            config.listen.redirect = vec![plain.address];
        })
        .await;
        Self {
            app,
            double,
            plain,
            _folder: folder,
        }
    }

    /// Waits until this is true.
    async fn until(&self, what: &str, is_true: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + WAIT_MAX;
        while !is_true(self) {
            assert!(Instant::now() < deadline, "{what}: {:?}", self.last_error());
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn until_ordered(&self, orders: usize) {
        self.until("a certificate was ordered", |scene| {
            scene.not_after().is_some() && scene.last_error().is_none() && scene.double.now().orders.len() == orders
        })
        .await;
    }

    /// Tries again at once, as SIGHUP does.
    fn try_again(&self) {
        let tls = self.app.state.tls.as_ref().expect("TLS is on");
        tls.reload(self.app.state.now_s());
    }

    fn not_after(&self) -> Option<i64> {
        self.app.state.certificates.as_ref().expect("TLS is on").not_after()
    }

    fn last_error(&self) -> Option<String> {
        self.app.state.certificates.as_ref().expect("TLS is on").last_error()
    }

    /// Whether clients that know the authority trust the server under this name.
    async fn is_trusted_as(&self, name: &str) -> bool {
        connect_as(self.app.address, name, Some(self.double.root()), &["http/1.1"])
            .await
            .is_ok()
    }

    /// The certificate that is served.
    async fn served(&self) -> Vec<u8> {
        let stream = connect_as(self.app.address, DOMAIN, Some(self.double.root()), &["http/1.1"]).await;
        let stream = stream.expect("a trusted certificate");
        let chain = stream.get_ref().1.peer_certificates().expect("a chain");
        chain[0].to_vec()
    }
}

fn use_domain(config: &mut Config, domain: &str) {
    config.public_url = PublicUrl::parse(&format!("https://{domain}")).expect("an address");
    if let TlsSource::Acme(acme) = &mut config.tls {
        acme.domains = vec![domain.to_owned()];
    }
}

#[tokio::test]
async fn the_first_certificate_is_ordered_at_the_start_and_kept_in_the_data_folder() {
    let mut scene = AcmeScene::start(DOMAIN, |_| {}).await;
    scene.until_ordered(1).await;
    let stream = connect_as(scene.app.address, DOMAIN, Some(scene.double.root()), &["http/1.1"]).await;
    let words = format!("GET /healthz HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n\r\n");
    let answer = exchange(stream.expect("a trusted certificate"), &words).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let first = scene.double.now().orders[0].clone();
    assert_eq!(
        (first.identifiers, first.profile),
        (vec![format!("dns {DOMAIN}")], None)
    );
    assert_eq!(first.checked_by, ["tls-alpn-01"]);
    for file in ["certificate.pem", "account.json"] {
        let path = scene.app.data_dir().join("tls").join(file);
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    // After a restart, the certificate and the account are there, also if the authority is not.
    scene.double.now().is_down = true;
    scene.app.restart().await;
    assert!(scene.is_trusted_as(DOMAIN).await);
    let now = scene.double.now();
    assert_eq!((now.orders.len(), now.accounts), (1, 1));
}

#[tokio::test]
async fn names_are_checked_over_port_80_if_port_443_is_closed() {
    let scene = AcmeScene::start(DOMAIN, |double| double.now().target.tls = None).await;
    scene
        .until("the first try fails", |scene| scene.last_error().is_some())
        .await;
    let error = scene.last_error().expect("the reason");
    assert!(
        error.contains(DOMAIN) && error.contains("Connection refused"),
        "{error}"
    );
    scene.try_again();
    scene.until("a certificate", |scene| scene.not_after().is_some()).await;
    assert_eq!(
        scene.double.now().orders.last().expect("an order").checked_by,
        ["http-01"]
    );
    assert!(scene.is_trusted_as(DOMAIN).await);
}

#[tokio::test]
async fn an_authority_that_is_down_is_named_and_tried_again() {
    let scene = AcmeScene::start(DOMAIN, |double| double.now().is_down = true).await;
    scene
        .until("the order fails", |scene| scene.last_error().is_some())
        .await;
    assert!(scene.not_after().is_none());
    assert!(!scene.is_trusted_as(DOMAIN).await, "there is no certificate yet");
    scene.double.now().is_down = false;
    scene.try_again();
    scene.until_ordered(1).await;
    assert!(scene.is_trusted_as(DOMAIN).await);
}

#[tokio::test]
async fn after_two_thirds_of_its_life_a_certificate_is_renewed_and_a_failure_keeps_the_old_one() {
    let mut scene = AcmeScene::start(DOMAIN, |_| {}).await;
    scene.until_ordered(1).await;
    scene.app.pass_s(50 * DAY_S);
    scene.try_again();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(scene.double.now().orders.len(), 1, "it is not due");
    scene.app.pass_s(11 * DAY_S);
    scene.double.now().is_down = true;
    scene.try_again();
    scene
        .until("the renewal fails", |scene| scene.last_error().is_some())
        .await;
    assert!(scene.is_trusted_as(DOMAIN).await, "the old one stays in use");
    scene.double.now().is_down = false;
    scene.try_again();
    scene.until_ordered(2).await;
    assert_eq!(
        scene.double.now().orders[1].replaces,
        None,
        "this authority plans no renewals"
    );
    assert_eq!(scene.double.now().accounts, 1);
    assert!(scene.is_trusted_as(DOMAIN).await);
}

#[tokio::test]
async fn the_authority_decides_when_a_certificate_is_renewed() {
    let mut scene = AcmeScene::start(DOMAIN, |double| double.now().window_days = Some((20, 21))).await;
    scene.until_ordered(1).await;
    // The window is asked for a second after the order.
    sleep(Duration::from_millis(1_500)).await;
    // The window begins at midnight of its first day, so less than 20 days from now.
    scene.app.pass_s(18 * DAY_S);
    scene.try_again();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(scene.double.now().orders.len(), 1, "its window has not begun");
    scene.app.pass_s(4 * DAY_S);
    scene.try_again();
    scene.until_ordered(2).await;
    let replaces = scene.double.now().orders[1].replaces.clone();
    assert!(
        replaces.is_some_and(|id| id.contains('.')),
        "the order names the certificate before"
    );
}

#[tokio::test]
async fn another_domain_gets_another_certificate_and_the_old_one_is_served_until_then() {
    let mut scene = AcmeScene::start(DOMAIN, |_| {}).await;
    scene.until_ordered(1).await;
    scene.double.now().is_down = true;
    scene
        .app
        .restart_with(|config| use_domain(config, "new.example.org"))
        .await;
    scene
        .until("the order fails", |scene| scene.last_error().is_some())
        .await;
    assert!(scene.is_trusted_as(DOMAIN).await);
    scene.double.now().is_down = false;
    scene.try_again();
    scene.until_ordered(2).await;
    assert!(scene.is_trusted_as("new.example.org").await && !scene.is_trusted_as(DOMAIN).await);
    assert_eq!(scene.double.now().accounts, 1, "the account is for all names");
}

#[tokio::test]
async fn after_a_failure_a_restart_waits_with_the_next_order_unless_it_is_for_another_domain() {
    let mut scene = AcmeScene::start(DOMAIN, |double| double.now().target.tls = None).await;
    scene
        .until("the first try fails", |scene| scene.last_error().is_some())
        .await;
    assert_eq!(scene.double.now().orders.len(), 1);
    scene.app.restart().await;
    scene
        .until("the status says why there is no certificate", |scene| {
            scene
                .last_error()
                .is_some_and(|error| error.contains("before this start"))
        })
        .await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(scene.double.now().orders.len(), 1);
    scene
        .app
        .restart_with(|config| use_domain(config, "new.example.org"))
        .await;
    scene
        .until("the other domain is ordered at once", |scene| {
            scene.double.now().orders.len() == 2
        })
        .await;
}

#[tokio::test]
async fn a_deactivated_account_is_replaced_by_a_new_one_and_that_one_is_not() {
    let mut scene = AcmeScene::start(DOMAIN, |_| {}).await;
    scene.until_ordered(1).await;
    scene.double.now().deactivated = 1;
    scene.app.pass_s(61 * DAY_S);
    scene.try_again();
    scene.until_ordered(2).await;
    assert_eq!(scene.double.now().accounts, 2);
    // From now on, the authority refuses each account.
    scene.double.now().deactivated = usize::MAX;
    scene.app.pass_s(61 * DAY_S);
    scene.try_again();
    scene
        .until("the order fails", |scene| scene.last_error().is_some())
        .await;
    assert!(scene.last_error().is_some_and(|error| error.contains("deactivated")));
    assert_eq!(scene.double.now().accounts, 3);
    scene.try_again();
    sleep(Duration::from_millis(500)).await;
    let now = scene.double.now();
    assert_eq!((now.accounts, now.orders.len()), (3, 2));
}

#[tokio::test]
async fn an_authority_that_adds_a_name_gets_no_second_order() {
    let mut scene = AcmeScene::start(DOMAIN, |double| double.now().adds_www = true).await;
    scene.until_ordered(1).await;
    assert!(scene.is_trusted_as("www.example.org").await);
    // The plan is looked at again a second after the order, and after a restart.
    sleep(Duration::from_millis(1_500)).await;
    scene.app.restart().await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(scene.double.now().orders.len(), 1);
}

#[tokio::test]
async fn a_certificate_that_can_t_be_stored_is_served_and_ordered_only_once() {
    let mut scene = AcmeScene::start(DOMAIN, |_| {}).await;
    scene.until_ordered(1).await;
    let first = scene.served().await;
    // A folder has the name of the file in which the new certificate is written first.
    let obstacle = scene.app.data_dir().join("tls/certificate.pem.new");
    std::fs::create_dir(obstacle).expect("created");
    scene.app.pass_s(61 * DAY_S);
    scene.try_again();
    scene
        .until("it can't be stored", |scene| scene.last_error().is_some())
        .await;
    let error = scene.last_error().expect("the reason");
    assert!(error.contains("can't write"), "{error}");
    assert_ne!(scene.served().await, first);
    scene.try_again();
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(scene.double.now().orders.len(), 2);
}

#[tokio::test]
async fn another_contact_is_told_to_the_authority() {
    let mut scene = AcmeScene::start(DOMAIN, |_| {}).await;
    scene.until_ordered(1).await;
    assert!(scene.double.now().contacts.is_empty());
    scene
        .app
        .restart_with(|config| {
            if let TlsSource::Acme(acme) = &mut config.tls {
                acme.contact = Some(EmailAddress::parse("ada@example.org").expect("an address"));
            }
        })
        .await;
    scene
        .until("the contact is there", |scene| {
            scene.double.now().contacts == ["mailto:ada@example.org"]
        })
        .await;
    let now = scene.double.now();
    assert_eq!((now.orders.len(), now.accounts), (1, 1));
}

#[tokio::test]
async fn an_ip_address_gets_a_short_lived_certificate() {
    let mut scene = AcmeScene::start("127.0.0.1", |_| {}).await;
    scene.until_ordered(1).await;
    let first = scene.double.now().orders[0].clone();
    assert_eq!(first.identifiers, ["ip 127.0.0.1"]);
    assert_eq!(first.profile.as_deref(), Some("shortlived"));
    assert!(scene.is_trusted_as("127.0.0.1").await);
    let days = (scene.not_after().expect("a certificate") - scene.app.state.now_s()) / DAY_S;
    assert!((5..=6).contains(&days), "{days} days");
    // It is renewed on the fourth day.
    scene.app.pass_s(5 * DAY_S);
    scene.try_again();
    scene.until_ordered(2).await;
}

#[tokio::test]
async fn plain_http_answers_only_checks_that_are_under_way() {
    let scene = AcmeScene::start(DOMAIN, |double| double.now().is_down = true).await;
    let words = "GET /.well-known/acme-challenge/token-0-0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = crate::tls_client::exchange_in_the_clear(scene.plain.address, words).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}
