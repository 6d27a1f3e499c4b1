//! Why a letter could not be sent to the mail server, as a sentence for the person who sets it up.

use std::fmt;

use lettre::transport::smtp::Error;

/// What is done one after the other to send a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialStep {
    LookUp,
    Connect,
    Encrypt,
    Greet,
    LogIn,
    Sender,
    Recipient,
    Letter,
}

/// What went wrong in a step.
#[derive(Debug)]
pub(super) enum TrialFault {
    Io(std::io::Error),
    Smtp(Error),
    /// No answer in time.
    Late,
}

impl From<std::io::Error> for TrialFault {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Error> for TrialFault {
    fn from(error: Error) -> Self {
        Self::Smtp(error)
    }
}

/// A trial that failed. Its `Display` output says what happened and what to do. It has the codes of the server's reply and not its text,
/// which could repeat an address or a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTrial {
    pub step: TrialStep,
    host: String,
    port: u16,
    /// The address of the sender of letters.
    sender: String,
    /// The status code of the reply and, if there is one, the enhanced code (RFC 3463), such as "535 5.7.8".
    pub reply: Option<String>,
    /// Whether the server may take the letter later (a 4xx reply).
    is_transient: bool,
    is_refused_connection: bool,
    /// Whether the server does not offer what the step needs: STARTTLS, or a way to log in.
    is_not_offered: bool,
}

impl FailedTrial {
    pub(super) fn new(step: TrialStep, fault: TrialFault, host: String, port: u16, sender: String) -> Self {
        let smtp = match &fault {
            TrialFault::Smtp(error) => Some(error),
            TrialFault::Io(_) | TrialFault::Late => None,
        };
        Self {
            step,
            host,
            port,
            sender,
            reply: smtp.and_then(codes_of),
            is_transient: smtp.is_some_and(Error::is_transient),
            is_refused_connection: matches!(&fault, TrialFault::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused),
            is_not_offered: smtp.is_some_and(Error::is_client),
        }
    }

    /// The codes of the reply in brackets.
    fn reply(&self) -> String {
        self.reply
            .as_ref()
            .map_or_else(String::new, |codes| format!(" ({codes})"))
    }

    fn sentence(&self) -> String {
        let (host, reply) = (&self.host, self.reply());
        let place = format!("{host}, port {},", self.port);
        match self.step {
            TrialStep::LookUp => format!("The name {host} can't be found. Check the host in SNUG_MAIL_SMTP_URL."),
            TrialStep::Connect if self.is_refused_connection => format!(
                "{place} refuses the connection: no mail server listens there. Check the host and the port in SNUG_MAIL_SMTP_URL."
            ),
            TrialStep::Connect => format!(
                "{place} does not answer. Check the host and the port in SNUG_MAIL_SMTP_URL, and whether your provider blocks this port."
            ),
            TrialStep::Encrypt if self.is_not_offered => {
                format!("{place} offers no encryption (STARTTLS). Use smtps:// in SNUG_MAIL_SMTP_URL, or another port.")
            }
            TrialStep::Encrypt => format!(
                "{place} answers, but the encrypted connection (TLS) fails. smtps:// is for port 465, and ?tls=required for port 587. If \
                 these are right, the certificate of the mail server is not valid for {host}."
            ),
            TrialStep::Greet => format!(
                "{place} answers, but not as a mail server{reply}. Check the port in SNUG_MAIL_SMTP_URL: smtps:// is for port 465."
            ),
            TrialStep::LogIn if self.is_not_offered => {
                format!(
                    "{host} offers no way to log in on this connection. Most mail servers want TLS first: use smtps:// or ?tls=required."
                )
            }
            _ if self.reply.is_none() => format!("{place} stopped answering before it took the letter. Try again."),
            TrialStep::LogIn => format!(
                "The mail server refuses the user name or the password{reply}. Check both in SNUG_MAIL_SMTP_URL: write %40 for @, %3A for \
                 :, %2F for / and %25 for %."
            ),
            TrialStep::Sender if reply.contains("530") => {
                format!("The mail server wants a user name and a password{reply}. Add them to SNUG_MAIL_SMTP_URL.")
            }
            TrialStep::Sender => format!(
                "The mail server does not accept {} as the sender{reply}. Set SNUG_MAIL_FROM to an address that you may use there.",
                self.sender
            ),
            TrialStep::Recipient if self.is_transient => {
                format!("The mail server does not take the letter yet{reply}. Try again in a few minutes.")
            }
            TrialStep::Recipient => {
                format!("The mail server does not take letters to this address{reply}. Try another address.")
            }
            TrialStep::Letter => format!(
                "The mail server refuses the letter{reply}. Ask the people who run the mail server why, or set another sender in \
                 SNUG_MAIL_FROM."
            ),
        }
    }
}

impl fmt::Display for FailedTrial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

/// The codes in the server's reply; `None` if the error is not a reply.
fn codes_of(error: &Error) -> Option<String> {
    use std::error::Error as _;

    let status = error.status()?;
    let text = error.source().map(|text| text.to_string()).unwrap_or_default();
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_enhanced = first.split('.').count() == 3
        && first
            .split('.')
            .all(|part| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit()));
    Some(match is_enhanced {
        true => format!("{status} {first}"),
        false => status.to_string(),
    })
}
