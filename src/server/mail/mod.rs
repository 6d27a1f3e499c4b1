//! Sends e-mail through a mail server. For people who try Snug out, writes it into a folder instead. On a host without mail
//! settings, sends nothing.

mod counts;
mod failed_trial;
mod letter;
mod message;
mod outbox;
mod outbox_reader;
mod smtp;
mod smtp_trial;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, bail};

use crate::server::config::{MailBackend, MailConfig, SmtpUrl};
use counts::LetterCounts;

pub use counts::MailFigures;
pub use failed_trial::FailedTrial;
pub use letter::Letter;
pub use outbox_reader::StoredLetter;

/// Sends letters. Clones share one outbox or one connection to the mail server.
#[derive(Clone)]
pub struct Mail(Arc<Inner>);

struct Inner {
    from: String,
    transport: MailTransport,
    counts: Arc<LetterCounts>,
}

enum MailTransport {
    Outbox(outbox::Outbox),
    Smtp { queue: smtp::Smtp, url: SmtpUrl },
    Off,
}

impl Mail {
    /// Creates the folder of the outbox, or reads the address of the mail server. Does not connect to the mail server yet.
    ///
    /// # Errors
    /// If the folder can't be created, or the address of the sender or the server is not valid.
    pub fn open(config: &MailConfig, data_dir: &Path) -> anyhow::Result<Self> {
        let counts = Arc::<LetterCounts>::default();
        let transport = match &config.backend {
            MailBackend::Outbox => MailTransport::Outbox(outbox::Outbox::open(data_dir.join("outbox"))?),
            MailBackend::Smtp { url } => MailTransport::Smtp {
                queue: smtp::Smtp::open(url, smtp::RetryPolicy::default(), counts.clone())?,
                url: url.clone(),
            },
            MailBackend::None => MailTransport::Off,
        };
        message::check_sender(&config.from)?;
        Ok(Self(Arc::new(Inner {
            from: config.from.clone(),
            transport,
            counts,
        })))
    }

    /// Sends a letter. If letters go to the outbox, this function writes the file, prints `letter.terminal` to stdout, and then
    /// returns. If letters go to a mail server, this function returns at once, and a background task tries for some minutes to
    /// deliver the letter. If the delivery fails, only the log says so.
    ///
    /// # Errors
    /// If the letter can't be composed or written, if too many letters already wait for the mail server, or if mail is off (see
    /// [`Mail::is_off`]).
    pub async fn send(&self, letter: Letter) -> anyhow::Result<()> {
        let message = message::compose(&self.0.from, &letter).context("could not compose the letter")?;
        let sent = match &self.0.transport {
            MailTransport::Outbox(outbox) => outbox.write(message.formatted()).await.map(|()| {
                outbox::show(&letter.terminal);
                self.0.counts.sent.add(1);
            }),
            MailTransport::Smtp { queue, .. } => queue.post(message),
            MailTransport::Off => bail!("this Snug sends no e-mails (SNUG_MAIL_BACKEND is \"none\")"),
        };
        sent.inspect_err(|_| self.0.counts.refused.add(1))
    }

    /// What became of the letters since the start, and how many wait for the mail server now.
    pub fn read_figures(&self) -> MailFigures {
        let waiting = match &self.0.transport {
            MailTransport::Outbox(_) | MailTransport::Off => 0,
            MailTransport::Smtp { queue, .. } => queue.count_waiting(),
        };
        self.0.counts.with_waiting(waiting)
    }

    /// Sends a letter once, and waits until the mail server has taken or refused it: at most 20 seconds. Without a mail server, does what
    /// [`Mail::send`] does.
    ///
    /// # Errors
    /// Those of [`Mail::send`]. The inner error is the answer of the mail server.
    pub async fn try_out(&self, letter: Letter) -> anyhow::Result<Result<(), FailedTrial>> {
        let MailTransport::Smtp { url, .. } = &self.0.transport else {
            return self.send(letter).await.map(Ok);
        };
        let message = message::compose(&self.0.from, &letter).context("could not compose the letter")?;
        Ok(smtp_trial::deliver_once(url, &message).await)
    }

    /// Waits until no letter waits for the mail server, at most `within`. The server calls this when it stops: letters that are left are
    /// lost, and the log says how many.
    pub async fn finish(&self, within: Duration) {
        if let MailTransport::Smtp { queue, .. } = &self.0.transport {
            queue.finish(within).await;
        }
    }

    /// The newest letters in the outbox, the newest first. Empty if there is no outbox.
    pub async fn list_outbox(&self) -> Vec<StoredLetter> {
        match &self.0.transport {
            MailTransport::Outbox(outbox) => outbox.list_newest().await,
            MailTransport::Smtp { .. } | MailTransport::Off => Vec::new(),
        }
    }

    pub fn is_outbox(&self) -> bool {
        matches!(self.0.transport, MailTransport::Outbox(_))
    }

    /// Whether no letter can be sent. Then nobody signs in with a code or changes an address, and nobody gets a notice.
    pub fn is_off(&self) -> bool {
        matches!(self.0.transport, MailTransport::Off)
    }

    /// Where letters go, for the terminal: the rest of a line that begins with "Mail".
    pub fn describe(&self, data_dir: &Path) -> String {
        match &self.0.transport {
            MailTransport::Outbox(_) => format!(
                "is not sent: codes appear below, e-mails are stored in {}",
                data_dir.join("outbox").display()
            ),
            MailTransport::Smtp { .. } => "is sent by SMTP".to_owned(),
            MailTransport::Off => "is not set up: the owner link and links for guests work without it".to_owned(),
        }
    }
}

/// Tries the mail server of these settings: connects and logs in, and sends `letter` if there is one. Changes nothing here. `None` if the
/// settings name no mail server.
///
/// # Errors
/// If the letter can't be composed. The inner error is the answer of the mail server.
pub async fn try_server(
    config: &MailConfig,
    letter: Option<&Letter>,
) -> anyhow::Result<Option<Result<(), FailedTrial>>> {
    let MailBackend::Smtp { url } = &config.backend else {
        return Ok(None);
    };
    let compose = |letter: &Letter| message::compose(&config.from, letter);
    let message = letter
        .map(compose)
        .transpose()
        .context("could not compose the letter")?;
    Ok(Some(smtp_trial::try_once(url, message.as_ref()).await))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::user::EmailAddress, server::config::Config};

    fn letter(subject: &str, text: &str) -> Letter {
        Letter {
            to: EmailAddress::parse("ada@example.org").expect("an address"),
            subject: subject.into(),
            text: text.into(),
            html: format!("<p>{text}</p>"),
            terminal: "Code 123456".into(),
        }
    }

    fn open_outbox() -> (tempfile::TempDir, Mail) {
        let data_dir = tempfile::tempdir().expect("a folder");
        let config = Config::for_tests(data_dir.path());
        let mail = Mail::open(&config.mail, data_dir.path()).expect("an outbox");
        (data_dir, mail)
    }

    #[tokio::test]
    async fn a_letter_is_one_eml_file_and_leaves_no_other_files() {
        let (data_dir, mail) = open_outbox();
        mail.send(letter("Your code", "Your code is 123456."))
            .await
            .expect("sent");
        let files: Vec<_> = std::fs::read_dir(data_dir.path().join("outbox"))
            .expect("the folder")
            .collect();
        assert_eq!(files.len(), 1);
        let path = files[0].as_ref().expect("a file").path();
        assert_eq!(path.extension().and_then(|ending| ending.to_str()), Some("eml"));
        let text = std::fs::read_to_string(path).expect("a letter");
        assert!(text.contains("\r\nTo: ada@example.org\r\n"), "{text}");
    }

    #[tokio::test]
    async fn a_sent_letter_is_listed_in_the_outbox() {
        let (_data_dir, mail) = open_outbox();
        mail.send(letter("Your code", "Grüße: 123456")).await.expect("sent");
        let listed = mail.list_outbox().await;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].subject, "Your code");
        assert_eq!(
            (listed[0].to.as_str(), listed[0].text.as_str()),
            ("ada@example.org", "Grüße: 123456")
        );
        assert!(mail.is_outbox());
        assert_eq!((mail.read_figures().sent, mail.read_figures().waiting), (1, 0));
    }

    #[tokio::test]
    async fn without_a_backend_no_letter_is_sent_or_stored() {
        let data_dir = tempfile::tempdir().expect("a folder");
        let config = MailConfig {
            backend: MailBackend::None,
            from: "snug@example.org".into(),
        };
        let mail = Mail::open(&config, data_dir.path()).expect("nothing to open");
        assert!(mail.is_off() && !mail.is_outbox());
        assert!(mail.send(letter("Your code", "123456")).await.is_err());
        assert!(mail.list_outbox().await.is_empty());
        assert_eq!(std::fs::read_dir(data_dir.path()).expect("the folder").count(), 0);
    }

    #[tokio::test]
    async fn an_invalid_sender_is_an_error_at_the_start() {
        let data_dir = tempfile::tempdir().expect("a folder");
        let config = MailConfig {
            backend: MailBackend::Outbox,
            from: "nobody".into(),
        };
        assert!(Mail::open(&config, data_dir.path()).is_err());
    }
}
