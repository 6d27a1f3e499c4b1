//! Snug's configuration: the file `Leptos.toml`, and environment variables `SNUG_<TABLE>_<KEY>`, which override the file. The
//! whole configuration is checked before anything starts.

mod all_config_keys;
mod backup_plan;
mod config_key;
mod days;
mod draft;
mod ip_network;
mod lan;
mod listen;
mod log_settings;
mod metrics_token;
mod parse_value;
mod public_url;
mod reference;
#[cfg(test)]
mod reference_page;
mod rules;
mod s3_url;
mod secret_url;
mod settings;
mod sources;
#[cfg(test)]
mod tests;
mod tls_source;
mod turn_server;

use std::{fmt, net::SocketAddr, path::Path};

pub use lan::LanSetup;
pub use listen::ListenConfig;
pub use log_settings::{LogConfig, LogFormat, LogLevel};
pub use metrics_token::MetricsToken;
pub(super) use parse_value::split_sender;
pub use public_url::PublicUrl;
pub(super) use public_url::names_this_machine;
pub use s3_url::S3Url;
pub use secret_url::{DatabaseUrl, SmtpUrl};
pub use settings::{
    Advertise, AuthConfig, BackupPlan, Config, LimitsConfig, MailBackend, MailConfig, PicturesConfig, SignUpConfig,
    SignUpMode, TimeLimits, VoiceConfig,
};
pub use sources::GivenArgument;
pub use tls_source::{AcmeConfig, CertificateFiles, TlsSource};
pub use turn_server::TurnSecret;

/// A valid configuration, and warnings that the operator should read.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    /// The address to listen on: `site-addr` in the table `[package.metadata.leptos]`, or the variable `LEPTOS_SITE_ADDR`.
    pub site_addr: Option<SocketAddr>,
    pub warnings: Vec<String>,
}

/// What the command line says about the configuration.
#[derive(Clone, Debug, Default)]
pub struct CommandLine {
    /// Values that override the file and the environment.
    pub arguments: Vec<GivenArgument>,
    /// The network to serve, for `snug serve --lan`.
    pub lan: Option<LanSetup>,
}

/// Everything that is wrong with a configuration. Each problem is one sentence, which names the key and its variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Problems(pub Vec<String>);

impl Config {
    /// Every key with its documentation, its variable and its default value, as a TOML file. The text does not depend on the
    /// configuration of this machine, so it never contains a secret.
    pub fn reference() -> String {
        reference::render()
    }

    /// Reads `Leptos.toml` at `file` and the environment of this process. If there is no such file, the defaults apply.
    ///
    /// # Errors
    /// If the file cannot be read, and the errors of [`Config::load`].
    pub fn from_machine(file: &Path) -> Result<Loaded, Problems> {
        Self::from_machine_with(file, CommandLine::default())
    }

    /// Like [`Config::from_machine`], with what the command line says.
    ///
    /// # Errors
    /// Those of [`Config::from_machine`].
    pub fn from_machine_with(file: &Path, said: CommandLine) -> Result<Loaded, Problems> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Problems(vec![format!("{} cannot be read: {error}.", file.display())])),
        };
        let lossy = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
        let env = std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value)));
        Self::load_with(&text, env, said)
    }

    /// Builds the configuration from the text of `Leptos.toml` and from environment variables. Only the variables `SNUG_*` and
    /// `LEPTOS_SITE_ADDR` have an effect. An empty value counts as not set.
    ///
    /// # Errors
    /// All problems together, so that an operator can fix all of them before the next start.
    pub fn load(file_text: &str, env: impl IntoIterator<Item = (String, String)>) -> Result<Loaded, Problems> {
        Self::load_with(file_text, env, CommandLine::default())
    }

    fn load_with(
        file_text: &str,
        env: impl IntoIterator<Item = (String, String)>,
        said: CommandLine,
    ) -> Result<Loaded, Problems> {
        let found = sources::find_settings(file_text, env, &said.arguments);
        let mut draft = draft::Draft {
            site: found.site,
            lan: said.lan,
            ..Default::default()
        };
        let mut problems = found.problems;
        let mut wrong = Vec::new();
        for setting in found.settings {
            if let Err(sentence) = (setting.key.set)(&mut draft, &setting.value) {
                problems.push(setting.problem(&sentence));
                wrong.push(setting.key.path);
            }
        }
        problems.extend(rules::list_broken(&draft, &wrong));
        let warnings = [found.warnings, rules::list_warnings(&draft)].concat();
        let site_addr = draft.site;
        match draft.finish() {
            Ok(config) if problems.is_empty() => Ok(Loaded {
                config,
                site_addr,
                warnings,
            }),
            _ => Err(Problems(problems)),
        }
    }

    /// How many signals one IP address may send in a second.
    pub fn signals_per_second_per_address(&self) -> u32 {
        let set = self.limits.signals_per_second_per_address;
        set.unwrap_or(self.voice.peers_per_address)
    }

    /// The defaults, except for four settings: the data folder is the test's own, Snug makes no backups by itself, limits are off, and
    /// voice uses any free port. So tests can run in parallel.
    pub fn for_tests(data_dir: &Path) -> Self {
        let draft = draft::Draft {
            data_dir: data_dir.to_owned(),
            ..Default::default()
        };
        let mut config = draft.finish().expect("the defaults are a valid configuration");
        config.backups = None;
        config.limits.enforced = false;
        config.voice.udp_port = 0;
        config
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("Snug cannot start with this configuration:")?,
            count => write!(f, "Snug cannot start with this configuration, for {count} reasons:")?,
        }
        self.0.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for Problems {}
