//! `snug serve`: opens the data, listens, and serves until it is asked to stop.

use super::configuration::given_domains;
use crate::embedded_site;
use anyhow::Context;
use clap::Args;
use leptos::config::LeptosOptions;
use snug::{
    router,
    server::{
        auth,
        config::{CommandLine, Config, LogFormat, Problems},
        data_folder,
        data_lock::DataLock,
        http::{lan_page, listeners::Listeners, static_files::Site},
        inherited_sockets::InheritedSockets,
        open_files, own_network, rooms,
        state::AppState,
        telemetry, voice_addresses,
    },
};
use std::{env, io::IsTerminal, path::Path, process::ExitCode};
use tokio::signal::unix::{SignalKind, signal};

/// The variable that names a folder with the site's files. The server then uses these and not the files inside the program.
/// `cargo leptos watch` and `make dev` set it.
const SITE_ROOT: &str = "LEPTOS_SITE_ROOT";

/// The arguments of `snug serve`.
#[derive(Args, Default)]
pub struct ServeArguments {
    /// Serve https for this host name or public IP address
    ///
    /// Snug gets a certificate for it, renews it, and listens on ports 443 and 80
    /// of all addresses. You can give more than one. By using this you agree to
    /// the terms of the certificate authority (Let's Encrypt).
    #[arg(long = "domain", value_name = "NAME", verbatim_doc_comment)]
    pub(super) domains: Vec<String>,
    /// Serve https in the local network, with a certificate of our own
    ///
    /// A phone in the same Wi-Fi can then open Snug and talk. Its browser warns
    /// about the certificate once.
    #[arg(long, verbatim_doc_comment)]
    pub(super) lan: bool,
}

impl ServeArguments {
    /// The settings that the command line gives.
    ///
    /// # Errors
    /// If the machine is in no network, and `--lan` needs one.
    pub fn said(&self) -> Result<CommandLine, Problems> {
        let lan = self.lan.then(own_network::find).transpose();
        Ok(CommandLine {
            arguments: given_domains(&self.domains),
            lan: lan.map_err(|error| Problems(vec![format!("--lan: {error:#}.")]))?,
        })
    }
}

/// Runs the server. Returns when the server has stopped.
///
/// `inherited` are the sockets that systemd has opened. `read_again` reads the configuration for SIGHUP.
pub async fn run(
    config: Config,
    options: LeptosOptions,
    inherited: InheritedSockets,
    read_again: impl Fn() -> Result<Config, Problems> + Send + Sync + 'static,
) -> ExitCode {
    telemetry::start(&config.log);
    let format = config.log.format;
    let server = match Server::start(config, options, inherited).await {
        Ok(server) => server,
        Err(error) => {
            report(format, "Snug can't start", &error);
            return ExitCode::FAILURE;
        }
    };
    server.state.config_source.set(read_again);
    match server.run().await {
        Ok(()) => {
            println!("Snug has stopped.");
            ExitCode::SUCCESS
        }
        Err(error) => {
            report(format, "Snug has stopped", &error);
            ExitCode::FAILURE
        }
    }
}

/// Writes to standard error why the program ends, in the form of the log.
fn report(format: LogFormat, what: &str, error: &anyhow::Error) {
    match format {
        LogFormat::Text => eprintln!("{what}: {error:#}"),
        LogFormat::Json => tracing::error!("{what}: {error:#}"),
    }
}

/// A server that is ready to serve.
struct Server {
    listeners: Listeners,
    state: AppState,
    app: axum::Router,
}

impl Server {
    /// Takes the data lock, and then opens everything. The lock comes first, so that a Snug that starts beside
    /// another changes nothing, and so that its error names the other Snug, and not only the port.
    async fn start(config: Config, options: LeptosOptions, inherited: InheritedSockets) -> anyhow::Result<Self> {
        let site = site()?;
        data_folder::keep_new_files_private();
        open_files::raise_limit();
        let given = inherited.sort(&config);
        let lock = DataLock::take(&config).await?;
        let listeners = match Listeners::take_or_bind(given.site, given.redirect, &config.listen) {
            Ok(listeners) => listeners,
            Err(error) => {
                lock.release().await;
                return Err(error);
            }
        };
        let state = AppState::open_locked(config, lock, given.voice).await?;
        let prepared = Self::prepare(listeners, state.clone(), options, site).await;
        if prepared.is_err() {
            state.data_lock.release().await;
        }
        prepared
    }

    async fn prepare(
        listeners: Listeners,
        state: AppState,
        options: LeptosOptions,
        site: Site,
    ) -> anyhow::Result<Self> {
        auth::revocation::load_revoked_sessions(&state)
            .await
            .map_err(snug::error::AppError::from)?;
        rooms::resume(&state).await.map_err(snug::error::AppError::from)?;
        let app = router::build(state.clone(), options, site);
        greet(&state).await?;
        Ok(Self { listeners, state, app })
    }

    async fn run(self) -> anyhow::Result<()> {
        router::serve(self.listeners, self.state, self.app, asked_to_stop()).await
    }
}

/// The site's files: those inside the program, or those in the folder that [`SITE_ROOT`] names.
fn site() -> anyhow::Result<Site> {
    if let Some(folder) = env::var_os(SITE_ROOT).filter(|folder| !folder.is_empty()) {
        return Site::in_folder(Path::new(&folder)).with_context(|| {
            format!("{SITE_ROOT} should name a built site; without it, Snug serves the files inside the program")
        });
    }
    let site = embedded_site::site();
    if site.names().is_empty() {
        tracing::warn!(
            "this program was built without its site, so pages have no style and no scripts; `make build` builds both"
        );
    }
    Ok(site)
}

/// Tells the person at the terminal the address of this Snug, how to become its owner, where mail and data go, and where voices come in.
async fn greet(state: &AppState) -> anyhow::Result<()> {
    println!("\nSnug is at   {}", state.config.public_url.origin());
    if let Some(lan) = lan_page::of(state) {
        println!("{}", lan_page::for_terminal(&lan, std::io::stdout().is_terminal()));
    }
    if let Some(link) = auth::owner_link::link(state)
        .await
        .map_err(snug::error::AppError::from)?
    {
        println!("Owner link   {link}\n             (open it and press the button to become the owner of this Snug)");
    }
    println!("Mail         {}", state.mail.describe(&state.config.data_dir));
    let (voice, addresses) = (&state.voice, state.voice.advertised());
    println!(
        "Voices       {}",
        voice_addresses::describe(voice.udp_port, voice.tcp_port, &addresses)
    );
    if let Some(warning) = voice_addresses::warning(&state.config.public_url, &addresses) {
        println!("             Warning: {warning}");
    }
    println!(
        "Data         {}\nStop         with Ctrl-C\n",
        state.config.data_dir.display()
    );
    Ok(())
}

/// Listens for Ctrl-C and SIGTERM from now on. Completes when one of them arrives.
pub fn asked_to_stop() -> impl Future<Output = ()> {
    let (interrupt, terminate) = (next(SignalKind::interrupt()), next(SignalKind::terminate()));
    async move {
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

/// Completes at the next signal of this kind. Never if the system has no such signal.
fn next(kind: SignalKind) -> impl Future<Output = ()> {
    let signals = signal(kind);
    async move {
        match signals {
            Ok(mut signals) => drop(signals.recv().await),
            Err(_) => std::future::pending().await,
        }
    }
}
