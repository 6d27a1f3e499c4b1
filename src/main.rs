//! The program: read the configuration, open the data, listen.

use anyhow::Context;
use clap::{Parser, Subcommand};
use leptos::config::{LeptosOptions, get_configuration};
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
use std::{path::PathBuf, process::ExitCode};
use tokio::net::TcpListener;

/// Drop-in voice rooms on your own machine.
///
/// Everything is set in Leptos.toml; variables SNUG_<TABLE>_<KEY> override it (SNUG_DATA_DIR, SNUG_PUBLIC_URL,
/// SNUG_MAIL_BACKEND, …), and LEPTOS_SITE_ADDR is the address to listen on.
#[derive(Parser)]
#[command(name = "snug", version)]
struct Arguments {
    /// The configuration file.
    #[arg(long, global = true, default_value = "Leptos.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Serve this Snug (what happens without a command).
    Serve,
    /// Read the configuration, say what is wrong with it, and stop.
    CheckConfig,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match read_config(&arguments) {
        Ok(config) => config,
        Err(problems) => {
            eprintln!("{problems}");
            return ExitCode::FAILURE;
        }
    };
    if matches!(arguments.command, Some(Task::CheckConfig)) {
        println!(
            "The configuration is good. Snug would be at {}.",
            config.public_url.origin()
        );
        return ExitCode::SUCCESS;
    }
    telemetry::start();
    match serve(config, &arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Snug can't start: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn read_config(arguments: &Arguments) -> Result<Config, Problems> {
    let loaded = Config::from_machine(&arguments.config)?;
    for warning in &loaded.warnings {
        eprintln!("warning: {warning}");
    }
    Ok(loaded.config)
}

async fn serve(config: Config, arguments: &Arguments) -> anyhow::Result<()> {
    let options = leptos_options(arguments)?;
    let listener = TcpListener::bind(options.site_addr).await.with_context(|| {
        format!(
            "the address {} is taken or not this machine's (LEPTOS_SITE_ADDR)",
            options.site_addr
        )
    })?;
    let state = AppState::open(config).await?;
    auth::session::load_dead_sessions(&state)
        .await
        .map_err(snug::error::AppError::from)?;
    rooms::resume(&state).await.map_err(snug::error::AppError::from)?;
    let app = router::build(state.clone(), options)?;
    greet(&state).await?;
    router::serve(listener, state, app, asked_to_stop()).await;
    println!("Snug has stopped.");
    Ok(())
}

fn leptos_options(arguments: &Arguments) -> anyhow::Result<LeptosOptions> {
    let file = arguments.config.to_str().filter(|_| arguments.config.exists());
    Ok(get_configuration(file)
        .context("the [package.metadata.leptos] table of the configuration can't be read")?
        .leptos_options)
}

/// What the person at the terminal wants to know.
async fn greet(state: &AppState) -> anyhow::Result<()> {
    println!("\nSnug is at   {}", state.config.public_url.origin());
    if let Some(link) = auth::owner::link(state).await.map_err(snug::error::AppError::from)? {
        println!("Owner link   {link}\n             (open it once: it makes you the owner of this Snug)");
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
