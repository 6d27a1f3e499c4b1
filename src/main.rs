//! The program: read the configuration, open the data, listen.

use anyhow::Context;
use clap::{Parser, Subcommand};
use leptos::config::{LeptosOptions, get_config_from_str};
use snug::{
    router,
    server::{
        auth,
        config::{Config, Problems},
        rooms,
        state::AppState,
        telemetry,
    },
};
use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};
use tokio::net::TcpListener;

/// Drop-in voice rooms on your own machine.
///
/// Everything is set in Leptos.toml; variables SNUG_<TABLE>_<KEY> override it (SNUG_DATA_DIR, SNUG_PUBLIC_URL,
/// SNUG_MAIL_BACKEND, …), and LEPTOS_SITE_ADDR is the address to listen on.
#[derive(Parser)]
#[command(name = "snug", version)]
struct Arguments {
    /// The configuration file. Without one, Leptos.toml of this folder, or the defaults where there is none.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Serve this Snug (what happens without a command).
    Serve,
    /// Show all keys of the configuration, or check it.
    #[command(subcommand)]
    Config(ConfigTask),
    /// The same as `config check`, for scripts that call it by this name.
    CheckConfig,
}

#[derive(Subcommand)]
enum ConfigTask {
    /// Print all keys with their documentation and their defaults, as a TOML file.
    Print,
    /// Read the configuration, say what is wrong with it, and stop.
    Check,
}

/// The C library's own costs a request about a fifth more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// An idle thread keeps in its heap what the picture that it decoded took, so it does not stay for long.
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

/// All cores but one, and one at least: the voice and the database have threads of their own.
fn serving_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores - 1).max(1)
}

async fn run(arguments: Arguments) -> ExitCode {
    // It needs no configuration, so it also works if the configuration is wrong.
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
            "The configuration is good. Snug would be at {}.",
            config.public_url.origin()
        );
        return ExitCode::SUCCESS;
    }
    telemetry::start();
    match serve(config, options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Snug can't start: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The reader may close its end early, as `head` does: that is a failure, and no panic.
fn print_reference() -> ExitCode {
    match std::io::stdout().write_all(Config::reference().as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Our tables and Leptos's, out of one file.
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

async fn serve(config: Config, options: LeptosOptions) -> anyhow::Result<()> {
    let listener = TcpListener::bind(options.site_addr).await.with_context(|| {
        format!(
            "the address {} is taken or not this machine's (LEPTOS_SITE_ADDR)",
            options.site_addr
        )
    })?;
    let state = AppState::open(config).await?;
    auth::revocation::load_revoked_sessions(&state)
        .await
        .map_err(snug::error::AppError::from)?;
    rooms::resume(&state).await.map_err(snug::error::AppError::from)?;
    let app = router::build(state.clone(), options)?;
    greet(&state).await?;
    router::serve(listener, state, app, asked_to_stop()).await;
    println!("Snug has stopped.");
    Ok(())
}

/// What the person at the terminal wants to know.
async fn greet(state: &AppState) -> anyhow::Result<()> {
    println!("\nSnug is at   {}", state.config.public_url.origin());
    if let Some(link) = auth::owner_link::link(state)
        .await
        .map_err(snug::error::AppError::from)?
    {
        println!("Owner link   {link}\n             (press its button once: it makes you the owner of this Snug)");
    }
    match state.mail.is_outbox() {
        true => println!(
            "Mail         stays here: codes show below, letters in {}",
            state.config.data_dir.join("outbox").display()
        ),
        false => println!("Mail         goes out by SMTP"),
    }
    println!(
        "Data         {}\nStop         with Ctrl-C\n",
        state.config.data_dir.display()
    );
    Ok(())
}

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
