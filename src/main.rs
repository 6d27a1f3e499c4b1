//! The program: read the configuration, open the data, listen.

mod commands;

use anyhow::Context;
use clap::{Parser, Subcommand};
use commands::{backup::BackupArguments, restore::RestoreArguments};
use leptos::config::{LeptosOptions, get_config_from_str};
use snug::{
    router,
    server::{
        auth,
        config::{Config, Problems},
        data_folder,
        data_lock::DataLock,
        open_files, rooms,
        state::AppState,
        telemetry, voice_addresses,
    },
};
use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};
use tokio::net::TcpListener;

/// Drop-in voice rooms on your own machine.
///
/// All settings are in Leptos.toml. Environment variables SNUG_<TABLE>_<KEY> override them (SNUG_DATA_DIR, SNUG_PUBLIC_URL,
/// SNUG_MAIL_BACKEND, …). LEPTOS_SITE_ADDR is the address to listen on.
#[derive(Parser)]
#[command(name = "snug", version)]
struct Arguments {
    /// The configuration file. By default, Leptos.toml in the current folder, or the built-in settings if there is none.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Run the server. This is the default.
    Serve,
    /// Print all settings, or check the configuration.
    #[command(subcommand)]
    Config(ConfigTask),
    /// Same as `config check`.
    CheckConfig,
    /// Print a new owner link. This works while the server runs. Earlier links that nobody has used stop working.
    OwnerLink,
    /// Write a backup into a file: the database (SQLite), the keys and the photos. This works while the server runs.
    Backup(BackupArguments),
    /// Restore a backup into an empty data folder. The server must not run.
    Restore(RestoreArguments),
}

#[derive(Subcommand)]
enum ConfigTask {
    /// Print all settings with their documentation and defaults, as a TOML file.
    Print,
    /// Read the configuration, report what is wrong with it, and exit.
    Check,
}

/// Replaces the allocator of the C library, which took about a fifth of the time that the server needs to replace a refresh token.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long an idle thread of the blocking pool is kept. After a thread has decoded a picture, its heap stays large until the thread
/// ends. So we end idle threads sooner than tokio does by default (10 s).
const THREAD_KEEP_ALIVE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(serving_threads())
        .thread_keep_alive(THREAD_KEEP_ALIVE)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(arguments)),
        Err(error) => {
            eprintln!("Snug can't start: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many threads serve requests: one less than the machine has cores, but at least one. The voice engine and the database have
/// threads of their own. With one more serving thread, voices were forwarded noticeably later under load; `docs/performance.md` has
/// the figures.
fn serving_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores - 1).max(1)
}

async fn run(arguments: Arguments) -> ExitCode {
    // `config print` is handled before the configuration is read, so that it also works if the configuration is wrong.
    if matches!(arguments.command, Some(Task::Config(ConfigTask::Print))) {
        return print_reference();
    }
    let (config, options) = match read_configuration(&arguments) {
        Ok(read) => read,
        Err(problems) => {
            eprintln!("{problems}");
            return ExitCode::FAILURE;
        }
    };
    let only_check = matches!(
        arguments.command,
        Some(Task::CheckConfig | Task::Config(ConfigTask::Check))
    );
    if only_check {
        println!(
            "The configuration is valid. Snug would run at {}.",
            config.public_url.origin()
        );
        return ExitCode::SUCCESS;
    }
    match arguments.command {
        Some(Task::OwnerLink) => return print_owner_link(&config).await,
        Some(Task::Backup(arguments)) => return commands::backup::run(config, arguments).await,
        Some(Task::Restore(arguments)) => return commands::restore::run(config, arguments).await,
        _ => {}
    }
    telemetry::start();
    let server = match Server::start(config, options).await {
        Ok(server) => server,
        Err(error) => {
            eprintln!("Snug can't start: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    match server.run().await {
        Ok(()) => {
            println!("Snug has stopped.");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Snug has stopped: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints all settings. Does not use `println!`, which panics if the reader closes the pipe early, as `head` does.
fn print_reference() -> ExitCode {
    match std::io::stdout().write_all(Config::reference().as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Prints a new owner link, alone on its line, so that scripts can read it.
async fn print_owner_link(config: &Config) -> ExitCode {
    // SQLite may create files beside the database.
    data_folder::keep_new_files_private();
    match auth::owner_link::command::make_link(config).await {
        Ok(link) => {
            println!("{link}");
            eprintln!(
                "Open the link and press its button. The person who does so becomes an owner of this Snug. The link works once."
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Snug can't make an owner link: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Reads Snug's settings and those of Leptos from the same file.
fn read_configuration(arguments: &Arguments) -> Result<(Config, LeptosOptions), Problems> {
    let path = arguments.config.clone().unwrap_or_else(|| PathBuf::from("Leptos.toml"));
    if arguments.config.is_some() && !path.is_file() {
        return Err(Problems(vec![format!(
            "--config: there is no file {}.",
            path.display()
        )]));
    }
    let loaded = Config::from_machine(&path)?;
    for warning in &loaded.warnings {
        eprintln!("warning: {warning}");
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| include_str!("../Leptos.toml").to_owned());
    let unreadable = |error| Problems(vec![format!("[package.metadata.leptos]: {error}")]);
    Ok((loaded.config, get_config_from_str(&text).map_err(unreadable)?))
}

/// A server that is ready to serve.
struct Server {
    listener: TcpListener,
    state: AppState,
    app: axum::Router,
}

impl Server {
    /// Takes the data lock, and then opens everything. The lock comes first, so that a Snug that starts beside
    /// another changes nothing, and so that its error names the other Snug, and not only the port.
    async fn start(config: Config, options: LeptosOptions) -> anyhow::Result<Self> {
        data_folder::keep_new_files_private();
        open_files::raise_limit();
        let lock = DataLock::take(&config).await?;
        let listener = match listen(&options).await {
            Ok(listener) => listener,
            Err(error) => {
                lock.release().await;
                return Err(error);
            }
        };
        let state = AppState::open_locked(config, lock).await?;
        let prepared = Self::prepare(listener, state.clone(), options).await;
        if prepared.is_err() {
            state.data_lock.release().await;
        }
        prepared
    }

    async fn prepare(listener: TcpListener, state: AppState, options: LeptosOptions) -> anyhow::Result<Self> {
        auth::revocation::load_revoked_sessions(&state)
            .await
            .map_err(snug::error::AppError::from)?;
        rooms::resume(&state).await.map_err(snug::error::AppError::from)?;
        let app = router::build(state.clone(), options)?;
        greet(&state).await?;
        Ok(Self { listener, state, app })
    }

    async fn run(self) -> anyhow::Result<()> {
        router::serve(self.listener, self.state, self.app, asked_to_stop()).await
    }
}

async fn listen(options: &LeptosOptions) -> anyhow::Result<TcpListener> {
    TcpListener::bind(options.site_addr).await.with_context(|| {
        format!(
            "can't listen on {}: the port is in use, or the address is not one of this machine (LEPTOS_SITE_ADDR)",
            options.site_addr
        )
    })
}

/// Tells the person at the terminal the address of this Snug, how to become its owner, where mail and data go, and where voices come in.
async fn greet(state: &AppState) -> anyhow::Result<()> {
    println!("\nSnug is at   {}", state.config.public_url.origin());
    if let Some(link) = auth::owner_link::link(state)
        .await
        .map_err(snug::error::AppError::from)?
    {
        println!("Owner link   {link}\n             (open it and press the button to become the owner of this Snug)");
    }
    match state.mail.is_outbox() {
        true => println!(
            "Mail         is not sent: codes appear below, e-mails are stored in {}",
            state.config.data_dir.join("outbox").display()
        ),
        false => println!("Mail         is sent by SMTP"),
    }
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

/// Returns on Ctrl-C or SIGTERM.
async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
