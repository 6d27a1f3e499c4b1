//! The certificate authority: how we reach it, and our account there.

use super::{
    certificate_folder::{CertificateFolder, StoredAccount},
    clock_skew::{ClockSkew, date_of},
};
use crate::server::{
    config::AcmeConfig,
    tls::{certificate::read_chain, crypto_provider::provider},
};
use anyhow::Context;
use aws_lc_rs::digest;
use bytes::Bytes;
use http_body_util::Empty;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use instant_acme::{Account, BodyWrapper, BytesResponse, Error, HttpClient, NewAccount};
use rustls::{ClientConfig, pki_types::CertificateDer};
use rustls_platform_verifier::Verifier;
use std::{fs, pin::Pin, sync::Arc};

/// The configured authority.
pub struct Authority {
    pub config: AcmeConfig,
    pub skew: ClockSkew,
}

impl Authority {
    pub fn new(config: AcmeConfig) -> Self {
        Self {
            config,
            skew: ClockSkew::default(),
        }
    }

    /// Logs in to our account, or makes one. Makes at least one request, so the clock of the authority is known afterwards.
    ///
    /// # Errors
    /// If the authority does not answer or refuses, or if the account can't be stored.
    pub async fn log_in(&self, folder: &CertificateFolder) -> anyhow::Result<Account> {
        let directory = &self.config.directory;
        let builder = Account::builder_with_http(Box::new(self.http_client()?));
        let contact = self
            .config
            .contact
            .as_ref()
            .map(|address| format!("mailto:{}", address.as_str()));
        if let Some(stored) = folder.read_account(directory) {
            let knows_contact = stored.contact == contact;
            let account = builder.from_credentials(stored.credentials).await?;
            if !knows_contact {
                self.change_contact(&account, contact, folder).await;
            }
            return Ok(account);
        }
        let contacts: Vec<&str> = contact.as_deref().into_iter().collect();
        let wanted = NewAccount {
            contact: &contacts,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let (account, credentials) = builder.create(&wanted, directory.clone(), None).await?;
        folder.write_account(&StoredAccount {
            directory: directory.clone(),
            credentials,
            contact,
        })?;
        Ok(account)
    }

    /// Tells the authority our new e-mail address. A failure does not stop the order, and the next login tries again.
    async fn change_contact(&self, account: &Account, contact: Option<String>, folder: &CertificateFolder) {
        let contacts: Vec<&str> = contact.as_deref().into_iter().collect();
        let told = account.update_contacts(&contacts).await.map_err(anyhow::Error::from);
        let stored = told.and_then(|()| match folder.read_account(&self.config.directory) {
            Some(stored) => folder.write_account(&StoredAccount { contact, ..stored }),
            None => Ok(()),
        });
        if let Err(error) = stored {
            tracing::warn!("the certificate authority does not know the new acme_contact yet: {error:#}");
        }
    }

    /// What the clock of the authority shows, in unix seconds. Reads the directory, which needs no account.
    ///
    /// # Errors
    /// If the authority does not answer, or does not say the time.
    pub async fn read_clock(&self) -> anyhow::Result<i64> {
        let http: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(self.connector()?);
        let answer = http.get(self.config.directory.parse()?).await?;
        date_of(answer.headers()).context("the certificate authority does not say the time")
    }

    fn http_client(&self) -> anyhow::Result<DatedClient> {
        Ok(DatedClient {
            http: Client::builder(TokioExecutor::new()).build(self.connector()?),
            skew: self.skew.clone(),
        })
    }

    fn connector(&self) -> anyhow::Result<HttpsConnector<HttpConnector>> {
        let verifier = Verifier::new_with_extra_roots(read_further_roots(&self.config)?, provider()).context(
            "this system has no root certificates, so the certificate authority can't be verified: install them (on Debian the package \
             ca-certificates)",
        )?;
        let settings = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(HttpsConnectorBuilder::new()
            .with_tls_config(settings)
            .https_only()
            .enable_http1()
            .enable_http2()
            .build())
    }
}

/// The roots of the configuration. The system's own roots are used too.
///
/// # Errors
/// If the file can't be read. The message names its setting.
pub fn read_further_roots(config: &AcmeConfig) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let Some(path) = &config.ca else {
        return Ok(vec![]);
    };
    let name = || format!("the file {} (snug.public.acme_ca, SNUG_PUBLIC_ACME_CA)", path.display());
    let pem = fs::read(path).with_context(|| format!("can't read {}", name()))?;
    read_chain(&pem).map_err(|error| anyhow::anyhow!("{} {error}", name()))
}

/// A fingerprint of the roots of the configuration. It changes when the roots change.
///
/// # Errors
/// Those of [`read_further_roots`].
pub fn roots_fingerprint(config: &AcmeConfig) -> anyhow::Result<String> {
    let roots = read_further_roots(config)?;
    let bytes: Vec<u8> = roots.iter().flat_map(|root| root.iter().copied()).collect();
    Ok(hex::encode(digest::digest(&digest::SHA256, &bytes)))
}

/// A client for HTTP that notes the date of each answer.
struct DatedClient {
    http: Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>,
    skew: ClockSkew,
}

impl HttpClient for DatedClient {
    fn request(
        &self,
        request: http::Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        // The library checks the status of signed requests itself, but not that of the directory.
        let is_unsigned = request.method() == http::Method::GET;
        let (answer, skew) = (self.http.request(request), self.skew.clone());
        Box::pin(async move {
            let answer = answer.await.map_err(|error| Error::Other(Box::new(error)))?;
            skew.note(answer.headers());
            let status = answer.status();
            if is_unsigned && !status.is_success() {
                let sentence = format!("the certificate authority answers with the status {status}");
                return Err(Error::Other(sentence.into()));
            }
            Ok(BytesResponse::from(answer))
        })
    }
}
