//! Backups of a Snug on SQLite: one file with the database, the keys and the photos, and restoring such a file.
//!
//! A backup is an archive of `tar` whose entries are listed in `layout.rs`.

mod automatic;
mod blocking;
mod disk_space;
mod layout;
mod names;
mod pack;
mod private_file;
mod restore;
mod restore_stage;
mod sqlite_only;
mod store;
mod summing_reader;
mod unfinished;
mod unpack;
mod upgrades;
mod write;

pub use automatic::{BackupStatus, after_upgrade, before_upgrade, folder, make_by_plan, newest, run_by_plan};
pub use disk_space::in_words;
pub use restore::{RestoreReport, recover, restore};
pub use write::{BackupChoices, BackupReport, write};
