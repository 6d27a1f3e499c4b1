//! The program: reads the arguments, and runs one command on the runtime.

mod commands;
mod embedded_site;

use clap::{Parser, Subcommand};
use commands::{
    backup::{self, BackupArguments},
    config::{self, ConfigTask},
    configuration,
    doctor::{self, DoctorArguments},
    owner_link::{self, OwnerLinkArguments},
    restore::{self, RestoreArguments},
    serve::{self, ServeArguments},
};
use snug::server::{config::CommandLine, inherited_sockets::InheritedSockets};
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// Drop-in voice rooms on your own machine.
///
/// Without a command, Snug runs the server: in an empty folder, it serves
/// http://localhost:3000 and keeps everything in the folder `data`.
///
/// The settings are in Leptos.toml in the current folder, if there is one. Variables
/// SNUG_<TABLE>_<KEY> override them, such as SNUG_PUBLIC_URL and SNUG_DATA_DIR.
/// LEPTOS_SITE_ADDR is the address to listen on. `snug config print` lists all settings.
#[derive(Parser)]
#[command(name = "snug", version, verbatim_doc_comment)]
struct Arguments {
    /// The configuration file, instead of Leptos.toml in the current folder
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Run the server (the default)
    ///
    /// Snug prints its address, its owner link, and where it expects voices. It runs
    /// until Ctrl-C or SIGTERM. The log goes to standard error.
    #[command(verbatim_doc_comment)]
    Serve(ServeArguments),
    /// Print all settings, or check your configuration
    #[command(subcommand)]
    Config(ConfigTask),
    /// Same as `config check`
    #[command(hide = true)]
    CheckConfig,
    /// Examine this Snug, and say what is wrong and what to do
    ///
    /// Prints what is bad first, each with what to do. The exit status is 1 if something
    /// is bad. It changes nothing, and works while the server runs and also if it can't
    /// start.
    ///
    /// Run this with the user, the folder, the variables and the options of the server.
    #[command(verbatim_doc_comment)]
    Doctor(DoctorArguments),
    /// Print a new owner link
    ///
    /// The person who opens the link and presses its button becomes an owner of this
    /// Snug. The link works once. Earlier links that nobody has used stop working.
    ///
    /// Run this with the user, the folder and the variables of the server, and with its
    /// --domain if it has one. It works while the server runs.
    #[command(verbatim_doc_comment)]
    OwnerLink(OwnerLinkArguments),
    /// Write a backup into a file, also while the server runs
    ///
    /// The file has the database (SQLite), the keys and the photos. Snug reads it again
    /// and compares it. Only you can read the file.
    #[command(verbatim_doc_comment)]
    Backup(BackupArguments),
    /// Restore a backup into an empty data folder
    ///
    /// The server must not run. If the data folder has data, Snug changes nothing.
    #[command(verbatim_doc_comment)]
    Restore(RestoreArguments),
}

/// Replaces the allocator of the C library, which took about a fifth of the time that the server needs to replace a refresh token.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long an idle thread of the blocking pool is kept. After a thread has decoded a picture, its heap stays large until the thread
/// ends. So we end idle threads sooner than tokio does by default (10 s).
const THREAD_KEEP_ALIVE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Before there are threads.
    let inherited = InheritedSockets::take();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(serving_threads())
        .thread_keep_alive(THREAD_KEEP_ALIVE)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(arguments, inherited)),
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

async fn run(arguments: Arguments, inherited: InheritedSockets) -> ExitCode {
    let task = arguments
        .command
        .unwrap_or_else(|| Task::Serve(ServeArguments::default()));
    // This needs no configuration, so it also works if the configuration is wrong.
    if matches!(task, Task::Config(ConfigTask::Print)) {
        return config::print();
    }
    // A configuration that can't be read is one of its findings.
    let task = match task {
        Task::Doctor(asked) => return doctor::run(arguments.config.as_deref(), asked).await,
        task => task,
    };
    let said = match &task {
        Task::Serve(arguments) => arguments.said(),
        Task::OwnerLink(arguments) => Ok(arguments.said()),
        _ => Ok(CommandLine::default()),
    };
    let read = said.and_then(|said| configuration::read(arguments.config.as_deref(), said));
    let (config, options) = match read {
        Ok(read) => read,
        Err(problems) => {
            eprintln!("{problems}");
            return ExitCode::FAILURE;
        }
    };
    match task {
        Task::Serve(said) => {
            let file = arguments.config;
            let read_again = move || configuration::read_again(file.as_deref(), said.said()?);
            serve::run(config, options, inherited, read_again).await
        }
        // `print` and the doctor have returned above.
        Task::Config(_) | Task::CheckConfig | Task::Doctor(_) => config::check(&config),
        Task::OwnerLink(_) => owner_link::run(config).await,
        Task::Backup(arguments) => backup::run(config, arguments).await,
        Task::Restore(arguments) => restore::run(config, arguments).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Command, CommandFactory};

    /// The command and everything below it, each with the words that people type.
    fn with_subcommands(words: &str, command: &Command) -> Vec<(String, Command)> {
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        let below = below.flat_map(|below| with_subcommands(&format!("{words} {}", below.get_name()), below));
        [(words.to_owned(), command.clone())].into_iter().chain(below).collect()
    }

    #[test]
    fn every_command_has_a_help_that_fits_a_terminal() {
        let mut all = Arguments::command();
        all.build();
        let commands = with_subcommands("snug", &all);
        assert!(commands.len() >= 7, "{}", commands.len());
        for (words, mut command) in commands {
            let help = command.render_long_help().to_string();
            let first = help.lines().next().unwrap_or_default();
            assert!(!first.is_empty() && !first.starts_with("Usage"), "{words}: {help}");
            assert!(help.contains(&format!("Usage: {words}")), "{words}: {help}");
            for line in help.lines() {
                assert!(line.chars().count() <= 90, "{words}: {line}");
            }
        }
    }

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
