//! `snug restore FILE` restores a backup into an empty data folder.

use snug::server::{
    backup::{self, RestoreReport},
    config::Config,
    data_folder,
};
use std::{path::PathBuf, process::ExitCode};
use time::OffsetDateTime;

/// What people can write behind `snug restore`.
#[derive(clap::Args)]
pub struct RestoreArguments {
    /// A file that `snug backup` has written
    file: PathBuf,
    /// Keep everybody signed in
    ///
    /// Use this only if Snug did not run after the backup was made, as when you move
    /// it to another machine. Otherwise people get letters that warn of stolen
    /// sign-ins.
    #[arg(long, verbatim_doc_comment)]
    keep_sessions: bool,
}

/// Restores the backup, and says what is to be done next.
pub async fn run(config: Config, arguments: RestoreArguments) -> ExitCode {
    data_folder::keep_new_files_private();
    match backup::restore(&config, &arguments.file, arguments.keep_sessions).await {
        Ok(report) => {
            println!("{}", describe(&config, &report));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Snug can't restore {}: {error:#}", arguments.file.display());
            ExitCode::FAILURE
        }
    }
}

fn describe(config: &Config, report: &RestoreReport) -> String {
    let at = OffsetDateTime::from_unix_timestamp(report.made_at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let folder = config.data_dir.display();
    let mut lines = vec![format!(
        "{folder} has the database and {} photos of {year}-{month:02}-{day:02}.",
        report.photos
    )];
    match report.ended_sessions {
        0 => {}
        ended => lines.push(format!(
            "Everybody has to sign in again ({ended} devices were signed in)."
        )),
    }
    if !report.has_keys {
        lines.push(format!(
            "The backup has no keys. Copy keyring.json to {folder} before you start Snug. Otherwise Snug makes new keys, and all links \
             into rooms stop working."
        ));
    }
    if report.photos_in_bucket {
        lines.push("The photos were in a bucket. Use the same bucket, or a copy of it.".into());
    }
    lines.push("Start Snug now.".into());
    lines.join("\n")
}
