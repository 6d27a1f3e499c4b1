//! The outbox: a folder with one `.eml` file per letter. The terminal also shows the code and the link of each letter.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use tokio::task::spawn_blocking;

use super::message::random;
use super::outbox_reader::{StoredLetter, read_letter};

const LISTED_LETTERS: usize = 50;

pub(super) struct Outbox {
    folder: PathBuf,
    /// How many letters this process has written. The number keeps two letters of the same millisecond in order.
    written: AtomicU64,
}

impl Outbox {
    pub fn open(folder: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("can't create the outbox folder {}", folder.display()))?;
        Ok(Self {
            folder,
            written: AtomicU64::new(0),
        })
    }

    /// Writes a letter on a separate thread, so that the file is complete even if the request is cancelled.
    pub async fn write(&self, message: Vec<u8>) -> anyhow::Result<()> {
        let stem = file_stem(self.written.fetch_add(1, Ordering::Relaxed));
        let folder = self.folder.clone();
        spawn_blocking(move || write_whole(&folder, &stem, &message))
            .await?
            .context("can't save a letter in the outbox")
    }

    pub async fn list_newest(&self) -> Vec<StoredLetter> {
        let folder = self.folder.clone();
        spawn_blocking(move || read_newest(&folder)).await.unwrap_or_default()
    }
}

/// The name of a letter's file, without `.eml`. The names sort by time. They end with random digits, so that they differ even if two
/// processes use the same folder.
fn file_stem(number: u64) -> String {
    let now_ms = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_millis());
    format!("{now_ms:013}-{number:06}-{:08x}", random() as u32)
}

/// Writes the file under another name first and then renames it, so that a program that reads `*.eml` files never reads half a
/// letter.
fn write_whole(folder: &Path, stem: &str, message: &[u8]) -> std::io::Result<()> {
    let unfinished = folder.join(format!(".{stem}.part"));
    std::fs::write(&unfinished, message)?;
    std::fs::rename(&unfinished, folder.join(format!("{stem}.eml")))
}

fn read_newest(folder: &Path) -> Vec<StoredLetter> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
    paths.sort_unstable_by(|a, b| b.cmp(a));
    let letters = paths.iter().filter_map(|path| read_letter(&std::fs::read(path).ok()?));
    letters.take(LISTED_LETTERS).collect()
}

/// Prints the text in a frame. Errors are ignored: if the terminal is closed, the letter is still in its file.
pub(super) fn show(text: &str) {
    let mut terminal = std::io::stdout().lock();
    let _ = terminal
        .write_all(framed(text).as_bytes())
        .and_then(|()| terminal.flush());
}

/// The text in a frame without a right edge, so that a long link can be copied. Control characters are left out, because they could
/// move the cursor.
fn framed(text: &str) -> String {
    let edge = "─".repeat(60);
    let line = |line: &str| format!("│ {}\n", line.chars().filter(|c| !c.is_control()).collect::<String>());
    let lines: String = text.trim_end().lines().map(line).collect();
    format!("┌{edge}\n{lines}└{edge}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time_and_differ() {
        let names: Vec<_> = (0..100).map(file_stem).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        assert_ne!(file_stem(0), file_stem(0));
    }

    #[tokio::test]
    async fn the_newest_fifty_letters_are_listed_newest_first() {
        let data_dir = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::open(data_dir.path().join("outbox")).expect("an outbox");
        for number in 0..55 {
            let letter = format!(
                "To: a@b.org\r\nSubject: {number}\r\nDate: today\r\nContent-Type: multipart/alternative; boundary=\"y\"\r\n\r\n--y\r\n\r\n{number}\r\n--y--"
            );
            outbox.write(letter.into_bytes()).await.expect("written");
        }
        let subjects: Vec<_> = outbox
            .list_newest()
            .await
            .into_iter()
            .map(|letter| letter.subject)
            .collect();
        let wanted: Vec<_> = (5..55).rev().map(|number| number.to_string()).collect();
        assert_eq!(subjects, wanted);
    }

    #[test]
    fn other_files_in_the_folder_are_ignored() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [".1.part", "notes.txt", "2.eml"] {
            std::fs::write(folder.path().join(name), "not ours").expect("written");
        }
        assert!(read_newest(folder.path()).is_empty());
    }

    #[test]
    fn the_frame_has_every_line_and_no_control_characters() {
        let frame = framed("Code 123456\nhttp://localhost:3000/\u{1b}[31m\n");
        let lines: Vec<_> = frame.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[1..3], ["│ Code 123456", "│ http://localhost:3000/[31m"]);
    }
}
