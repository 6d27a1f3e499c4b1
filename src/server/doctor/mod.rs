//! Examines this Snug: finds what keeps people from opening it or hearing each other, and what could lose their data. The doctor
//! changes nothing.
//!
//! Each file has one group of checks: a function that looks, and pure functions that judge what was found. A cause comes before its
//! consequences: first what keeps the server from running, then the way to it, then voices and mail.

mod backups;
mod certificate;
mod clock_check;
mod mail_server;
mod one_request;
mod own_addresses;
pub mod probe;
mod proxy;
mod running_server;
mod site_facts;
mod site_findings;
mod site_look;
mod storage;
mod system_limits;
mod voice_port;

use super::{
    clock::Clock,
    config::{Config, TlsSource},
    keyring::Keyring,
};
use crate::model::{
    health::{HealthFinding, HealthReport},
    user::EmailAddress,
};
use running_server::ServerLook;
use site_facts::SiteFacts;
use voice_port::VoiceTarget;

/// What the doctor does besides its checks.
#[derive(Clone, Debug, Default)]
pub struct ExamineOptions {
    /// Send a test letter to this address.
    pub mail_to: Option<EmailAddress>,
}

/// Examines the Snug with this configuration, which should be that of `snug serve`. If the server does not run, the checks that need it
/// say so. Takes up to half a minute if nothing answers.
pub async fn examine(config: &Config, options: &ExamineOptions) -> HealthReport {
    let now_s = Clock::default().now_s();
    let (keyring, of_keyring) = storage::open_keyring(config);
    let keyring = keyring.as_ref();
    let around = async {
        let server = running_server::look(config, keyring, now_s).await;
        let site = look_outside(config, keyring, &server, now_s).await;
        (server, site)
    };
    let ((server, site), clock, mail) = tokio::join!(
        around,
        clock_check::check(config, now_s),
        mail_server::check(config, options.mail_to.as_ref()),
    );
    let (answers, reaches_itself) = site.as_ref().map_or((false, false), |site| {
        (site.answers(), site.reaches_itself_through_router())
    });
    let facts = server.facts();
    let own = own_addresses::OwnAddresses::read();
    let target = voice_target(config, &server, answers);
    let voices = voice_port::check(config, keyring, target, &own, reaches_itself).await;
    let certificate_failure = facts.and_then(|facts| facts.certificate_failure.as_deref());
    let backup_failure = facts.and_then(|facts| facts.backup_failure.as_deref());
    let stored = certificate::check_stored(config, certificate_failure, now_s);
    let of_server = running_server::judge(&server, answers, &listens(config));
    let of_site = match &site {
        Some(site) => site_findings::judge(site),
        None => vec![local_only(config)],
    };

    let mut findings = storage::check(config);
    findings.extend(of_keyring);
    findings.push(clock);
    findings.extend(with_stored_certificate(config, stored, of_server, of_site));
    findings.extend(voices);
    findings.push(mail);
    findings.push(backups::check(config, backup_failure));
    findings.extend(system_limits::check(facts.map(|facts| facts.files)));
    HealthReport::new(findings)
}

/// Puts the finding about the stored certificate before its consequences, and after its causes. Snug does not start with wrong files, so
/// these come first. An authority gives no certificate if the name or a port is wrong, so this comes last.
fn with_stored_certificate(
    config: &Config,
    stored: Option<HealthFinding>,
    of_server: Vec<HealthFinding>,
    of_site: Vec<HealthFinding>,
) -> Vec<HealthFinding> {
    let mut findings = [of_server, of_site].concat();
    let before = match config.tls {
        TlsSource::Acme(_) => findings.iter().position(|finding| finding.check == certificate::CHECK),
        _ => Some(0),
    };
    if let Some(stored) = stored {
        findings.insert(before.unwrap_or(findings.len()), stored);
    }
    findings
}

/// What is wrong with a configuration, before anything can be examined.
pub fn report_problems(problems: &[String]) -> HealthReport {
    let bad = |problem: &String| {
        let advice = "Correct the setting. snug config print lists all of them, and snug config check checks yours.";
        HealthFinding::bad("configuration", problem, advice)
    };
    HealthReport::new(problems.iter().map(bad).collect())
}

/// `report` with a finding about the configuration: its warnings, or that it is valid.
pub fn with_warnings(report: HealthReport, warnings: &[String]) -> HealthReport {
    let warn = |warning: &String| {
        HealthFinding::warning("configuration", warning, "Correct the setting, and start Snug again.")
    };
    let mut findings: Vec<HealthFinding> = warnings.iter().map(warn).collect();
    if findings.is_empty() {
        findings.push(HealthFinding::good("configuration", "The configuration is valid."));
    }
    findings.extend(report.findings);
    HealthReport::new(findings)
}

/// Looks from outside, if people elsewhere can open the public URL at all.
async fn look_outside(
    config: &Config,
    keyring: Option<&Keyring>,
    server: &ServerLook,
    now_s: i64,
) -> Option<SiteFacts> {
    match config.public_url.is_loopback() {
        true => None,
        false => Some(site_look::look(config, keyring, server.is_running(), now_s).await),
    }
}

fn local_only(config: &Config) -> HealthFinding {
    HealthFinding::warning(
        "public_url",
        format!(
            "Only this machine can open this Snug: its address is {}.",
            config.public_url.origin()
        ),
        "Set SNUG_PUBLIC_URL to the https:// address that people open, or start snug serve --domain NAME or snug serve --lan.",
    )
}

/// Where browsers send voices, as the server says. If the server runs but answers only through the public URL, this is as the
/// configuration says.
fn voice_target(config: &Config, server: &ServerLook, answers_outside: bool) -> Option<VoiceTarget> {
    if let Some(facts) = server.facts() {
        return Some(VoiceTarget {
            udp_port: facts.udp_port,
            tcp_port: facts.tcp_port,
            addresses: facts.advertised.clone(),
        });
    }
    let voice = &config.voice;
    let is_known = answers_outside && voice.udp_port != 0 && !voice.advertise.addresses.is_empty();
    is_known.then(|| VoiceTarget {
        udp_port: voice.udp_port,
        tcp_port: voice.tcp_port.filter(|port| *port != 0),
        addresses: voice.advertise.addresses.clone(),
    })
}

fn listens(config: &Config) -> String {
    let addresses: Vec<String> = config.listen.site.iter().map(ToString::to_string).collect();
    addresses.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::health::HealthVerdict,
        server::config::{AcmeConfig, CertificateFiles},
    };

    #[test]
    fn each_problem_of_the_configuration_is_a_bad_finding() {
        let problems = [
            "snug.public.url is wrong.".to_owned(),
            "snug.mail.from is wrong.".to_owned(),
        ];
        let report = report_problems(&problems);
        assert!(report.has_bad());
        let messages: Vec<&str> = report.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, problems);
    }

    #[test]
    fn warnings_of_the_configuration_are_findings_too() {
        let fine = with_warnings(HealthReport::default(), &[]);
        assert_eq!(fine.findings[0].verdict, HealthVerdict::Good);
        let warned = with_warnings(HealthReport::default(), &["a key is unknown.".to_owned()]);
        assert_eq!(warned.findings[0].verdict, HealthVerdict::Warning);
    }

    #[test]
    fn a_certificate_of_an_authority_comes_after_what_keeps_it_away_and_files_come_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::for_tests(folder.path());
        let order = |config: &Config, of_site: &[&str]| {
            let finding = |check: &&str| HealthFinding::bad(check, "It is wrong.", "Correct it.");
            let of_site = of_site.iter().map(finding).collect();
            let stored = Some(finding(&"certificate_file"));
            let findings = with_stored_certificate(config, stored, vec![finding(&"server")], of_site);
            let names: Vec<String> = findings.into_iter().map(|finding| finding.check).collect();
            names.join(" ")
        };
        config.tls = TlsSource::Acme(AcmeConfig {
            domains: vec!["snug.example.org".into()],
            directory: "https://ca.example/".into(),
            ca: None,
            contact: None,
        });
        assert_eq!(order(&config, &["dns"]), "server dns certificate_file");
        assert_eq!(
            order(&config, &["dns", "certificate"]),
            "server dns certificate_file certificate"
        );
        config.tls = TlsSource::Files(CertificateFiles {
            cert: "cert.pem".into(),
            key: "key.pem".into(),
        });
        assert_eq!(order(&config, &["dns"]), "certificate_file server dns");
    }

    #[tokio::test]
    async fn a_new_snug_that_does_not_run_is_bad_and_nothing_is_created() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::for_tests(&folder.path().join("data"));
        // Another test may have a server at the default address.
        config.listen.site = vec![([127, 0, 0, 1], 1).into()];
        let report = examine(&config, &ExamineOptions::default()).await;
        let first = &report.findings[0];
        assert_eq!(
            (first.check.as_str(), first.verdict),
            ("server", HealthVerdict::Bad),
            "{report:?}"
        );
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
        let mut names: Vec<&str> = report.findings.iter().map(|finding| finding.check.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), report.findings.len(), "each check has a name of its own");
    }
}
