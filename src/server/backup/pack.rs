//! Writes the entries of a backup into a file, as an archive of `tar` (POSIX.1-1988 with GNU's form of large sizes).

use super::{
    layout::{BackupPart, sum_line},
    summing_reader::SummingReader,
};
use anyhow::{Context, ensure};
use std::{
    fs::File,
    io::{BufWriter, Read, Write},
    mem,
};
use tar::{Builder, EntryType, Header};
use tokio_util::sync::CancellationToken;

/// A backup that is being written.
pub struct BackupPacker<'a> {
    builder: Builder<BufWriter<&'a File>>,
    /// The lines of [`BackupPart::Sums`] so far.
    sums: String,
    /// The time that the entries show, in unix seconds.
    made_at: i64,
    stop: &'a CancellationToken,
}

impl<'a> BackupPacker<'a> {
    /// Writing fails as soon as `stop` is cancelled.
    pub fn new(file: &'a File, made_at: i64, stop: &'a CancellationToken) -> Self {
        Self {
            builder: Builder::new(BufWriter::new(file)),
            sums: String::new(),
            made_at,
            stop,
        }
    }

    /// Adds an entry of exactly this many bytes. Add the entries in ascending order.
    ///
    /// # Errors
    /// If `content` is shorter, or if it can't be read, or the backup can't be written.
    pub fn add(&mut self, part: &BackupPart, content: impl Read, bytes: u64) -> anyhow::Result<()> {
        let (name, mut header) = (part.name(), self.header(bytes));
        let mut reader = SummingReader::new(content.take(bytes), self.stop);
        self.builder
            .append_data(&mut header, &name, &mut reader)
            .with_context(|| format!("{name} can't be added"))?;
        ensure!(reader.bytes_read() == bytes, "{name} became shorter while it was read");
        self.sums += &sum_line(&reader.sum(), &name);
        Ok(())
    }

    /// Adds an entry with the content of a file.
    ///
    /// # Errors
    /// The errors of [`BackupPacker::add`].
    pub fn add_file(&mut self, part: &BackupPart, file: &File) -> anyhow::Result<()> {
        let bytes = file.metadata()?.len();
        self.add(part, file, bytes)
    }

    /// Adds the sums of all entries, and the end of the archive.
    ///
    /// # Errors
    /// If the backup can't be written.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let sums = mem::take(&mut self.sums);
        self.add(&BackupPart::Sums, sums.as_bytes(), sums.len() as u64)?;
        self.builder.into_inner()?.flush()?;
        Ok(())
    }

    fn header(&self, bytes: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(self.made_at.unsigned_abs());
        // The user who unpacks the archive will own the files. But GNU tar complains if these numbers are missing.
        header.set_uid(0);
        header.set_gid(0);
        header
    }
}
