//! What a backup contains: the names of its entries, their order, and how large each of them may be.

use crate::server::avatars::hash_of;
use serde::{Deserialize, Serialize};

/// The version of this layout. Snug refuses a backup whose version it does not know.
pub const FORMAT: u32 = 1;

/// The folder of the photos, in a backup and in the data folder.
pub const PICTURES: &str = "pictures";

const MEBIBYTE: u64 = 1 << 20;

/// One entry of a backup. The entries are in the order of these variants, and photos in the order of their names. No entry occurs twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BackupPart {
    /// [`BackupAbout`] as JSON.
    About,
    /// The database, as one file of SQLite without a journal.
    Database,
    Keyring,
    /// A photo, with the name of its file.
    Picture(String),
    /// The SHA-256 of every entry before it, in the form of `sha256sum`.
    Sums,
}

impl BackupPart {
    /// The entry with this name; `None` if no entry of a backup has such a name. So no name can lead out of a folder.
    pub fn parse(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?;
        let fixed = [Self::About, Self::Database, Self::Keyring, Self::Sums];
        let picture = || {
            let file = name.strip_prefix(PICTURES)?.strip_prefix('/')?;
            hash_of(file).map(|_| Self::Picture(file.to_owned()))
        };
        fixed.into_iter().find(|part| part.name() == name).or_else(picture)
    }

    pub fn name(&self) -> String {
        match self {
            Self::About => "snug-backup.json".into(),
            Self::Database => "snug.db".into(),
            Self::Keyring => "keyring.json".into(),
            Self::Picture(file) => format!("{PICTURES}/{file}"),
            Self::Sums => "SHA256SUMS".into(),
        }
    }

    /// How many bytes the entry may have. The database may have any size: a backup is not compressed, so its file is larger.
    pub fn most_bytes(&self) -> u64 {
        match self {
            Self::About | Self::Keyring => MEBIBYTE / 16,
            Self::Picture(_) => 16 * MEBIBYTE,
            // A line has about 150 bytes, so this is enough for 200,000 accounts with a photo.
            Self::Sums => 64 * MEBIBYTE,
            Self::Database => u64::MAX,
        }
    }
}

/// The first entry of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupAbout {
    /// [`FORMAT`] of the Snug that made the backup.
    pub format: u32,
    /// The version of that Snug.
    pub version: String,
    /// Unix time in seconds.
    pub made_at: i64,
    /// Whether the photos were in a bucket, so that the backup has none.
    pub photos_in_bucket: bool,
}

/// The line of an entry in [`BackupPart::Sums`].
pub fn sum_line(sum: &str, name: &str) -> String {
    format!("{sum}  {name}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_by_its_name() {
        let hash = "0f".repeat(32);
        let pictures = [format!("{hash}-64.jpg"), format!("{hash}.jpg")].map(BackupPart::Picture);
        let [small, large] = pictures;
        let all = [
            BackupPart::About,
            BackupPart::Database,
            BackupPart::Keyring,
            small,
            large,
            BackupPart::Sums,
        ];
        assert!(all.is_sorted(), "{all:?}");
        for part in all {
            assert_eq!(BackupPart::parse(part.name().as_bytes()), Some(part));
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_no_entries() {
        let hash = "0f".repeat(32);
        for wrong in [
            "../snug.db".to_owned(),
            "/etc/passwd".into(),
            "./snug.db".into(),
            "snug.db/".into(),
            "snug.db\0".into(),
            "pictures".into(),
            "pictures/".into(),
            "pictures/../snug.db".into(),
            format!("pictures/../{hash}.jpg"),
            format!("pictures//{hash}.jpg"),
            format!("pictures/{hash}.png"),
            format!("pictures/{}.jpg", "0F".repeat(32)),
            format!("{hash}.jpg"),
            "SNUG.DB".into(),
            String::new(),
        ] {
            assert_eq!(BackupPart::parse(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(BackupPart::parse(b"snug\xff.db"), None);
    }
}
