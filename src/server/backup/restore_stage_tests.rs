//! Tests of the stage of a restore: what remains if the restore is killed at any point.

use super::*;
use crate::server::config::DatabaseUrl;
use tempfile::TempDir;

fn stage() -> (TempDir, RestoreStage) {
    let above = tempfile::tempdir().expect("a folder");
    let config = Config::for_tests(&above.path().join("data"));
    fs::create_dir(&config.data_dir).expect("a folder");
    (above, RestoreStage::of(&config).expect("SQLite"))
}

/// Puts a database, keys and a photo into the stage.
fn fill(stage: &RestoreStage) {
    stage.begin().expect("begun");
    fs::write(stage.path_of(&BackupPart::Database), "database").expect("written");
    fs::write(stage.path_of(&BackupPart::Keyring), "keys").expect("written");
    fs::write(stage.path_of(&BackupPart::Picture("a.jpg".into())), "photo").expect("written");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder").flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn assert_restored(stage: &RestoreStage) {
    assert_eq!(names(&stage.data_dir), ["keyring.json", "pictures", "snug.db"]);
    assert_eq!(names(&stage.data_dir.join("pictures")), ["a.jpg"]);
    assert_eq!(fs::read(&stage.database).expect("there"), b"database");
}

#[test]
fn files_get_their_places_after_the_commit() {
    let (_above, stage) = stage();
    stage.must_be_empty().expect("empty");
    fill(&stage);
    stage.must_be_empty().expect("unpacked files do not count");
    stage.commit().expect("committed");
    stage.finish().expect("moved");
    assert_restored(&stage);
    assert!(stage.must_be_empty().is_err());
    assert!(!stage.recover().expect("nothing to do"));
    assert_restored(&stage);
}

#[test]
fn an_end_before_the_commit_leaves_an_empty_folder() {
    let (_above, stage) = stage();
    fill(&stage);
    for journal in JOURNALS {
        fs::write(with_ending(&stage.path_of(&BackupPart::Database), journal), "").expect("written");
    }
    stage.must_be_empty().expect("unpacked files do not count");
    assert!(!stage.recover().expect("cleaned"));
    assert!(names(&stage.data_dir).is_empty());
}

#[test]
fn an_end_after_the_commit_is_completed_whatever_was_moved_already() {
    for moved in 0..4 {
        let (_above, stage) = stage();
        fill(&stage);
        stage.commit().expect("committed");
        let committed = stage.data_dir.join(COMMITTED);
        if moved > 0 {
            fs::rename(committed.join("pictures"), stage.data_dir.join("pictures")).expect("moved");
        }
        if moved > 1 {
            fs::rename(committed.join("keyring.json"), stage.data_dir.join("keyring.json")).expect("moved");
        }
        if moved > 2 {
            fs::rename(stage.path_of(&BackupPart::Database), &stage.database).expect("moved");
        }
        assert!(stage.recover().expect("completed"), "{moved}");
        assert_restored(&stage);
    }
}

#[test]
fn a_commit_is_not_completed_without_its_database() {
    let (_above, stage) = stage();
    fill(&stage);
    stage.commit().expect("committed");
    fs::remove_file(stage.path_of(&BackupPart::Database)).expect("deleted");
    let message = stage.recover().expect_err("no database").to_string();
    assert!(message.contains("is missing"), "{message}");
}

#[test]
fn a_journal_of_sqlite_prevents_the_commit() {
    let (_above, stage) = stage();
    fill(&stage);
    fs::write(with_ending(&stage.path_of(&BackupPart::Database), "-wal"), "changes").expect("written");
    stage.commit().expect_err("changes would be lost");
    assert!(!stage.is_committed());
}

#[test]
fn a_folder_with_files_is_refused_and_one_with_lock_files_is_not() {
    let (_above, stage) = stage();
    for own in ["lock", "snug.db-lock"] {
        fs::write(stage.data_dir.join(own), "").expect("written");
    }
    fs::create_dir(stage.data_dir.join("lost+found")).expect("a folder");
    stage.must_be_empty().expect("empty");
    fs::create_dir(stage.data_dir.join("outbox")).expect("a folder");
    let message = stage.must_be_empty().expect_err("a file").to_string();
    assert!(message.contains("is not empty: it has outbox"), "{message}");
}

#[test]
fn a_database_outside_of_the_data_folder_is_never_replaced() {
    let above = tempfile::tempdir().expect("a folder");
    let mut config = Config::for_tests(&above.path().join("data"));
    let database = above.path().join("other.db");
    config.database_url = DatabaseUrl::sqlite_file(&database);
    let stage = RestoreStage::of(&config).expect("SQLite");
    stage.must_be_empty().expect("a folder that is missing counts as empty");
    fs::write(&database, "").expect("written");
    let message = stage.must_be_empty().expect_err("a database").to_string();
    assert!(message.contains("there is a database already"), "{message}");
    fs::remove_file(&database).expect("deleted");
    for ending in JOURNALS {
        let journal = with_ending(&database, ending);
        fs::write(&journal, "changes of another database").expect("written");
        let message = stage.must_be_empty().expect_err("a journal").to_string();
        assert!(message.contains(&journal.display().to_string()), "{message}");
        fs::remove_file(&journal).expect("deleted");
    }
    stage.must_be_empty().expect("nothing is there any more");
}
