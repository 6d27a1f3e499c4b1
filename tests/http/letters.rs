//! The letters that a test's server has sent: the files in its outbox, newest first.

use std::path::{Path, PathBuf};

/// The raw text of the newest letter to `email`; `None` if there is none.
pub fn find_newest(outbox: &Path, email: &str) -> Option<String> {
    let to = format!("\r\nTo: {email}\r\n");
    list(outbox)
        .into_iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .find(|letter| letter.contains(&to))
}

/// The files, newest first. Their names sort by time.
pub fn list(outbox: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(outbox).expect("the outbox").flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "eml"));
    files.sort_unstable_by(|a, b| b.cmp(a));
    files
}

/// The link in a letter's plain text, without the origin.
pub fn sign_in_link(letter: &str, origin: &str) -> Option<String> {
    let (_, text) = letter.split_once("Content-Type: text/plain")?;
    // Lines of quoted-printable are joined again (RFC 2045 section 6.7).
    let text = text.replace("=\r\n", "").replace("=3D", "=");
    let link = text
        .split_whitespace()
        .find(|word| word.starts_with(origin) && word.contains("token="))?;
    Some(link[origin.len()..].to_owned())
}

/// The six digits in a letter's plain text; `None` if it contains no code.
pub fn code_in(letter: &str) -> Option<String> {
    let (_, text) = letter.split_once("Content-Type: text/plain")?;
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    text.split(char::is_whitespace).find(is_code).map(str::to_owned)
}
