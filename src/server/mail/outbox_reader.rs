//! Reads letters from the outbox for the page `/outbox`.

use mail_parser::MessageParser;

/// A letter as the page `/outbox` shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLetter {
    pub subject: String,
    pub to: String,
    /// As written in the message, such as `Tue, 04 Mar 2025 10:00:00 +0000`.
    pub date: String,
    /// The plain text.
    pub text: String,
}

/// The letter in a file of the outbox; `None` if the file does not have the form that `message.rs` writes.
pub(super) fn read_letter(eml: &[u8]) -> Option<StoredLetter> {
    let message = MessageParser::default().parse(eml)?;
    let text = message.text_part(0)?.text_contents()?;
    Some(StoredLetter {
        subject: message.subject()?.to_owned(),
        to: message.to()?.first()?.address()?.to_owned(),
        date: message.header_raw("Date")?.trim().to_owned(),
        text: text.replace("\r\n", "\n").trim_end().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{letter::Letter, message::compose};
    use super::*;
    use crate::model::user::EmailAddress;

    fn there_and_back(subject: &str, text: &str) -> StoredLetter {
        let letter = Letter {
            to: EmailAddress::parse("ada@example.org").expect("an address"),
            subject: subject.into(),
            text: text.into(),
            html: "<p>…</p>".into(),
            terminal: String::new(),
        };
        let message = compose("Snug <snug@example.org>", &letter).expect("a message");
        read_letter(&message.formatted()).expect("a letter")
    }

    #[test]
    fn a_letter_reads_back_as_it_was_written() {
        let long = "A subject that goes on for so long that its header must be folded more than once on the way out";
        let subjects = [
            "Your code",
            "Dein Code für Snug",
            "Код входа в Snug — для Ады, которая ждёт его давно",
            long,
        ];
        let link = format!("http://localhost:3000/?a=b&c=d#{}", "x".repeat(100));
        let texts = [
            "123456",
            &format!("Grüße =3D\n\n123456\n{link}\n\n-- \nSnug"),
            &link,
            "李さん\u{1F44B}\n.\nEnde",
        ];
        for (subject, text) in subjects.into_iter().zip(texts) {
            let letter = there_and_back(subject, text);
            assert_eq!((letter.subject.as_str(), letter.text.as_str()), (subject, text));
            assert_eq!(letter.to, "ada@example.org");
            assert!(letter.date.contains(':'), "{}", letter.date);
        }
    }

    #[test]
    fn other_messages_are_not_read() {
        for text in [
            "",
            "Subject: x\r\n\r\nbody",
            "Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x--\r\n",
        ] {
            assert_eq!(read_letter(text.as_bytes()), None, "{text}");
        }
    }
}
