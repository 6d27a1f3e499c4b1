//! Tries the mail server with one letter, step by step, so that a failure names its step. The letters to people go another way (`smtp.rs`),
//! which tries again and tells only the log.

use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::{Data, Mail, Rcpt},
    extension::ClientId,
};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

use super::failed_trial::{FailedTrial, TrialFault, TrialStep};
use crate::model::percent_encoding::decode;
use crate::server::config::SmtpUrl;

/// Longer than a mail server needs, and shorter than a person waits for a page.
const LIMIT: Duration = Duration::from_secs(20);

/// What the address of a mail server says, with the same defaults as in lettre.
struct SmtpServer {
    host: String,
    port: u16,
    encryption: Encryption,
    login: Option<Credentials>,
    hello: ClientId,
}

#[derive(Clone, Copy, PartialEq)]
enum Encryption {
    FromTheStart,
    Required,
    IfOffered,
    Never,
}

/// Sends the message, and waits for the answer of the mail server.
///
/// # Errors
/// The step that failed. If the address can't be read, it is the step in which the host is looked up.
pub(super) async fn deliver_once(url: &SmtpUrl, message: &Message) -> Result<(), FailedTrial> {
    try_once(url, Some(message)).await
}

/// Connects and logs in. Then sends the message, if there is one, and waits for the answer of the mail server.
///
/// # Errors
/// Those of [`deliver_once`].
pub(super) async fn try_once(url: &SmtpUrl, message: Option<&Message>) -> Result<(), FailedTrial> {
    let mut step = TrialStep::LookUp;
    let sender = message.and_then(|message| message.envelope().from());
    let sender = sender.map(ToString::to_string).unwrap_or_default();
    let Some(server) = SmtpServer::parse(url) else {
        return Err(FailedTrial::new(step, TrialFault::Late, String::new(), 0, sender));
    };
    let fault = match timeout(LIMIT, server.deliver(message, &mut step)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(fault)) => fault,
        Err(_) => TrialFault::Late,
    };
    Err(FailedTrial::new(step, fault, server.host, server.port, sender))
}

impl SmtpServer {
    fn parse(url: &SmtpUrl) -> Option<Self> {
        let url = Url::parse(url.expose()).ok()?;
        let tls = url.query_pairs().find(|(key, _)| key == "tls");
        let tls = tls.map(|(_, value)| value.into_owned());
        let (encryption, port) = match (url.scheme(), tls.as_deref()) {
            ("smtps", _) => (Encryption::FromTheStart, 465),
            (_, Some("required")) => (Encryption::Required, 587),
            (_, Some(_)) => (Encryption::IfOffered, 587),
            (_, None) => (Encryption::Never, 25),
        };
        let login = match url.password() {
            Some(password) => Some(Credentials::new(decode(url.username())?, decode(password)?)),
            None => None,
        };
        let hello = match url.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        Some(Self {
            host: url.host_str()?.to_owned(),
            port: url.port().unwrap_or(port),
            encryption,
            login,
            hello,
        })
    }

    /// `step` is always the step that is being done.
    async fn deliver(&self, message: Option<&Message>, step: &mut TrialStep) -> Result<(), TrialFault> {
        let place = (self.host.as_str(), self.port);
        drop(lookup_host(place).await?);
        *step = TrialStep::Connect;
        // lettre does not tell a refused connection from a failed handshake, so we connect once without it.
        drop(TcpStream::connect(place).await?);
        let mut connection = self.open(step).await?;
        if let Some(login) = &self.login {
            *step = TrialStep::LogIn;
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        let Some(message) = message else {
            connection.abort().await;
            return Ok(());
        };
        let envelope = message.envelope();
        *step = TrialStep::Sender;
        connection.command(Mail::new(envelope.from().cloned(), vec![])).await?;
        *step = TrialStep::Recipient;
        for to in envelope.to() {
            connection.command(Rcpt::new(to.clone(), vec![])).await?;
        }
        *step = TrialStep::Letter;
        connection.command(Data).await?;
        connection.message(&message.formatted()).await?;
        connection.abort().await;
        Ok(())
    }

    /// Connects, and encrypts the connection as the address says.
    async fn open(&self, step: &mut TrialStep) -> Result<AsyncSmtpConnection, TrialFault> {
        let tls = || TlsParameters::new(self.host.clone());
        let from_the_start = match self.encryption {
            Encryption::FromTheStart => {
                *step = TrialStep::Encrypt;
                Some(tls()?)
            }
            Encryption::Required | Encryption::IfOffered | Encryption::Never => {
                *step = TrialStep::Greet;
                None
            }
        };
        let place = (self.host.as_str(), self.port);
        let opened = AsyncSmtpConnection::connect_tokio1(place, None, &self.hello, from_the_start, None).await;
        if opened.as_ref().is_err_and(is_answer) {
            *step = TrialStep::Greet;
        }
        let mut connection = opened?;
        let encrypts = match self.encryption {
            Encryption::Required => true,
            Encryption::IfOffered => connection.can_starttls(),
            Encryption::FromTheStart | Encryption::Never => false,
        };
        if encrypts {
            *step = TrialStep::Encrypt;
            connection.starttls(tls()?, &self.hello).await?;
        }
        Ok(connection)
    }
}

/// Whether the server has answered, so that the connection itself works.
fn is_answer(error: &Error) -> bool {
    error.is_response() || error.status().is_some()
}

#[cfg(test)]
mod tests {
    use super::super::{letter::Letter, message::compose};
    use super::*;
    use crate::model::user::EmailAddress;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    /// Starts a mail server that refuses the command that begins with `refused` with this reply, and returns its address without scheme.
    async fn start(refused: &'static str, reply: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, refused, reply));
            }
        });
        address.to_string()
    }

    /// The server's side of one connection (RFC 5321 and RFC 4954).
    async fn converse(stream: TcpStream, refused: &'static str, reply: &'static str) -> Option<()> {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let greeting = if refused == "GREETING" { reply } else { "220 test" };
        writer.write_all(format!("{greeting}\r\n").as_bytes()).await.ok()?;
        let mut is_letter = false;
        while let Some(line) = lines.next_line().await.ok()? {
            let answer = match line.split([' ', ':']).next()? {
                _ if is_letter && line != "." => continue,
                "." if is_letter => {
                    is_letter = false;
                    if refused == "." { reply } else { "250 taken" }
                }
                command if command == refused => reply,
                "EHLO" => "250-test\r\n250 AUTH PLAIN",
                "AUTH" => "235 welcome",
                "DATA" => {
                    is_letter = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }

    /// What a trial with the mail server at this address says; `None` if the letter was sent.
    async fn sentence(url: &str) -> Option<String> {
        let letter = Letter {
            to: EmailAddress::parse("ada@example.org").expect("an address"),
            subject: "A test letter".into(),
            text: "It works.".into(),
            html: "<p>It works.</p>".into(),
            terminal: String::new(),
        };
        let message = compose("Snug <snug@example.org>", &letter).expect("a message");
        let url = SmtpUrl::parse(url).expect("an address");
        let failed = deliver_once(&url, &message).await.err();
        failed.map(|failed| failed.to_string())
    }

    #[tokio::test]
    async fn each_step_that_fails_has_a_sentence_of_its_own() {
        for (refused, reply, words) in [
            ("GREETING", "554 5.3.2 not here", "not as a mail server (554 5.3.2)"),
            (
                "AUTH",
                "535 5.7.8 hunter2 is wrong",
                "user name or the password (535 5.7.8)",
            ),
            (
                "MAIL",
                "553 5.7.1 not yours",
                "snug@example.org as the sender (553 5.7.1)",
            ),
            (
                "MAIL",
                "530 5.7.0 log in first",
                "wants a user name and a password (530 5.7.0)",
            ),
            ("RCPT", "550 <ada@example.org> unknown", "to this address (550)"),
            (
                "RCPT",
                "450 4.2.0 greylisted",
                "does not take the letter yet (450 4.2.0)",
            ),
            ("DATA", "554 5.7.1 no", "refuses the letter (554 5.7.1)"),
            (".", "554 5.7.1 looks like spam", "refuses the letter (554 5.7.1)"),
        ] {
            let server = start(refused, reply).await;
            let said = sentence(&format!("smtp://u:hunter2@{server}")).await.expect(reply);
            assert!(said.contains(words), "{reply}: {said}");
            for secret in ["hunter2", "ada@example.org"] {
                assert!(!said.contains(secret), "{said}");
            }
        }
    }

    #[tokio::test]
    async fn without_a_letter_the_login_is_tried_and_nothing_is_sent() {
        let try_login = async |refused, reply| {
            let server = start(refused, reply).await;
            let url = SmtpUrl::parse(&format!("smtp://u:p@{server}")).expect("an address");
            try_once(&url, None).await.err().map(|failed| failed.step)
        };
        assert_eq!(try_login("MAIL", "554 5.7.1 never").await, None);
        assert_eq!(try_login("AUTH", "535 5.7.8 wrong").await, Some(TrialStep::LogIn));
    }

    #[tokio::test]
    async fn a_letter_that_the_server_takes_is_sent() {
        let server = start("nothing", "").await;
        assert_eq!(sentence(&format!("smtp://{server}")).await, None);
        assert_eq!(sentence(&format!("smtp://u:p@{server}?tls=opportunistic")).await, None);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_or_does_not_encrypt_is_named() {
        let refused = sentence("smtp://127.0.0.1:1").await.expect("nobody listens");
        assert!(
            refused.contains("127.0.0.1, port 1, refuses the connection"),
            "{refused}"
        );
        let server = start("nothing", "").await;
        let plain = sentence(&format!("smtps://{server}")).await.expect("no TLS");
        assert!(plain.contains("(TLS) fails"), "{plain}");
        let without = sentence(&format!("smtp://{server}?tls=required"))
            .await
            .expect("no STARTTLS");
        assert!(without.contains("offers no encryption (STARTTLS)"), "{without}");
        let unknown = sentence("smtps://mail.invalid").await.expect("no such name");
        assert!(unknown.contains("mail.invalid can't be found"), "{unknown}");
    }

    #[tokio::test]
    async fn a_server_that_offers_no_login_is_named() {
        let server = start("EHLO", "250 test").await;
        let said = sentence(&format!("smtp://u:p@{server}")).await.expect("no login");
        assert!(said.contains("offers no way to log in"), "{said}");
    }
}
