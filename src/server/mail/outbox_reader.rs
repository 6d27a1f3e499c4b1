//! Reading our own letters back, for the outbox page: as much of MIME as `message.rs` writes, and no more.

use base64::{Engine, prelude::BASE64_STANDARD};

/// A letter as the page `/outbox` shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLetter {
    pub subject: String,
    pub to: String,
    /// As in the letter, such as `Tue, 04 Mar 2025 10:00:00 +0000`.
    pub date: String,
    /// The plain text.
    pub text: String,
}

/// `None` where the file is not one of ours.
pub(super) fn read_letter(eml: &str) -> Option<StoredLetter> {
    let (headers, body) = eml.split_once("\r\n\r\n")?;
    let headers = unfolded(headers);
    let content_type = header(&headers, "Content-Type")?;
    let boundary = content_type.split_once("boundary=\"")?.1.split_once('"')?.0;
    Some(StoredLetter {
        subject: decoded_words(header(&headers, "Subject")?),
        to: header(&headers, "To")?.to_owned(),
        date: header(&headers, "Date")?.to_owned(),
        text: first_part(body, boundary)?,
    })
}

/// RFC 5322 section 2.2.3: a line that begins with white space goes on with the one before.
fn unfolded(headers: &str) -> String {
    headers.replace("\r\n ", " ").replace("\r\n\t", "\t")
}

fn header<'a>(headers: &'a str, name: &str) -> Option<&'a str> {
    let of_name = |line: &'a str| {
        line.split_once(':')
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
    };
    headers.lines().find_map(of_name).map(|(_, value)| value.trim())
}

fn first_part(body: &str, boundary: &str) -> Option<String> {
    let part = body.split(&format!("--{boundary}")).nth(1)?;
    let (headers, text) = part.split_once("\r\n\r\n")?;
    let text = match header(headers, "Content-Transfer-Encoding") {
        Some("quoted-printable") => from_quoted_printable(text),
        _ => text.to_owned(),
    };
    Some(text.replace("\r\n", "\n").trim_end().to_owned())
}

/// RFC 2045 section 6.7.
fn from_quoted_printable(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut pieces = joined.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (code, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        bytes.extend(u8::from_str_radix(code, 16).ok());
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// RFC 2047: white space between two encoded words is not part of the text.
fn decoded_words(text: &str) -> String {
    let mut decoded = String::new();
    let mut after_encoded = false;
    for word in text.split_whitespace() {
        let plain = decoded_word(word);
        let both_encoded = after_encoded && plain.is_some();
        if !decoded.is_empty() && !both_encoded {
            decoded.push(' ');
        }
        after_encoded = plain.is_some();
        decoded.push_str(plain.as_deref().unwrap_or(word));
    }
    decoded
}

/// lettre writes UTF-8 in base64 and nothing else.
fn decoded_word(word: &str) -> Option<String> {
    let encoded = word.strip_prefix("=?utf-8?b?")?.strip_suffix("?=")?;
    String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()
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
        read_letter(&String::from_utf8(message.formatted()).expect("ASCII")).expect("a letter")
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
    fn what_is_not_ours_is_no_letter() {
        for text in [
            "",
            "Subject: x\r\n\r\nbody",
            "Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x--\r\n",
        ] {
            assert_eq!(read_letter(text), None);
        }
    }
}
