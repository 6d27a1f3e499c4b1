//! Reads a backup from its beginning to its end, and refuses everything that Snug does not write.
//!
//! The file may come from anybody. So nothing in it chooses a path: each entry must be a plain file with one of the names of
//! [`BackupPart`]. No entry is read into memory whole, except two small ones. The archive is not compressed, so nothing in it can grow.

use super::{
    layout::{BackupAbout, BackupPart, FORMAT, sum_line},
    summing_reader::SummingReader,
};
use anyhow::{Context, bail, ensure};
use std::io::{self, Read};
use tar::{Archive, Entry, EntryType};
use tokio_util::sync::CancellationToken;

const NOT_A_BACKUP: &str = "the file is not a backup of Snug";
const CUT_OFF: &str = "the file is damaged: its end is missing";

/// What a backup contains. This exists only after all of it was read and its sums were right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupContent {
    pub about: BackupAbout,
    pub has_keys: bool,
    /// How many files of photos it has. Each photo has two files.
    pub picture_files: usize,
}

/// Reads the whole backup, and gives its database, its keys and its photos to `take`, which may leave some of their bytes unread.
/// What `take` gets is not checked yet, because the sums are at the end. Reading fails as soon as `stop` is cancelled.
///
/// # Errors
/// If the file is not a backup, if it is damaged, if a newer Snug made it, or if it can't be read. The errors of `take`.
pub fn read_backup(
    file: impl Read,
    stop: &CancellationToken,
    mut take: impl FnMut(&BackupPart, &mut dyn Read) -> anyhow::Result<()>,
) -> anyhow::Result<BackupContent> {
    let mut reading = BackupReading::default();
    let mut archive = Archive::new(file);
    // Raw entries, because the others can have names of any length, which the library reads into memory.
    for entry in archive.entries().context(NOT_A_BACKUP)?.raw(true) {
        let mut entry = entry.with_context(|| reading.complaint())?;
        let (part, bytes) = (reading.accept(&entry)?, entry.size());
        let mut reader = SummingReader::new(&mut entry, stop);
        match &part {
            BackupPart::About => reading.about = Some(read_about(&mut reader)?),
            BackupPart::Sums => ensure!(
                read_text(&mut reader)? == reading.sums,
                "the file is damaged: its content differs from its own checksums"
            ),
            _ => take(&part, &mut reader)?,
        }
        io::copy(&mut reader, &mut io::sink()).context(CUT_OFF)?;
        ensure!(reader.bytes_read() == bytes, CUT_OFF);
        reading.sums += &sum_line(&reader.sum(), &part.name());
        reading.last = Some(part);
    }
    reading.finish()
}

/// What was read so far.
#[derive(Default)]
struct BackupReading {
    about: Option<BackupAbout>,
    last: Option<BackupPart>,
    sums: String,
    has_database: bool,
    has_keys: bool,
    picture_files: usize,
}

impl BackupReading {
    /// What is wrong if the next entry can't be read.
    fn complaint(&self) -> &'static str {
        match self.last {
            None => NOT_A_BACKUP,
            Some(_) => CUT_OFF,
        }
    }

    /// The next entry, if it may come next.
    fn accept<R: Read>(&mut self, entry: &Entry<'_, R>) -> anyhow::Result<BackupPart> {
        let name = entry.path_bytes();
        let shown = String::from_utf8_lossy(&name).escape_debug().to_string();
        let plain = entry.header().entry_type() == EntryType::Regular;
        let Some(part) = BackupPart::parse(&name).filter(|_| plain) else {
            bail!("{NOT_A_BACKUP}: Snug writes no entry like “{shown}”");
        };
        let is_first = part == BackupPart::About;
        ensure!(is_first == self.last.is_none(), NOT_A_BACKUP);
        ensure!(
            self.last.as_ref() < Some(&part),
            "{NOT_A_BACKUP}: the entry “{shown}” is in the wrong place"
        );
        ensure!(
            entry.size() <= part.most_bytes(),
            "{NOT_A_BACKUP}: the entry “{shown}” is too large"
        );
        self.count(&part);
        Ok(part)
    }

    fn count(&mut self, part: &BackupPart) {
        match part {
            BackupPart::Database => self.has_database = true,
            BackupPart::Keyring => self.has_keys = true,
            BackupPart::Picture(_) => self.picture_files += 1,
            BackupPart::About | BackupPart::Sums => {}
        }
    }

    /// # Errors
    /// If the last entry is missing, or the database.
    fn finish(self) -> anyhow::Result<BackupContent> {
        let about = self.about.context(NOT_A_BACKUP)?;
        ensure!(self.last == Some(BackupPart::Sums), CUT_OFF);
        ensure!(self.has_database, "{NOT_A_BACKUP}: it has no database");
        Ok(BackupContent {
            about,
            has_keys: self.has_keys,
            picture_files: self.picture_files,
        })
    }
}

fn read_about(reader: &mut impl Read) -> anyhow::Result<BackupAbout> {
    let value: serde_json::Value = serde_json::from_str(&read_text(reader)?).context(NOT_A_BACKUP)?;
    // The number is read first, because a newer layout can have other fields.
    let format = value["format"].as_u64().context(NOT_A_BACKUP)?;
    ensure!(
        format <= u64::from(FORMAT),
        "a newer Snug made this backup, and this one (version {}) can't read it. Use the newer Snug",
        env!("CARGO_PKG_VERSION")
    );
    serde_json::from_value(value).context(NOT_A_BACKUP)
}

fn read_text(reader: &mut impl Read) -> anyhow::Result<String> {
    let mut text = String::new();
    reader.read_to_string(&mut text).context(CUT_OFF)?;
    Ok(text)
}

#[cfg(test)]
#[path = "unpack_tests.rs"]
mod tests;
