//! A small certificate authority for tests (RFC 8555), which plans renewals (RFC 9773) and has the profile for short-lived certificates.
//! It does not verify signatures of requests, but it checks names for real.

mod name_target;
mod placed_order;
mod tls_listener;

use crate::test_certificate::TestCertificate;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, head, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use name_target::NameTarget;
use placed_order::PlacedOrder;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, IsCa, Issuer, KeyPair, SanType,
    SerialNumber, date_time_ymd,
};
use rustls::pki_types::CertificateSigningRequestDer;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tls_listener::TlsListener;
use tokio::net::TcpListener;

const DAY_S: u64 = 24 * 60 * 60;

/// A running authority. It ends with the runtime of its test.
#[derive(Clone)]
pub struct AcmeDouble(Arc<DoubleState>);

struct DoubleState {
    address: SocketAddr,
    /// The certificate of its own web server.
    own: TestCertificate,
    /// What signs the certificates that it gives.
    issuer: Issuer<'static, KeyPair>,
    issuer_pem: String,
    now: Mutex<Behaviour>,
}

/// How the authority behaves, which a test may change, and what it was asked.
#[derive(Default)]
pub struct Behaviour {
    /// Where names lead.
    pub target: NameTarget,
    /// Answers every request with an error.
    pub is_down: bool,
    /// When to renew, in days after now; `None` says nothing about renewals.
    pub window_days: Option<(u64, u64)>,
    /// Adds a name to each certificate, as some authorities do.
    pub adds_www: bool,
    /// How many of the accounts, from the first one on, have been deactivated and may place no orders.
    pub deactivated: usize,
    pub orders: Vec<PlacedOrder>,
    pub accounts: usize,
    /// Where the authority may write to.
    pub contacts: Vec<String>,
}

impl AcmeDouble {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer_pem = params.self_signed(&key).expect("a certificate").pem();
        let double = Self(Arc::new(DoubleState {
            address: listener.local_addr().expect("the port"),
            own: TestCertificate::until(2100),
            issuer: Issuer::new(params, key),
            issuer_pem,
            now: Mutex::default(),
        }));
        let app = Router::new()
            .route("/directory", get(directory))
            .route("/nonce", head(|| async {}))
            .route("/account", post(new_account))
            .route("/account/1", post(change_account))
            .route("/order", post(new_order))
            .route("/order/{order}", post(order))
            .route("/check/{order}/{index}", post(authorization))
            .route("/check/{order}/{index}/{kind}", post(challenge))
            .route("/finalize/{order}", post(finalize))
            .route("/certificate/{order}", post(certificate))
            .route("/renewal/{id}", get(renewal))
            .layer(axum::middleware::from_fn_with_state(double.clone(), around))
            .with_state(double.clone());
        let listener = TlsListener::new(listener, &double.0.own);
        tokio::spawn(async move { axum::serve(listener, app).await });
        double
    }

    /// The address of its directory.
    pub fn directory(&self) -> String {
        self.url("directory")
    }

    /// The certificate that its web server has, in PEM.
    pub fn root_of_its_web_server(&self) -> &str {
        &self.0.own.pem
    }

    /// The certificate that signs those that it gives, in PEM.
    pub fn root(&self) -> &str {
        &self.0.issuer_pem
    }

    pub fn now(&self) -> MutexGuard<'_, Behaviour> {
        self.0.now.lock().expect("not poisoned")
    }

    fn is_newest_account_deactivated(&self) -> bool {
        let now = self.now();
        now.accounts <= now.deactivated
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}/{path}", self.0.address.port())
    }

    fn order_as_json(&self, number: usize) -> Value {
        self.now().orders[number].as_json(number, |path| self.url(path))
    }
}

/// Adds a nonce to each answer, or answers with an error while the authority is down.
async fn around(
    State(double): State<AcmeDouble>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response {
    let is_down = double.now().is_down;
    let mut response = match is_down {
        true => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "serverInternal",
            "The authority is being repaired",
        ),
        false => next.run(request).await,
    };
    let nonce = HeaderValue::from_static("a-nonce");
    response.headers_mut().insert("replay-nonce", nonce);
    response
}

fn problem(status: StatusCode, kind: &str, detail: &str) -> Response {
    let json =
        json!({"type": format!("urn:ietf:params:acme:error:{kind}"), "detail": detail, "status": status.as_u16()});
    (status, Json(json)).into_response()
}

/// The payload of a signed request (RFC 7515 section 7.2.2).
fn payload(body: &Bytes) -> Value {
    let signed: Value = serde_json::from_slice(body).expect("JSON");
    let payload = signed["payload"].as_str().expect("a payload");
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).unwrap_or(Value::Null)
}

async fn directory(State(double): State<AcmeDouble>) -> Json<Value> {
    let mut json = json!({
        "newNonce": double.url("nonce"),
        "newAccount": double.url("account"),
        "newOrder": double.url("order"),
        "meta": {"profiles": {"classic": "90 days", "shortlived": "6 days"}},
    });
    if double.now().window_days.is_some() {
        json["renewalInfo"] = double.url("renewal").into();
    }
    Json(json)
}

async fn new_account(State(double): State<AcmeDouble>, body: Bytes) -> Response {
    double.now().accounts += 1;
    double.now().contacts = contacts(&body);
    let location = [(header::LOCATION, double.url("account/1"))];
    (StatusCode::CREATED, location, Json(json!({"status": "valid"}))).into_response()
}

async fn change_account(State(double): State<AcmeDouble>, body: Bytes) -> Json<Value> {
    double.now().contacts = contacts(&body);
    Json(json!({"status": "valid"}))
}

/// The addresses in a request about an account.
fn contacts(body: &Bytes) -> Vec<String> {
    serde_json::from_value(payload(body)["contact"].clone()).unwrap_or_default()
}

async fn new_order(State(double): State<AcmeDouble>, body: Bytes) -> Response {
    // Only the newest account is in use.
    if double.is_newest_account_deactivated() {
        return problem(StatusCode::FORBIDDEN, "unauthorized", "The account is deactivated");
    }
    let number = {
        let mut now = double.now();
        now.orders.push(PlacedOrder::read(&payload(&body)));
        now.orders.len() - 1
    };
    let location = [(header::LOCATION, double.url(&format!("order/{number}")))];
    (StatusCode::CREATED, location, Json(double.order_as_json(number))).into_response()
}

async fn order(State(double): State<AcmeDouble>, Path(number): Path<usize>) -> Json<Value> {
    Json(double.order_as_json(number))
}

fn token(number: usize, index: usize) -> String {
    format!("token-{number}-{index}")
}

async fn authorization(State(double): State<AcmeDouble>, Path((number, index)): Path<(usize, usize)>) -> Json<Value> {
    let now = double.now();
    let (order, url) = (&now.orders[number], double.url(&format!("check/{number}/{index}")));
    let (kind, value) = order.identifiers[index].split_once(' ').expect("a type and a value");
    let status = match &order.outcomes[index] {
        None => "pending",
        Some(Ok(())) => "valid",
        Some(Err(_)) => "invalid",
    };
    let challenge = |kind: &str| {
        let mut json =
            json!({"type": kind, "url": format!("{url}/{kind}"), "token": token(number, index), "status": status});
        if let Some(Err(why)) = &order.outcomes[index] {
            json["error"] = json!({"type": "urn:ietf:params:acme:error:connection", "detail": why});
        }
        json
    };
    Json(json!({
        "status": status,
        "identifier": {"type": kind, "value": value},
        "challenges": [challenge("http-01"), challenge("tls-alpn-01")],
    }))
}

async fn challenge(
    State(double): State<AcmeDouble>,
    Path((number, index, kind)): Path<(usize, usize, String)>,
) -> Json<Value> {
    let identifier = double.now().orders[number].identifiers[index].clone();
    let (_, identifier) = identifier.split_once(' ').expect("a type and a value");
    let target = double.now().target;
    let outcome = target.check(identifier, &kind, &token(number, index)).await;
    let mut now = double.now();
    let order = &mut now.orders[number];
    order.outcomes[index] = Some(outcome);
    order.checked_by.push(kind.clone());
    Json(json!({
        "type": kind,
        "url": double.url(&format!("check/{number}/{index}/{kind}")),
        "token": token(number, index),
        "status": "processing",
    }))
}

async fn finalize(State(double): State<AcmeDouble>, Path(number): Path<usize>, body: Bytes) -> Json<Value> {
    let csr = payload(&body)["csr"]
        .as_str()
        .map(|csr| BASE64_URL_SAFE_NO_PAD.decode(csr));
    let csr = CertificateSigningRequestDer::from(csr.expect("a request").expect("base64url"));
    let mut request = CertificateSigningRequestParams::from_der(&csr).expect("a request");
    let days = match double.now().orders[number].profile.as_deref() {
        Some("shortlived") => 6,
        _ => 90,
    };
    let now = SystemTime::now();
    request.params.not_before = now.into();
    request.params.not_after = (now + Duration::from_secs(days * DAY_S)).into();
    request.params.use_authority_key_identifier_extension = true;
    if double.now().adds_www {
        let www = "www.example.org".try_into().expect("a name");
        request.params.subject_alt_names.push(SanType::DnsName(www));
    }
    request.params.serial_number = Some(SerialNumber::from(number as u64 + 1));
    let certificate = request.signed_by(&double.0.issuer).expect("signed");
    let chain = format!("{}{}", certificate.pem(), double.0.issuer_pem);
    double.now().orders[number].chain = Some(chain);
    Json(double.order_as_json(number))
}

async fn certificate(State(double): State<AcmeDouble>, Path(number): Path<usize>) -> String {
    double.now().orders[number].chain.clone().expect("it is finalized")
}

async fn renewal(State(double): State<AcmeDouble>) -> Response {
    let Some((start, end)) = double.now().window_days else {
        return problem(StatusCode::NOT_FOUND, "malformed", "No such certificate");
    };
    let json = json!({"suggestedWindow": {"start": in_days(start), "end": in_days(end)}});
    let again = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static("21600"))]);
    (again, Json(json)).into_response()
}

/// A time in RFC 3339, at midnight this many days after today.
fn in_days(days: u64) -> String {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let day = date_time_ymd(1970, 1, 1) + since_1970 + Duration::from_secs(days * DAY_S);
    format!("{}T00:00:00Z", day.date())
}
