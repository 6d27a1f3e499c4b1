//! Checks the clock of this machine. Asks only the certificate authority of the configuration, which Snug asks anyway.

use crate::{
    model::health::HealthFinding,
    server::{
        config::{Config, TlsSource},
        database::sqlite_file,
        tls::{CLOCK_TOLERATED_S, day, read_clock},
    },
};
use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::timeout;

const CHECK: &str = "clock";
const ADVICE: &str = "Set the clock: timedatectl set-ntp true. Certificates and sign-ins depend on it.";
const ANSWERED_WITHIN: Duration = Duration::from_secs(8);

/// Compares the clock with that of the certificate authority, and with the times of files that Snug has written.
pub async fn check(config: &Config, now_s: i64) -> HealthFinding {
    let paths = sqlite_file(&config.database_url)
        .into_iter()
        .chain([config.data_dir.join("lock")]);
    let newest_s = paths.filter_map(|path| written_at_s(&path)).max();
    if let Some(finding) = newest_s.and_then(|newest_s| judge_files(newest_s, now_s)) {
        return finding;
    }
    let TlsSource::Acme(acme) = &config.tls else {
        return HealthFinding::skipped(
            CHECK,
            format!(
                "The clock shows {}. There is no certificate authority to compare it with.",
                day(now_s)
            ),
            "",
        );
    };
    match timeout(ANSWERED_WITHIN, read_clock(acme)).await {
        Ok(Ok(theirs_s)) => judge_difference(theirs_s - now_s),
        Ok(Err(error)) => judge_silent(&format!("{error:#}")),
        Err(_) => judge_silent("it does not answer"),
    }
}

fn written_at_s(path: &Path) -> Option<i64> {
    let written = std::fs::metadata(path).ok()?.modified().ok()?;
    to_unix_s(written)
}

fn to_unix_s(time: SystemTime) -> Option<i64> {
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// A file from the future shows that the clock was set back.
fn judge_files(newest_s: i64, now_s: i64) -> Option<HealthFinding> {
    (newest_s - now_s > CLOCK_TOLERATED_S).then(|| {
        HealthFinding::bad(
            CHECK,
            format!(
                "The clock of this machine is wrong, or was: it shows {}, and Snug has written its data on {}.",
                day(now_s),
                day(newest_s)
            ),
            ADVICE,
        )
    })
}

/// `difference_s` is how far the clock of the authority is ahead of ours.
fn judge_difference(difference_s: i64) -> HealthFinding {
    let minutes = difference_s.abs() / 60;
    match difference_s.abs() > CLOCK_TOLERATED_S {
        true => HealthFinding::bad(
            CHECK,
            format!(
                "The clock of this machine is {minutes} minutes {}, by the clock of the certificate authority.",
                if difference_s > 0 { "slow" } else { "fast" }
            ),
            ADVICE,
        ),
        false => HealthFinding::good(CHECK, "The clock agrees with that of the certificate authority."),
    }
}

fn judge_silent(error: &str) -> HealthFinding {
    HealthFinding::warning(
        CHECK,
        format!("The certificate authority can't be asked for the time, nor for certificates: {error}."),
        "Let this machine reach it (public.acme_url), by a firewall that allows outgoing connections to port 443.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::HealthVerdict;

    #[test]
    fn a_clock_that_is_far_from_that_of_the_authority_is_bad() {
        for (difference_s, verdict) in [
            (0, HealthVerdict::Good),
            (-CLOCK_TOLERATED_S, HealthVerdict::Good),
            (CLOCK_TOLERATED_S + 1, HealthVerdict::Bad),
            (-86_400, HealthVerdict::Bad),
        ] {
            assert_eq!(judge_difference(difference_s).verdict, verdict, "{difference_s}");
        }
        assert!(judge_difference(7_200).message.contains("120 minutes slow"));
        assert!(judge_difference(-7_200).message.contains("120 minutes fast"));
    }

    #[test]
    fn files_from_the_future_show_that_the_clock_is_wrong() {
        assert!(judge_files(1_000, 1_000 + 86_400).is_none());
        let finding = judge_files(1_800_000_000, 1_000_000_000).expect("a finding");
        assert_eq!(finding.verdict, HealthVerdict::Bad);
        assert!(
            finding.message.contains("2001-09-09") && finding.message.contains("2027-01-15"),
            "{finding:?}"
        );
    }

    #[tokio::test]
    async fn without_an_authority_nobody_is_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config::for_tests(folder.path());
        assert_eq!(check(&config, 1_800_000_000).await.verdict, HealthVerdict::Skipped);
    }
}
