//! `snug restore FILE` restores a backup into an empty data folder.

use snug::server::{
    backup::{self, RestoreReport},
    config::Config,
    data_folder,
};
use std::{path::PathBuf, process::ExitCode};
use time::OffsetDateTime;

/// The arguments of `snug restore`.
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

/// Restores the backup, and says what to do next.
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
        let otherwise = match report.kept_sessions {
            true => "Snug does not start without it.",
            false => "Otherwise Snug makes new keys, and all links into rooms stop working.",
        };
        lines.push(format!(
            "The backup has no keys. Copy keyring.json to {folder} before you start Snug. {otherwise}"
        ));
    }
    if report.photos_in_bucket {
        lines.push("The photos were in a bucket. Use the same bucket, or a copy of it.".into());
    }
    if report.photos > 0 && config.pictures.s3_url.is_some() {
        lines.push(format!(
            "This Snug has its photos in a bucket. Copy the files of {folder}/pictures into the bucket."
        ));
    }
    lines.push("Start Snug now.".into());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug::server::config::S3Url;
    use std::path::Path;

    const REPORT: RestoreReport = RestoreReport {
        made_at: 0,
        has_keys: true,
        photos: 2,
        photos_in_bucket: false,
        kept_sessions: false,
        ended_sessions: 0,
    };

    #[test]
    fn without_keys_the_answer_says_what_happens_to_the_sessions() {
        let config = Config::for_tests(Path::new("/srv/snug/data"));
        let mut report = RestoreReport {
            has_keys: false,
            ..REPORT
        };
        assert!(describe(&config, &report).contains("Otherwise Snug makes new keys"));
        report.kept_sessions = true;
        let kept = describe(&config, &report);
        assert!(kept.contains("Snug does not start without it."), "{kept}");
        assert!(!kept.contains("makes new keys"), "{kept}");
    }

    #[test]
    fn photos_that_belong_into_a_bucket_are_named() {
        let mut config = Config::for_tests(Path::new("/srv/snug/data"));
        assert!(!describe(&config, &REPORT).contains("bucket"));
        config.pictures.s3_url =
            Some(S3Url::parse("s3://key:secret@snug-faces?region=eu-central-1").expect("a bucket"));
        let said = describe(&config, &REPORT);
        assert!(
            said.contains("Copy the files of /srv/snug/data/pictures into the bucket."),
            "{said}"
        );
    }
}
