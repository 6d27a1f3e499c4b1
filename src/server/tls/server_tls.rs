//! TLS of the server: it loads the certificate, replaces it while the server runs, and does handshakes.

use super::{
    acme::RenewalTask,
    certificate_files,
    certificate_resolver::{ACME_TLS, CertificateResolver},
    certificate_status::CertificateStatus,
    challenges::Challenges,
    crypto_provider::provider,
    own_certificate,
    served_certificate::ServedCertificate,
    server_stream::ServerStream,
};
use crate::server::config::{CertificateFiles, Config, TlsSource};
use rustls::{ServerConfig, ServerConnection};
use std::{io, sync::Arc};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

/// The protocols that browsers may choose in the handshake (RFC 7301).
const HTTP_1_1: &[u8] = b"http/1.1";
const HTTP_2: &[u8] = b"h2";
/// How much of an answer rustls encrypts for a client that does not read: one record of the largest size. Its default is 64 KiB, which 512
/// connections would make 34 MB. More would not be faster, because the system has a buffer for each connection too.
const UNSENT_MAX_BYTES: usize = 16 << 10;

/// The TLS of this process. Cheap to clone.
#[derive(Clone)]
pub struct ServerTls(Arc<TlsParts>);

struct TlsParts {
    origin: CertificateOrigin,
    served: Arc<ServedCertificate>,
    challenges: Arc<Challenges>,
    acceptor: TlsAcceptor,
}

/// Where the certificate comes from.
enum CertificateOrigin {
    Files(CertificateFiles),
    Acme(Box<RenewalTask>),
    /// Its fingerprint.
    Own(String),
}

impl ServerTls {
    /// Loads the certificate. `None` if Snug does not end TLS itself. If the certificate comes from a certificate authority, there may be
    /// none yet. [`ServerTls::keep_certificate`] then gets one.
    ///
    /// # Errors
    /// If the certificate files can't be used. The message says what to do.
    pub fn open(config: &Config, now_s: i64) -> anyhow::Result<Option<Self>> {
        let challenges = Arc::new(Challenges::default());
        let served = Arc::new(ServedCertificate {
            resolver: Arc::new(CertificateResolver::new(challenges.clone())),
            status: CertificateStatus::default(),
            host: config.public_url.host().to_owned(),
        });
        let origin = match &config.tls {
            TlsSource::Elsewhere => return Ok(None),
            TlsSource::Files(files) => {
                served.replace(&certificate_files::read(files, now_s)?, now_s);
                CertificateOrigin::Files(files.clone())
            }
            TlsSource::Acme(acme) => {
                let (challenges, served) = (challenges.clone(), served.clone());
                CertificateOrigin::Acme(Box::new(RenewalTask::open(
                    acme.clone(),
                    &config.data_dir,
                    challenges,
                    served,
                    now_s,
                )?))
            }
            TlsSource::Own(hosts) => {
                let certificate = own_certificate::open(&config.data_dir, hosts, now_s)?;
                served.replace(&certificate, now_s);
                CertificateOrigin::Own(certificate.fingerprint())
            }
        };
        let mut settings = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(served.resolver.clone());
        settings.alpn_protocols = [HTTP_2, HTTP_1_1, ACME_TLS].map(<[u8]>::to_vec).into();
        Ok(Some(Self(Arc::new(TlsParts {
            origin,
            served,
            challenges,
            acceptor: Arc::new(settings).into(),
        }))))
    }

    /// Loads the certificate files again, or tries a failed order again. If that fails, the old certificate stays in use, and the log
    /// and the status say why.
    pub fn reload(&self, now_s: i64) {
        let files = match &self.0.origin {
            CertificateOrigin::Acme(renewal) => return renewal.wake(),
            CertificateOrigin::Own(_) => {
                return tracing::info!("Snug has made its certificate itself, so there is none to load again");
            }
            CertificateOrigin::Files(files) => files,
        };
        match certificate_files::read(files, now_s) {
            Ok(certificate) => self.0.served.replace(&certificate, now_s),
            Err(error) => {
                tracing::error!("the certificate was not replaced, and the old one stays in use: {error:#}");
                self.0.served.status.failed(format!("{error:#}"));
            }
        }
    }

    /// Gets and renews the certificate, if it comes from a certificate authority. If it comes from files, warns before it expires.
    /// `now_s` reads the clock, in unix seconds. Never returns.
    pub async fn keep_certificate(&self, now_s: impl Fn() -> i64) {
        match &self.0.origin {
            CertificateOrigin::Acme(renewal) => renewal.run(now_s).await,
            CertificateOrigin::Files(_) => certificate_files::warn_before_end(&self.0.served.status, now_s).await,
            CertificateOrigin::Own(_) => std::future::pending().await,
        }
    }

    /// The text that answers a request of a certificate authority on port 80 (RFC 8555 section 8.3).
    pub fn answer_to_challenge(&self, token: &str) -> Option<String> {
        self.0.challenges.answer_to(token)
    }

    /// The fingerprint of a certificate that Snug has made itself. `None` if the certificate in use is another one.
    pub fn own_fingerprint(&self) -> Option<&str> {
        match &self.0.origin {
            CertificateOrigin::Own(fingerprint) => Some(fingerprint),
            _ => None,
        }
    }

    /// What is known about the certificate.
    pub fn status(&self) -> CertificateStatus {
        self.0.served.status.clone()
    }

    /// Does the handshake of a new connection. `None` if it came from a certificate authority. Then the handshake itself was the answer,
    /// and nothing follows. Set a time limit, because a client may never send anything.
    ///
    /// # Errors
    /// If the client ends the connection early or does not speak TLS, or while there is no certificate.
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> io::Result<Option<ServerStream<S>>> {
        let limited = |connection: &mut ServerConnection| connection.set_buffer_limit(Some(UNSENT_MAX_BYTES));
        let mut stream = self.0.acceptor.accept_with(stream, limited).await?;
        if stream.get_ref().1.alpn_protocol() == Some(ACME_TLS) {
            stream.shutdown().await?;
            return Ok(None);
        }
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
        let stream = Box::new(stream);
        Ok(Some(ServerStream::Tls { stream, is_http2 }))
    }
}
