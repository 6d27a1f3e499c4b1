//! Sends e-mail through a mail server. For people who try Snug out, writes it into a folder instead.

mod counts;
mod letter;
mod message;
mod outbox;
mod outbox_reader;
mod smtp;

use std::{path::Path, sync::Arc};

use anyhow::Context;

use crate::server::config::{MailBackend, MailConfig};
use counts::LetterCounts;

pub use counts::MailFigures;
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
    Smtp(smtp::Smtp),
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
            MailBackend::Smtp { url } => {
                let retry = smtp::RetryPolicy::default();
                MailTransport::Smtp(smtp::Smtp::open(url, retry, counts.clone())?)
            }
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
    /// If the letter can't be composed or written, or if too many letters already wait for the mail server.
    pub async fn send(&self, letter: Letter) -> anyhow::Result<()> {
        let message = message::compose(&self.0.from, &letter).context("could not compose the letter")?;
        let sent = match &self.0.transport {
            MailTransport::Outbox(outbox) => outbox.write(message.formatted()).await.map(|()| {
                outbox::show(&letter.terminal);
                self.0.counts.sent.add(1);
            }),
            MailTransport::Smtp(smtp) => smtp.post(message),
        };
        sent.inspect_err(|_| self.0.counts.refused.add(1))
    }

    /// What became of the letters since the start, and how many wait for the mail server now.
    pub fn read_figures(&self) -> MailFigures {
        let waiting = match &self.0.transport {
            MailTransport::Outbox(_) => 0,
            MailTransport::Smtp(smtp) => smtp.count_waiting(),
        };
        self.0.counts.with_waiting(waiting)
    }

    /// The newest letters in the outbox, the newest first. Empty if letters go to a mail server.
    pub async fn list_outbox(&self) -> Vec<StoredLetter> {
        match &self.0.transport {
            MailTransport::Outbox(outbox) => outbox.list_newest().await,
            MailTransport::Smtp(_) => Vec::new(),
        }
    }

    pub fn is_outbox(&self) -> bool {
        matches!(self.0.transport, MailTransport::Outbox(_))
    }
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
    async fn an_invalid_sender_is_an_error_at_the_start() {
        let data_dir = tempfile::tempdir().expect("a folder");
        let config = MailConfig {
            backend: MailBackend::Outbox,
            from: "nobody".into(),
        };
        assert!(Mail::open(&config, data_dir.path()).is_err());
    }
}
