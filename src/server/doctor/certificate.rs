//! Checks the certificate that browsers get, and the one that is stored.

use super::site_facts::TlsLook;
use crate::{
    model::health::HealthFinding,
    server::{
        config::{Config, TlsSource},
        tls::{self, CertificateTrust, PresentedCertificate, day, stored_until},
    },
};

/// The name of the check of the certificate that browsers get.
pub const CHECK: &str = "certificate";
const STORED: &str = "certificate_file";
const DAY_S: i64 = 86_400;

/// Checks the certificate files, without the server. `failure` is why the running server has no newer certificate. `None` if Snug has no
/// certificate of its own.
pub fn check_stored(config: &Config, failure: Option<&str>, now_s: i64) -> Option<HealthFinding> {
    match &config.tls {
        TlsSource::Elsewhere | TlsSource::Own(_) => None,
        TlsSource::Files(_) => Some(judge_files(
            tls::check(config, now_s).map_err(|error| format!("{error:#}")),
            failure,
        )),
        TlsSource::Acme(acme) => {
            let until = stored_until(&config.data_dir).map_err(|error| format!("{error:#}"));
            Some(judge_issued(until, failure, &acme.domains.join(", "), now_s))
        }
    }
}

fn judge_files(checked: Result<Vec<String>, String>, failure: Option<&str>) -> HealthFinding {
    let advice =
        "Correct the files of SNUG_PUBLIC_TLS_CERT and SNUG_PUBLIC_TLS_KEY. Then start Snug again, or send it SIGHUP.";
    match (checked, failure) {
        (Err(error), _) => HealthFinding::bad(STORED, format!("The certificate files can't be used: {error}."), advice),
        (Ok(_), Some(failure)) => HealthFinding::bad(
            STORED,
            format!("The running Snug could not load the certificate files: {failure}."),
            advice,
        ),
        (Ok(warnings), None) => match warnings.first() {
            Some(warning) => HealthFinding::bad(STORED, format!("{warning}."), advice),
            None => HealthFinding::good(STORED, "The certificate files can be used."),
        },
    }
}

/// Judges a certificate that an authority gives. A Snug that has just started for the first time has none yet.
fn judge_issued(until: Result<Option<i64>, String>, failure: Option<&str>, names: &str, now_s: i64) -> HealthFinding {
    let advice = "Check that the names lead to this machine, and that the internet reaches its ports 443 and 80. Then send Snug SIGHUP, or \
                  start it again.";
    let because = failure.map(|failure| format!(" The last try has failed: {failure}."));
    let because = because.unwrap_or_default();
    match until {
        Err(error) => HealthFinding::warning(
            STORED,
            format!("The certificate in the data folder can't be used: {error}."),
            "Snug orders a new one by itself when it starts.",
        ),
        Ok(None) => HealthFinding::bad(
            STORED,
            format!("There is no certificate for {names} yet.{because}"),
            advice,
        ),
        Ok(Some(until)) if until <= now_s => HealthFinding::bad(
            STORED,
            format!("The certificate for {names} has expired on {}.{because}", day(until)),
            advice,
        ),
        Ok(Some(until)) if failure.is_some() => HealthFinding::warning(
            STORED,
            format!("The certificate for {names} is valid until {}.{because}", day(until)),
            advice,
        ),
        Ok(Some(until)) => HealthFinding::good(
            STORED,
            format!("The certificate for {names} is valid until {}.", day(until)),
        ),
    }
}

/// Judges the certificate that browsers get for `host`.
pub fn judge(look: &TlsLook, host: &str, source: &TlsSource, now_s: i64) -> HealthFinding {
    let bad = |message: String| HealthFinding::bad(CHECK, message, how_to_renew(source));
    let presented = match look {
        TlsLook::Failed(error) => {
            return bad(format!(
                "Browsers can't make an encrypted connection to {host}: {error}."
            ));
        }
        TlsLook::Presented(presented) => presented,
    };
    let (from, until) = (presented.not_before_s, presented.not_after_s);
    if until <= now_s {
        return bad(format!("The certificate for {host} has expired on {}.", day(until)));
    }
    if now_s < from {
        return HealthFinding::bad(
            CHECK,
            format!(
                "The certificate for {host} is valid only from {}, and the clock of this machine shows {}.",
                day(from),
                day(now_s)
            ),
            "If the clock is wrong, set it: timedatectl set-ntp true",
        );
    }
    if !presented.is_for(host) {
        let names = presented.names.join(", ");
        return bad(format!(
            "The certificate is for {names}, and not for {host}, so browsers refuse it."
        ));
    }
    judge_trust(presented, host, source, now_s)
}

fn judge_trust(presented: &PresentedCertificate, host: &str, source: &TlsSource, now_s: i64) -> HealthFinding {
    let bad = |message: String| HealthFinding::bad(CHECK, message, how_to_renew(source));
    let until = presented.not_after_s;
    match &presented.trust {
        _ if matches!(source, TlsSource::Own(_)) => HealthFinding::good(
            CHECK,
            format!(
                "The certificate is Snug's own, and valid until {}. Browsers warn about it once.",
                day(until)
            ),
        ),
        CertificateTrust::UnknownIssuer => bad(format!(
            "No authority that this machine knows has signed the certificate for {host}, or the certificates between are missing."
        )),
        CertificateTrust::Refused(error) => bad(format!("The certificate for {host} is not valid: {error}.")),
        CertificateTrust::NoRoots => HealthFinding::warning(
            CHECK,
            "This machine has no certificates of authorities, so it can't verify others.",
            "Install them (on Debian the package ca-certificates). Without them, Snug can't send e-mails or get a certificate.",
        ),
        CertificateTrust::Trusted => judge_days(presented, host, source, now_s),
    }
}

/// Authorities and programs renew a certificate when a third of its life is left, so a twelfth is late.
fn judge_days(presented: &PresentedCertificate, host: &str, source: &TlsSource, now_s: i64) -> HealthFinding {
    let left_s = presented.not_after_s - now_s;
    let life_s = presented.not_after_s - presented.not_before_s;
    let left = match left_s / DAY_S {
        0 => format!("{} hours", left_s / 3_600),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    match left_s < life_s / 12 {
        true => HealthFinding::warning(
            CHECK,
            format!("The certificate for {host} is valid for only {left}, and should have been renewed."),
            how_to_renew(source),
        ),
        false => HealthFinding::good(CHECK, format!("The certificate for {host} is valid for {left}.")),
    }
}

fn how_to_renew(source: &TlsSource) -> &'static str {
    match source {
        TlsSource::Elsewhere => {
            "Get a certificate for this name with your reverse proxy, and let the proxy send the whole chain (fullchain.pem)."
        }
        TlsSource::Files(_) => {
            "Put a valid certificate with its whole chain into the file of SNUG_PUBLIC_TLS_CERT. Then start Snug again, or send it SIGHUP."
        }
        TlsSource::Acme(_) => {
            "Snug renews it by itself if the name leads to this machine and the internet reaches its ports 443 and 80. The log says what \
             failed."
        }
        TlsSource::Own(_) => "Start Snug again, so that it makes a new one.",
    }
}

#[cfg(test)]
mod tests {
    use super::super::site_facts::tests::{DAY_S, NOW_S, good_certificate};
    use super::*;
    use crate::model::health::HealthVerdict;

    fn judged(change: impl FnOnce(&mut PresentedCertificate)) -> HealthFinding {
        let mut presented = good_certificate();
        change(&mut presented);
        judge(
            &TlsLook::Presented(presented),
            "snug.example.org",
            &TlsSource::Elsewhere,
            NOW_S,
        )
    }

    #[test]
    fn each_fault_of_a_certificate_has_a_message_of_its_own() {
        assert_eq!(judged(|_| ()).verdict, HealthVerdict::Good);
        let expired = judged(|presented| presented.not_after_s = NOW_S - DAY_S);
        assert!(expired.message.contains("has expired on"), "{expired:?}");
        let early = judged(|presented| presented.not_before_s = NOW_S + DAY_S);
        assert!(early.message.contains("valid only from"), "{early:?}");
        let other = judged(|presented| presented.names = vec!["mail.example.org".into()]);
        assert!(
            other
                .message
                .contains("is for mail.example.org, and not for snug.example.org"),
            "{other:?}"
        );
        let unknown = judged(|presented| presented.trust = CertificateTrust::UnknownIssuer);
        assert!(unknown.message.contains("No authority"), "{unknown:?}");
        for finding in [expired, early, other, unknown] {
            assert_eq!(finding.verdict, HealthVerdict::Bad);
            assert!(!finding.advice.is_empty());
        }
    }

    #[test]
    fn a_certificate_that_expired_is_named_so_whoever_has_signed_it() {
        let finding = judged(|presented| {
            presented.not_after_s = NOW_S - DAY_S;
            presented.trust = CertificateTrust::UnknownIssuer;
        });
        assert!(finding.message.contains("has expired"), "{finding:?}");
    }

    #[test]
    fn a_certificate_that_should_have_been_renewed_is_a_warning() {
        let late = judged(|presented| presented.not_after_s = NOW_S + 2 * DAY_S + 5);
        assert_eq!(late.verdict, HealthVerdict::Warning);
        assert!(late.message.contains("only 2 days"), "{late:?}");
    }

    #[test]
    fn snug_s_own_certificate_is_good_although_nobody_has_signed_it() {
        let mut presented = good_certificate();
        presented.trust = CertificateTrust::UnknownIssuer;
        let source = TlsSource::Own(vec!["snug.example.org".into()]);
        let finding = judge(&TlsLook::Presented(presented), "snug.example.org", &source, NOW_S);
        assert_eq!(finding.verdict, HealthVerdict::Good);
    }

    #[test]
    fn a_stored_certificate_is_judged_with_the_last_failure() {
        let judged = |until, failure| judge_issued(until, failure, "snug.example.org", NOW_S);
        let none = judged(Ok(None), Some("port 80 is closed"));
        assert_eq!(none.verdict, HealthVerdict::Bad);
        assert!(
            none.message.contains("no certificate") && none.message.contains("port 80 is closed"),
            "{none:?}"
        );
        assert_eq!(judged(Ok(Some(NOW_S - 1)), None).verdict, HealthVerdict::Bad);
        assert_eq!(
            judged(Ok(Some(NOW_S + DAY_S)), Some("no")).verdict,
            HealthVerdict::Warning
        );
        assert_eq!(judged(Ok(Some(NOW_S + DAY_S)), None).verdict, HealthVerdict::Good);
        assert_eq!(judged(Err("junk".into()), None).verdict, HealthVerdict::Warning);
    }

    #[test]
    fn certificate_files_that_can_t_be_used_are_bad() {
        assert_eq!(
            judge_files(Err("can't read x".into()), None).verdict,
            HealthVerdict::Bad
        );
        assert_eq!(
            judge_files(Ok(vec!["it is for another name".into()]), None).verdict,
            HealthVerdict::Bad
        );
        assert_eq!(judge_files(Ok(vec![]), Some("no")).verdict, HealthVerdict::Bad);
        assert_eq!(judge_files(Ok(vec![]), None).verdict, HealthVerdict::Good);
    }
}
