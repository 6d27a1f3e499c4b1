//! The data folder: which files are in it, and the fields of the keyring.

use super::{
    document::{code, section, table},
    scenario::Played,
};
use serde_json::Value;
use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path};

const KEYRING: &str = "keyring.json";

pub fn describe(played: &Played) -> String {
    let outbox = played.app.outbox();
    let folder = outbox.parent().expect("the data folder");
    let mut files = BTreeSet::new();
    list(folder, "", &mut files);
    section(
        "The data folder",
        "Copies of the folder contain these files. `lock` and `snug.db-lock` only say which process uses the data, so a copy does \
         not need them.\nThe backups that Snug makes by itself are in `backups/`.\n`{sha256}` is 64 hexadecimal digits, `{number}` \
         is decimal digits, `{hex}` is 8 hexadecimal digits.\nSQLite creates and deletes the files that end in `-wal` and `-shm`.",
    ) + &table(["File"], files.into_iter().map(|file| [code(file)]))
        + &format!(
            "\nOnly the system user that runs Snug can read `{KEYRING}` (mode 600). The file is a JSON object with these \
             fields, all of them text: {}.\n",
            keyring_fields(&folder.join(KEYRING)).join(", ")
        )
}

fn list(folder: &Path, above: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the data folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{above}{}", with_placeholders(&name));
        match entry.path().is_dir() {
            true => list(&entry.path(), &format!("{path}/"), found),
            false => drop(found.insert(path)),
        }
    }
}

/// Replaces the hashes and numbers in a file name with placeholders. The size of a photo (`-64`) stays.
fn with_placeholders(name: &str) -> String {
    let word = |word: &str| {
        let all = |is: fn(&u8) -> bool| word.bytes().all(|byte| is(&byte));
        match word.len() {
            64 if all(u8::is_ascii_hexdigit) => "{sha256}".to_owned(),
            6.. if all(u8::is_ascii_digit) && word.len() != 8 => "{number}".to_owned(),
            8 if all(u8::is_ascii_hexdigit) => "{hex}".to_owned(),
            _ => word.to_owned(),
        }
    };
    let dashes = |part: &str| part.split('-').map(word).collect::<Vec<_>>().join("-");
    name.split('.').map(dashes).collect::<Vec<_>>().join(".")
}

fn keyring_fields(path: &Path) -> Vec<String> {
    let mode = fs::metadata(path).expect("the keyring").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the keyring is a secret");
    let keyring: Value = serde_json::from_str(&fs::read_to_string(path).expect("the keyring")).expect("JSON");
    let fields = keyring.as_object().expect("an object");
    assert!(fields.values().all(Value::is_string));
    let mut names: Vec<String> = fields.keys().map(code).collect();
    names.sort();
    names
}

#[test]
fn hashes_and_numbers_become_placeholders() {
    assert_eq!(
        with_placeholders("1700000000000-000001-00ff00ff.eml"),
        "{number}-{number}-{hex}.eml"
    );
    assert_eq!(
        with_placeholders("1700000000000-000001-12345678.eml"),
        "{number}-{number}-{hex}.eml"
    );
    assert_eq!(
        with_placeholders(&format!("{}-64.jpg", "a".repeat(64))),
        "{sha256}-64.jpg"
    );
    assert_eq!(with_placeholders("snug.db-wal"), "snug.db-wal");
}
