//! Tests of reading backups: those that Snug writes, damaged ones, and hostile ones.

use super::*;
use crate::server::backup::pack::BackupPacker;
use std::fs::File;
use tar::{Builder, Header};

const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn about() -> String {
    let about = BackupAbout {
        format: FORMAT,
        version: "0.1.0".into(),
        made_at: 1_796_100_000,
        photos_in_bucket: false,
    };
    serde_json::to_string(&about).expect("JSON")
}

/// A backup as Snug writes it.
fn good() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("backup.tar");
    let file = File::create(&path).expect("a file");
    let stop = CancellationToken::new();
    let mut packer = BackupPacker::new(&file, 1_796_100_000, &stop);
    let about = about();
    for (part, content) in [
        (BackupPart::About, about.as_bytes()),
        (BackupPart::Database, &[7; 3000][..]),
        (BackupPart::Keyring, &b"{}"[..]),
        (BackupPart::Picture(format!("{HASH}-64.jpg")), &b"small"[..]),
        (BackupPart::Picture(format!("{HASH}.jpg")), &b"large"[..]),
    ] {
        packer.add(&part, content, content.len() as u64).expect("added");
    }
    packer.finish().expect("written");
    std::fs::read(path).expect("the backup")
}

type TakenParts = Vec<(BackupPart, Vec<u8>)>;

/// Reads a backup, and returns what it contains and the content of its parts.
fn read(file: &[u8]) -> Result<(BackupContent, TakenParts), String> {
    let mut taken = vec![];
    let content = read_backup(file, &CancellationToken::new(), |part, content| {
        let mut bytes = vec![];
        content.read_to_end(&mut bytes)?;
        taken.push((part.clone(), bytes));
        Ok(())
    });
    content
        .map(|content| (content, taken))
        .map_err(|error| format!("{error:#}"))
}

/// An archive with these entries. Names are written into the header as they are, also names that the library would refuse.
fn archive(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(vec![]);
    for (name, kind, content) in entries {
        let mut header = Header::new_gnu();
        header.as_gnu_mut().expect("GNU's form").name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append(&header, *content).expect("added");
    }
    builder.into_inner().expect("an archive")
}

/// An archive that begins like a backup and goes on with this entry.
fn begins_well_then(name: &str, kind: EntryType, content: &[u8]) -> Vec<u8> {
    let (regular, about) = (EntryType::Regular, about());
    archive(&[
        ("snug-backup.json", regular, about.as_bytes()),
        ("snug.db", regular, b"a database"),
        (name, kind, content),
    ])
}

#[test]
fn a_backup_is_read_as_it_was_written() {
    let (content, taken) = read(&good()).expect("a backup");
    assert!(content.has_keys);
    assert_eq!((content.picture_files, content.about.made_at), (2, 1_796_100_000));
    let names: Vec<String> = taken.iter().map(|(part, _)| part.name()).collect();
    let pictures = [format!("pictures/{HASH}-64.jpg"), format!("pictures/{HASH}.jpg")];
    assert_eq!(names[..2], ["snug.db", "keyring.json"]);
    assert_eq!(names[2..], pictures);
    assert_eq!(taken[0].1, [7; 3000]);
    assert_eq!(taken[3].1, b"large");
}

#[test]
fn what_the_reader_of_a_part_leaves_is_still_checked() {
    let stop = CancellationToken::new();
    read_backup(&good()[..], &stop, |_, _| Ok(())).expect("a backup");
}

#[test]
fn a_backup_that_was_cut_off_anywhere_is_refused() {
    let whole = good();
    // The archive ends with empty blocks.
    let end = whole.len() - whole.iter().rev().take_while(|byte| **byte == 0).count();
    for length in (0..end).step_by(100) {
        let message = read(&whole[..length]).expect_err("cut off");
        assert!(
            message.contains("damaged") || message.contains("not a backup"),
            "{length}: {message}"
        );
    }
}

#[test]
fn a_changed_bit_anywhere_in_the_content_is_found() {
    let whole = good();
    let places = |wanted: &[u8]| {
        whole
            .windows(wanted.len())
            .position(|found| found == wanted)
            .expect("there")
    };
    for place in [places(&[7; 3000]) + 1_234, places(b"small"), places(b"large") + 4] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        let message = read(&changed).expect_err("changed");
        assert!(message.contains("checksums"), "{message}");
    }
}

#[test]
fn entries_that_lead_elsewhere_are_refused() {
    for name in [
        "../evil",
        "/etc/cron.d/evil",
        "pictures/../../evil",
        "pictures/",
        "evil",
        "snug.db-wal",
    ] {
        let message = read(&begins_well_then(name, EntryType::Regular, b"x")).expect_err(name);
        assert!(message.contains("not a backup"), "{message}");
    }
}

#[test]
fn only_plain_files_are_accepted() {
    let file = format!("pictures/{HASH}.jpg");
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Directory,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::Continuous,
        EntryType::GNUSparse,
        EntryType::GNULongName,
        EntryType::GNULongLink,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
        EntryType::new(b'Z'),
    ] {
        for name in ["keyring.json", &file, "././@LongLink"] {
            let message = read(&begins_well_then(name, kind, b"")).expect_err(name);
            assert!(message.contains("not a backup"), "{kind:?}: {message}");
        }
    }
}

#[test]
fn a_name_that_would_confuse_a_terminal_is_shown_escaped() {
    let message = read(&begins_well_then("\u{1b}[2J", EntryType::Regular, b"")).expect_err("no such entry");
    assert!(!message.contains('\u{1b}') && message.contains("u{1b}"), "{message}");
}

#[test]
fn entries_twice_or_in_another_order_are_refused() {
    let (regular, about) = (EntryType::Regular, about());
    let first = ("snug-backup.json", regular, about.as_bytes());
    let (database, keyring) = (("snug.db", regular, &b"x"[..]), ("keyring.json", regular, &b"{}"[..]));
    for entries in [
        vec![database],
        vec![database, first],
        vec![first, first],
        vec![first, database, database],
        vec![first, keyring, database],
    ] {
        let message = read(&archive(&entries)).expect_err("another order");
        assert!(message.contains("not a backup"), "{message}");
    }
}

#[test]
fn a_backup_without_a_database_is_refused() {
    let about = about();
    let sum = crate::server::keyring::sha256_hex(about.as_bytes());
    let sums = sum_line(&sum, "snug-backup.json");
    let message = read(&archive(&[
        ("snug-backup.json", EntryType::Regular, about.as_bytes()),
        ("SHA256SUMS", EntryType::Regular, sums.as_bytes()),
    ]));
    assert!(message.expect_err("no database").contains("no database"));
}

#[test]
fn a_header_that_claims_a_huge_size_is_refused_before_anything_is_read() {
    for (name, claimed) in [
        ("keyring.json", 1 << 20),
        ("keyring.json", u64::MAX / 2),
        ("SHA256SUMS", 1 << 30),
    ] {
        let mut hostile = begins_well_then(name, EntryType::Regular, b"");
        // The third header follows two entries, each of a header and one block.
        let header = 4 * 512;
        let mut changed = Header::new_gnu();
        changed.as_mut_bytes().copy_from_slice(&hostile[header..header + 512]);
        changed.set_size(claimed);
        changed.set_cksum();
        hostile[header..header + 512].copy_from_slice(changed.as_bytes());
        let message = read(&hostile).expect_err("too large");
        assert!(message.contains("too large"), "{message}");
    }
}

#[test]
fn a_backup_of_a_newer_layout_names_the_reason() {
    let newer = archive(&[("snug-backup.json", EntryType::Regular, br#"{"format":2,"else":[]}"#)]);
    let message = read(&newer).expect_err("newer");
    assert!(message.contains("a newer Snug made this backup"), "{message}");
}

#[test]
fn other_files_are_no_backups() {
    let (zeros, letters) = ([0; 10_240], [b'x'; 5_000]);
    for other in [
        &b""[..],
        b"SQLite format 3\0",
        &zeros,
        &letters,
        b"\x1f\x8b\x08\0\0\0\0\0",
    ] {
        let message = read(other).expect_err("no backup");
        assert!(message.contains("not a backup"), "{message}");
    }
    let empty_about = archive(&[("snug-backup.json", EntryType::Regular, b"[]")]);
    assert!(read(&empty_about).is_err());
}
