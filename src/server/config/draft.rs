//! A configuration that is being read. It starts with the defaults, and each key that is set overwrites one default.
//! Defaults that depend on other keys are filled in last, by [`Draft::finish`].

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

use super::days::DAY;
use super::lan::{LanSetup, host};
use super::listen::ListenConfig;
use super::log_settings::{LogConfig, LogFormat, LogLevel};
use super::metrics_token::MetricsToken;
use super::public_url::PublicUrl;
use super::secret_url::{DatabaseUrl, SmtpUrl};
use super::settings::{
    Advertise, AuthConfig, BackupPlan, Config, LimitsConfig, MailBackend, MailConfig, PicturesConfig, SignUpConfig,
    SignUpMode, TimeLimits, VoiceConfig,
};
use super::tls_source::{AcmeConfig, CertificateFiles, TlsSource};
use crate::model::{snug_info::SnugName, user::EmailAddress};

/// The directory of Let's Encrypt.
pub(super) const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// The values of all keys. `Draft::default()` contains the fixed defaults. A default that depends on other keys is `None` there.
pub(super) struct Draft {
    pub data_dir: PathBuf,
    pub backups: Option<BackupPlan>,
    /// The address that the server listens on (`site-addr`). `None` if it is not set: Leptos then uses 127.0.0.1:3000.
    pub site: Option<SocketAddr>,
    pub name: SnugName,
    pub public_url: Option<PublicUrl>,
    pub hosts: Vec<String>,
    pub proxies: Vec<IpNet>,
    /// What a certificate is wanted for.
    pub domains: Vec<String>,
    pub acme_url: String,
    pub acme_ca: Option<PathBuf>,
    pub acme_contact: Option<EmailAddress>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    /// The network that Snug serves, if it is started for the local network.
    pub lan: Option<LanSetup>,
    /// The address for plain HTTP if Snug ends TLS itself.
    pub http_addr: Option<SocketAddr>,
    pub database_url: Option<DatabaseUrl>,
    pub mail_backend: Option<BackendName>,
    pub smtp_url: Option<SmtpUrl>,
    pub mail_from: Option<String>,
    pub auth: AuthConfig,
    pub sign_up: SignUpConfig,
    pub limits: LimitsConfig,
    pub voice: VoiceConfig,
    pub pictures: PicturesConfig,
    pub log: LogConfig,
    pub metrics_token: Option<MetricsToken>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum BackendName {
    Outbox,
    Smtp,
    None,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            data_dir: "data".into(),
            backups: Some(BackupPlan::default()),
            site: None,
            name: SnugName::default(),
            public_url: None,
            hosts: Vec::new(),
            proxies: Vec::new(),
            domains: Vec::new(),
            acme_url: LETS_ENCRYPT.to_owned(),
            acme_ca: None,
            acme_contact: None,
            tls_cert: None,
            tls_key: None,
            lan: None,
            http_addr: None,
            database_url: None,
            mail_backend: None,
            smtp_url: None,
            mail_from: None,
            auth: AuthConfig {
                access_ttl: Duration::from_secs(600),
                confirm_after: Duration::from_secs(120),
                idle: 90 * DAY,
                absolute: 400 * DAY,
                code_ttl: Duration::from_secs(600),
            },
            sign_up: SignUpConfig {
                mode: SignUpMode::Open,
                allow: Vec::new(),
                guests: true,
            },
            limits: LimitsConfig {
                enforced: true,
                codes_per_minute: 5,
                codes_per_hour: 30,
                codes_per_day: 100,
                codes_per_minute_same_network: 1,
                codes_per_hour_same_network: 5,
                codes_per_day_same_network: 20,
                codes_per_hour_ip: 30,
                forged_tokens_per_hour_ip: 100,
                uploads_per_hour: 30,
                profile_changes_per_minute: 10,
                profile_changes_per_hour: 60,
                rooms_opened_per_hour: 20,
                invites_per_hour: 60,
                guests_per_hour_ip: 30,
                follows_per_hour: 200,
                connections_per_address: 512,
                sockets_per_person: 16,
                uploads_at_once_per_address: 4,
                signals_per_second_per_address: None,
            },
            voice: VoiceConfig {
                udp_port: 3478,
                tcp_port: None,
                advertise: Advertise::default(),
                turn_urls: Vec::new(),
                turn_secret: None,
                people_per_room: 500,
                peers_per_user: 4,
                peers_per_address: 512,
            },
            pictures: PicturesConfig {
                max_upload_bytes: 8 * 1024 * 1024,
                s3_url: None,
            },
            log: LogConfig {
                format: LogFormat::Text,
                level: LogLevel::Info,
            },
            metrics_token: None,
        }
    }
}

impl Draft {
    /// The public URL that was set, or else the first domain, or else localhost with the port that the server listens on.
    pub fn public_url(&self) -> PublicUrl {
        let port = self.site.map(|address| address.port()).filter(|port| *port != 0);
        let of_domain = || self.domains.first().map(|domain| PublicUrl::https(domain, None));
        let of_lan = || {
            let lan = self.lan.as_ref()?;
            Some(PublicUrl::https(&host(lan.address), Some(port.unwrap_or(3000))))
        };
        self.public_url
            .clone()
            .or_else(of_domain)
            .or_else(of_lan)
            .unwrap_or_else(|| PublicUrl::localhost(self.tls().is_here(), port.unwrap_or(3000)))
    }

    /// Where the certificate comes from.
    pub fn tls(&self) -> TlsSource {
        match (self.tls_cert.clone(), self.tls_key.clone()) {
            (Some(cert), Some(key)) => TlsSource::Files(CertificateFiles { cert, key }),
            _ if self.domains.is_empty() => match &self.lan {
                Some(lan) => TlsSource::Own(lan.hosts()),
                None => TlsSource::Elsewhere,
            },
            _ => TlsSource::Acme(AcmeConfig {
                domains: self.domains.clone(),
                directory: self.acme_url.clone(),
                ca: self.acme_ca.clone(),
                contact: self.acme_contact.clone(),
            }),
        }
    }

    /// Where to listen.
    pub fn listen(&self) -> ListenConfig {
        match (self.domains.is_empty(), &self.lan) {
            (false, _) => ListenConfig::for_domains(self.site, self.http_addr),
            (true, Some(_)) => ListenConfig::for_lan(self.site, self.http_addr),
            (true, None) => ListenConfig::new(self.site, self.http_addr, self.tls().is_here()),
        }
    }

    /// The backend that was set, or else the one that fits the other keys. A public host can't use the outbox, because nobody but its
    /// operator could read a code there.
    pub fn backend_name(&self) -> BackendName {
        self.mail_backend.unwrap_or_else(|| match self.smtp_url {
            Some(_) => BackendName::Smtp,
            None if self.public_url().is_loopback() || self.lan.is_some() => BackendName::Outbox,
            None => BackendName::None,
        })
    }

    /// How to send e-mails. `Err` is the rest of a sentence that begins with the label of `mail.smtp_url`.
    pub fn mail_backend(&self) -> Result<MailBackend, String> {
        match (self.backend_name(), &self.smtp_url) {
            (BackendName::Outbox, _) => Ok(MailBackend::Outbox),
            (BackendName::None, _) => Ok(MailBackend::None),
            (BackendName::Smtp, Some(url)) => Ok(MailBackend::Smtp { url: url.clone() }),
            (BackendName::Smtp, None) => Err("should name the mail server, because mail.backend is \"smtp\"".into()),
        }
    }

    pub fn finish(self) -> Result<Config, String> {
        let public_url = self.public_url();
        let backend = self.mail_backend()?;
        let tls = self.tls();
        let listen = self.listen();
        let from = self.mail_from.unwrap_or_else(|| default_sender(&public_url));
        let database_url = self
            .database_url
            .unwrap_or_else(|| DatabaseUrl::sqlite_file(&self.data_dir.join("snug.db")));
        Ok(Config {
            data_dir: self.data_dir,
            backups: self.backups,
            name: self.name,
            public_url,
            listen,
            hosts: [
                self.hosts,
                self.domains,
                self.lan.map_or_else(Vec::new, |lan| lan.hosts()),
            ]
            .concat(),
            proxies: self.proxies,
            tls,
            database_url,
            mail: MailConfig { backend, from },
            auth: self.auth,
            sign_up: self.sign_up,
            limits: self.limits,
            voice: self.voice,
            pictures: self.pictures,
            log: self.log,
            metrics_token: self.metrics_token,
            times: TimeLimits::default(),
        })
    }
}

/// `snug@` at the public host, or `snug@localhost` if the public host is an IP address, which cannot follow an `@`.
fn default_sender(public_url: &PublicUrl) -> String {
    let host = public_url.host();
    let named = EmailAddress::parse(&format!("snug@{host}")).is_ok();
    format!("Snug <snug@{}>", if named { host } else { "localhost" })
}
