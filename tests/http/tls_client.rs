//! A client that speaks TLS and trusts the certificate of its test. It keeps cookies, like a browser with one tab.

use crate::{letters, test_app::TestApp, test_certificate::TestCertificate};
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

const WAIT_MAX: Duration = Duration::from_secs(5);

/// The settings of a client that trusts the certificate `root`, in PEM, and offers these protocols. Without a root it trusts everybody.
pub fn settings(root: Option<&str>, protocols: &[&str]) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions");
    let builder = match root {
        Some(root) => {
            let mut roots = RootCertStore::empty();
            let root = CertificateDer::from_pem_slice(root.as_bytes()).expect("PEM");
            roots.add(root).expect("a good certificate");
            builder.with_root_certificates(roots)
        }
        None => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(TrustsEverybody)),
    };
    let mut settings = builder.with_no_client_auth();
    settings.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    settings
}

/// Opens a TLS connection to `localhost`.
///
/// # Errors
/// If the server has another certificate, or no TLS.
pub async fn connect(
    address: SocketAddr,
    certificate: &TestCertificate,
    protocols: &[&str],
) -> io::Result<TlsStream<TcpStream>> {
    connect_as(address, "localhost", Some(&certificate.pem), protocols).await
}

/// Opens a TLS connection to the server that has this name, with the root of [`settings`].
///
/// # Errors
/// If the server has no such certificate, or no TLS.
pub async fn connect_as(
    address: SocketAddr,
    name: &str,
    root: Option<&str>,
    protocols: &[&str],
) -> io::Result<TlsStream<TcpStream>> {
    let connector = TlsConnector::from(Arc::new(settings(root, protocols)));
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    timeout(WAIT_MAX, connector.connect(name, stream)).await?
}

/// Accepts every certificate, as the client of a certificate authority does when it checks a name.
#[derive(Debug)]
struct TrustsEverybody;

impl ServerCertVerifier for TrustsEverybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Sends `words` without TLS, and reads until the server closes the connection.
pub async fn exchange_in_the_clear(address: SocketAddr, words: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(words.as_bytes()).await.expect("sent");
    let mut answer = vec![];
    let read = timeout(WAIT_MAX, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the server closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends `words` and reads until the server closes the connection.
pub async fn exchange(mut stream: TlsStream<TcpStream>, words: &str) -> String {
    stream.write_all(words.as_bytes()).await.expect("sent");
    let mut answer = vec![];
    let read = timeout(WAIT_MAX, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("the server closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

/// A browser with cookies, over TLS and HTTP/1.1.
pub struct TlsBrowser<'a> {
    app: &'a TestApp,
    certificate: &'a TestCertificate,
    cookies: BTreeMap<String, String>,
}

impl<'a> TlsBrowser<'a> {
    pub fn new(app: &'a TestApp, certificate: &'a TestCertificate) -> Self {
        Self {
            app,
            certificate,
            cookies: BTreeMap::new(),
        }
    }

    pub async fn connect(&self) -> TlsStream<TcpStream> {
        connect(self.app.address, self.certificate, &["http/1.1"])
            .await
            .expect("a TLS connection")
    }

    /// The value of the header `Cookie`.
    pub fn cookies(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// The host and the port of the server.
    pub fn host(&self) -> String {
        self.app.origin().trim_start_matches("https://").to_owned()
    }

    /// The header lines `Host`, `Origin` and `Cookie`.
    pub fn headers(&self) -> String {
        let (host, origin, cookies) = (self.host(), self.app.origin(), self.cookies());
        format!("Host: {host}\r\nOrigin: {origin}\r\nCookie: {cookies}\r\n")
    }

    /// Submits a form, and keeps the cookies of the answer. Returns the body, which is JSON. Panics unless the status is 200.
    pub async fn post(&mut self, path: &str, form: &str) -> String {
        let words = format!(
            "POST {path} HTTP/1.1\r\n{}Accept: application/json\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.headers(),
            form.len()
        );
        let answer = exchange(self.connect().await, &words).await;
        for line in answer.lines().take_while(|line| !line.is_empty()) {
            let cookie = line.to_ascii_lowercase().starts_with("set-cookie: ");
            let pair = line
                .split_once(": ")
                .and_then(|(_, rest)| rest.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair.filter(|_| cookie) {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        match (body.find('{'), body.rfind('}')) {
            (Some(begin), Some(end)) => body[begin..=end].to_owned(),
            _ => String::new(),
        }
    }

    /// Signs in with a code by mail, and chooses a name.
    pub async fn come_in(&mut self, name: &str) {
        let email = format!("{}@example.org", name.to_lowercase());
        let form = format!("email={}", email.replace('@', "%40"));
        self.post("/api/auth/request_code", &form).await;
        let letter = letters::find_newest(&self.app.outbox(), &email).expect("a letter");
        let code = letters::code_in(&letter).expect("a code");
        self.post("/api/auth/verify_code", &format!("code={code}")).await;
        self.post("/api/profile/activate", &format!("name={name}&picture="))
            .await;
    }
}
