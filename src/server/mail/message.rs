//! Turns a letter into a message (RFC 5322) that contains the text twice: as plain text and as HTML.

use std::hash::{BuildHasher, Hasher, RandomState};

use anyhow::{Context, anyhow};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::letter::Letter;
use crate::model::user::EmailAddress;
use crate::server::config::split_sender;

pub(super) fn check_sender(from: &str) -> anyhow::Result<()> {
    sender(from).map(drop)
}

pub(super) fn compose(from: &str, letter: &Letter) -> anyhow::Result<Message> {
    let (from, domain) = sender(from)?;
    let body = MultiPart::alternative()
        .singlepart(part(ContentType::TEXT_PLAIN, &letter.text)?)
        .singlepart(part(ContentType::TEXT_HTML, &letter.html)?);
    Message::builder()
        .from(from)
        .to(mailbox(None, &letter.to)?)
        .subject(letter.subject.as_str())
        .date_now()
        .message_id(Some(format!("<{:016x}{:016x}@{domain}>", random(), random())))
        .raw_header(sent_by_a_machine())
        .multipart(body)
        .context("could not put the parts of the letter together")
}

/// The sender's mailbox, and its domain.
fn sender(from: &str) -> anyhow::Result<(Mailbox, String)> {
    let (name, address) =
        split_sender(from).ok_or_else(|| anyhow!("the sender of letters (snug.mail.from) is not an e-mail address"))?;
    Ok((mailbox(name, &address)?, address.domain().to_owned()))
}

fn mailbox(name: Option<&str>, address: &EmailAddress) -> anyhow::Result<Mailbox> {
    let address: Address = address
        .as_str()
        .parse()
        .context("this address can't be used in a letter")?;
    Ok(Mailbox::new(name.map(str::to_owned), address))
}

/// The part of the message for one version of the text. We choose the encoding ourselves: lettre would choose base64 for text with
/// few ASCII letters, and neither people nor tests can read base64 in a file of the outbox.
fn part(content_type: ContentType, text: &str) -> anyhow::Result<SinglePart> {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    let body = if is_seven_bit(&text) {
        Ok(Body::dangerous_pre_encoded(
            text.into_bytes(),
            ContentTransferEncoding::SevenBit,
        ))
    } else {
        Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable)
    };
    let body = body.map_err(|_| anyhow!("the text can't be encoded as quoted-printable"))?;
    Ok(SinglePart::builder().header(content_type).body(body))
}

/// Whether the text can be sent without any encoding (RFC 2045 section 2.7). Quoted-printable would break every line, even inside a
/// link, after 76 characters, and nobody could copy a broken link from a file of the outbox.
fn is_seven_bit(text: &str) -> bool {
    let is_plain = |line: &str| line.len() <= 998 && line.bytes().all(|b| (b' '..=b'~').contains(&b) || b == b'\t');
    text.split("\r\n").all(is_plain)
}

/// The header that says that no person wrote this message, so that mailboxes send no "I am on holiday" replies (RFC 3834 section 5).
fn sent_by_a_machine() -> HeaderValue {
    HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".into(),
    )
}

/// A random number for names that must differ. It is too predictable for secrets.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(subject: &str, text: &str) -> String {
        let letter = Letter {
            to: EmailAddress::parse("ada@example.org").expect("an address"),
            subject: subject.into(),
            text: text.into(),
            html: format!("<p>{text}</p>"),
            terminal: String::new(),
        };
        let message = compose("St. Mary's Snug <snug@example.org>", &letter).expect("a message");
        String::from_utf8(message.formatted()).expect("ASCII")
    }

    #[test]
    fn ascii_stays_as_it_is_and_plain_text_comes_first() {
        let link = format!("http://localhost:3000/sign-in?{}", "x".repeat(200));
        let text = composed("Your code", &format!("123456\n\n{link}\n"));
        let (plain, html) = (
            text.find("text/plain").expect("plain"),
            text.find("text/html").expect("html"),
        );
        assert!(plain < html, "{text}");
        assert!(text.contains("multipart/alternative"), "{text}");
        assert!(
            text.contains("Content-Transfer-Encoding: 7bit\r\n\r\n123456\r\n\r\n"),
            "{text}"
        );
        assert!(text.contains(&link), "{text}");
    }

    #[test]
    fn text_that_is_not_ascii_is_quoted_printable_and_never_base64() {
        let text = composed("Your code", "Код входа: 123456 — 李さん、ようこそ");
        assert_eq!(
            text.matches("Content-Transfer-Encoding: quoted-printable").count(),
            2,
            "{text}"
        );
        assert!(!text.contains("base64") && text.is_ascii(), "{text}");
        assert!(text.contains("123456"), "{text}");
    }

    #[test]
    fn every_header_is_there_and_message_ids_differ() {
        let text = composed("Your code", "123456");
        assert!(text.contains("To: ada@example.org\r\n"), "{text}");
        assert!(text.contains("<snug@example.org>\r\n"), "{text}");
        assert!(text.contains("\r\nDate: ") || text.starts_with("Date: "), "{text}");
        assert!(
            text.contains("@example.org>\r\nAuto-Submitted: auto-generated\r\n"),
            "{text}"
        );
        let id = |text: &str| {
            text.lines()
                .find(|line| line.starts_with("Message-ID: <"))
                .map(str::to_owned)
        };
        assert_ne!(
            id(&text).expect("an id"),
            id(&composed("Your code", "123456")).expect("an id")
        );
    }

    #[test]
    fn a_line_break_in_a_subject_cannot_add_a_header() {
        let text = composed("Hello\r\nBcc: eve@example.org", "123456");
        assert!(!text.contains("\nBcc:"), "{text}");
    }
}
