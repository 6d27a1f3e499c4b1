//! `snug backup FILE` writes a backup, also while the server runs.

use super::serve::asked_to_stop;
use snug::server::{
    backup::{self, BackupChoices, BackupReport, in_words},
    config::Config,
    data_folder,
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The arguments of `snug backup`.
#[derive(clap::Args)]
pub struct BackupArguments {
    /// The file to write, such as /var/backups/snug.tar
    file: PathBuf,
    /// Leave out the keys
    ///
    /// Then nobody can act as somebody else with the backup. To restore it, you
    /// also need keyring.json of the data folder. Without it, all links into rooms
    /// stop working.
    #[arg(long, verbatim_doc_comment)]
    without_keys: bool,
    /// Replace the file if it exists
    #[arg(long)]
    overwrite: bool,
}

/// Writes the backup, and says what is in it. On Ctrl-C or SIGTERM, nothing remains.
pub async fn run(config: Config, arguments: BackupArguments) -> ExitCode {
    data_folder::keep_new_files_private();
    let choices = BackupChoices {
        with_keys: !arguments.without_keys,
        may_overwrite: arguments.overwrite,
    };
    let written = tokio::select! {
        // The order matters: we listen for signals before there are files.
        biased;
        () = asked_to_stop() => Err(anyhow::anyhow!("it was stopped, and nothing was written")),
        written = backup::write(&config, &arguments.file, choices) => written,
    };
    match written {
        Ok(report) => {
            println!("{}", describe(&arguments.file, &report));
            warn(&config, &report);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Snug can't make the backup: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn describe(file: &Path, report: &BackupReport) -> String {
    let keys = match report.has_keys {
        true => "the keys",
        false => "no keys",
    };
    let photos = match (report.photos_in_bucket, report.photos) {
        (true, _) => "no photos".to_owned(),
        (false, 1) => "1 photo".to_owned(),
        (false, photos) => format!("{photos} photos"),
    };
    format!(
        "{} has the database, {keys} and {photos} ({}). It was read again and is whole.",
        file.display(),
        in_words(report.bytes)
    )
}

fn warn(config: &Config, report: &BackupReport) {
    if report.has_keys {
        eprintln!("Keep the file secret: a person who has it can act as anybody.");
    } else {
        let keyring = config.data_dir.join("keyring.json");
        eprintln!("Keep a copy of the keys elsewhere: {}", keyring.display());
    }
    if report.photos_in_bucket {
        eprintln!("The photos are in a bucket. Copy them with the tools of its provider.");
    }
    if report.missing_photos > 0 {
        let missing = report.missing_photos;
        eprintln!("{missing} photos that people use are missing in the data folder, or were replaced just now.");
    }
}
