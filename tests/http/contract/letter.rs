//! The code and the link in the newest letter to an e-mail address.

use std::{fs, path::Path};

/// The six digits of the code in the newest letter to `email`.
#[track_caller]
pub fn code(outbox: &Path, email: &str) -> String {
    let text = newest(outbox, email);
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    text.split_whitespace().find(is_code).expect("a code").to_owned()
}

/// The link in the newest letter to `email`, without the origin.
#[track_caller]
pub fn link(outbox: &Path, email: &str, origin: &str) -> String {
    let text = newest(outbox, email);
    let is_link = |word: &&str| word.starts_with(origin) && word.contains("token=");
    let link = text.split_whitespace().find(is_link).expect("a link");
    link[origin.len()..].to_owned()
}

/// The plain text of the newest letter to `email`. The names of the files sort by time.
#[track_caller]
fn newest(outbox: &Path, email: &str) -> String {
    let files = fs::read_dir(outbox).expect("the outbox").flatten();
    let mut letters: Vec<_> = files.map(|file| file.path()).collect();
    letters.sort();
    let to = format!("\r\nTo: {email}\r\n");
    let texts = letters.iter().rev().filter_map(|path| fs::read_to_string(path).ok());
    let letter = texts.into_iter().find(|text| text.contains(&to)).expect("a letter");
    let (_, text) = letter.split_once("Content-Type: text/plain").expect("plain text");
    // Undo quoted-printable (RFC 2045, section 6.7): soft line breaks, and `=`, the only encoded character in our links.
    text.replace("=\r\n", "").replace("=3D", "=")
}
