//! Checks the mail server: connects, logs in, and sends a test letter if somebody wants one.

use crate::{
    model::{health::HealthFinding, user::EmailAddress},
    server::{
        config::{Config, MailBackend},
        mail::{Letter, try_server},
    },
};

const CHECK: &str = "mail";

/// Tries the mail server. Sends a letter only if there is an address for it.
pub async fn check(config: &Config, to: Option<&EmailAddress>) -> HealthFinding {
    let letter = to.map(|to| test_letter(to, config.public_url.host()));
    match try_server(&config.mail, letter.as_ref()).await {
        Ok(Some(Ok(()))) => judge_sent(to),
        Ok(Some(Err(failed))) => judge_failed(&failed.to_string()),
        Ok(None) => judge_without_server(&config.mail.backend, to.is_some()),
        Err(error) => HealthFinding::bad(
            CHECK,
            format!("The test letter can't be written: {error:#}."),
            "Correct the sender, SNUG_MAIL_FROM.",
        ),
    }
}

fn judge_sent(to: Option<&EmailAddress>) -> HealthFinding {
    match to {
        Some(to) => HealthFinding::good(
            CHECK,
            format!(
                "The mail server has taken a letter to {}. Look whether it arrives.",
                to.as_str()
            ),
        ),
        None => HealthFinding::good(CHECK, "The mail server answers, and the login works."),
    }
}

/// The sentence of a failed trial has the advice after its first full stop.
fn judge_failed(sentence: &str) -> HealthFinding {
    let (message, advice) = sentence
        .split_once(". ")
        .unwrap_or((sentence.trim_end_matches('.'), ""));
    HealthFinding::bad(CHECK, format!("{message}."), advice)
}

fn judge_without_server(backend: &MailBackend, wants_letter: bool) -> HealthFinding {
    let advice = "Set SNUG_MAIL_SMTP_URL to the address of your mail server, and start Snug again.";
    match backend {
        MailBackend::Outbox if wants_letter => HealthFinding::bad(
            CHECK,
            "No letter was sent: letters stay in the outbox on this machine.",
            advice,
        ),
        MailBackend::None if wants_letter => {
            HealthFinding::bad(CHECK, "No letter was sent: this Snug has no mail server.", advice)
        }
        MailBackend::Outbox => HealthFinding::good(
            CHECK,
            "Letters stay in the outbox on this machine, which only owners read.",
        ),
        MailBackend::None => HealthFinding::skipped(
            CHECK,
            "Snug sends no e-mails, because it has no mail server. People come in by links.",
            advice,
        ),
        // The trial has an answer in this case.
        MailBackend::Smtp { .. } => HealthFinding::skipped(CHECK, "The mail server was not tried.", advice),
    }
}

/// The letter has only the host of this Snug, because a name could have characters that mean something in HTML.
fn test_letter(to: &EmailAddress, host: &str) -> Letter {
    let text = format!(
        "This is a test. It shows that the Snug at {host} can send e-mails, such as codes to sign in. The command snug doctor has sent it. \
         You don't have to do anything."
    );
    Letter {
        to: to.clone(),
        subject: format!("A test letter from {host}"),
        html: format!("<p>{text}</p>"),
        text: text + "\n",
        terminal: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::health::HealthVerdict, server::config::SmtpUrl};

    #[tokio::test]
    async fn a_mail_server_that_refuses_the_connection_is_bad_and_the_advice_is_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::for_tests(folder.path());
        let url = SmtpUrl::parse("smtp://u:hunter2@127.0.0.1:1").expect("an address");
        config.mail.backend = MailBackend::Smtp { url };
        let finding = check(&config, None).await;
        assert_eq!((finding.check.as_str(), finding.verdict), ("mail", HealthVerdict::Bad));
        assert!(
            finding.message.contains("127.0.0.1, port 1, refuses the connection"),
            "{finding:?}"
        );
        assert!(
            finding
                .advice
                .starts_with("Check the host and the port in SNUG_MAIL_SMTP_URL"),
            "{finding:?}"
        );
        assert!(!format!("{finding:?}").contains("hunter2"));
    }

    #[test]
    fn a_reply_with_codes_stays_in_the_message() {
        let finding = judge_failed(
            "The mail server refuses the user name or the password (535 5.7.8). Check both in SNUG_MAIL_SMTP_URL.",
        );
        assert_eq!(
            finding.message,
            "The mail server refuses the user name or the password (535 5.7.8)."
        );
        assert_eq!(finding.advice, "Check both in SNUG_MAIL_SMTP_URL.");
    }

    #[tokio::test]
    async fn without_a_mail_server_nothing_is_written_and_a_wanted_letter_is_bad() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config::for_tests(folder.path());
        let to = EmailAddress::parse("ada@example.org").expect("an address");
        assert_eq!(check(&config, None).await.verdict, HealthVerdict::Good);
        assert_eq!(check(&config, Some(&to)).await.verdict, HealthVerdict::Bad);
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
        assert_eq!(
            judge_without_server(&MailBackend::None, false).verdict,
            HealthVerdict::Skipped
        );
        assert_eq!(
            judge_without_server(&MailBackend::None, true).verdict,
            HealthVerdict::Bad
        );
    }
}
