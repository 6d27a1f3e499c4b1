//! Only one program uses a data folder or a database. All tests start the real program.

use crate::{
    database::{create_postgres_database, postgres_is_here},
    real_program::RealProgram,
};
use snug::server::config::DatabaseUrl;
use sqlx::{Connection, Executor, PgConnection};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Output,
    time::{Duration, Instant},
};

/// A second program may wait for 12 s. The rest is for starting it on a busy machine.
const END_WITHIN: Duration = Duration::from_secs(17);

/// Asserts that the second program ended with code 1 in time, and that its message names what is in use and the first program.
fn assert_refused(second: &Output, took: Duration, in_use: &str, first: &RealProgram) {
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{message}\nthe first:\n{}", first.log());
    assert!(took < END_WITHIN, "{took:?}: {message}");
    for words in [
        in_use,
        &format!("process {} ", first.child.id()),
        "has used it since 2",
        "UTC",
    ] {
        assert!(message.contains(words), "{words:?} is missing: {message}");
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_second_program_on_one_data_folder_exits_1_within_17_s_names_the_first_and_changes_nothing() {
    let first = RealProgram::start(&[]);
    let ada = first.visitor();
    ada.sign_up("ada@example.org").await;
    ada.come_in("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let folder = first.data_dir();
    // If the second program changed modes before it holds the lock, it would change the mode of this file.
    let keyring = folder.join("keyring.json");
    fs::set_permissions(&keyring, Permissions::from_mode(0o644)).expect("a mode");
    let read = |name| fs::read(folder.join(name)).expect("there");
    let before = (read("keyring.json"), read("lock"), read("snug.db-lock"));

    let began = Instant::now();
    let second = first.run_beside(&["serve"], &[]);
    let in_use = format!("the data folder {} is in use", folder.display());
    assert_refused(&second, began.elapsed(), &in_use, &first);
    assert_eq!((read("keyring.json"), read("lock"), read("snug.db-lock")), before);
    assert_eq!(mode(&keyring), 0o644);
    ada.find_room(&room.id.to_string()).await.must(200);

    // A command that only reads the configuration works beside a running server.
    let check = first.run_beside(&["config", "check"], &[]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}

#[tokio::test]
async fn a_program_that_was_killed_starts_again_within_8_s() {
    let mut databases = vec![None];
    if postgres_is_here() {
        databases.push(Some(create_postgres_database().await));
    }
    for database in databases {
        let url = database.as_ref().map_or("", DatabaseUrl::expose);
        let mut program = RealProgram::start(&[("SNUG_DATABASE_URL", url)]);
        program.visitor().sign_up("ada@example.org").await;
        program.signal("KILL");
        assert_eq!(program.wait_for_end(), None);
        let began = Instant::now();
        program.start_again();
        assert!(
            began.elapsed() < Duration::from_secs(8),
            "{:?}: {}",
            began.elapsed(),
            program.log()
        );
    }
}

#[tokio::test]
async fn a_second_program_on_one_postgres_database_exits_1_within_17_s_and_names_the_first() {
    if !postgres_is_here() {
        return;
    }
    let url = create_postgres_database().await;
    let first = RealProgram::start(&[("SNUG_DATABASE_URL", url.expose())]);
    let ada = first.visitor();
    ada.sign_up("ada@example.org").await;
    ada.come_in("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    // If the second program migrated the database, it would write this row again.
    let mut database = PgConnection::connect(url.expose()).await.expect("the database");
    let newest = "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
    database.execute(newest).await.expect("deleted");
    let other = tempfile::tempdir().expect("a folder");
    let folder = other.path().join("data");
    let began = Instant::now();
    let second = first.run_beside(&["serve"], &[("SNUG_DATA_DIR", folder.to_str().expect("UTF-8"))]);
    assert_refused(
        &second,
        began.elapsed(),
        &format!("the database {} is in use", url.describe()),
        &first,
    );
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!message.contains("migrat"), "{message}");
    ada.find_room(&room.id.to_string()).await.must(200);
}

#[tokio::test]
async fn a_program_that_slept_while_another_took_its_postgres_database_exits_1() {
    if !postgres_is_here() {
        return;
    }
    let url = create_postgres_database().await;
    let variables = [("SNUG_DATABASE_URL", url.expose())];
    let mut first = RealProgram::start(&variables);
    first.signal("STOP");
    // The lease is free after 10 s. The second program waits until then. It starts although its data folder has another keyring,
    // because nobody has signed in yet.
    let second = RealProgram::start(&variables);
    first.signal("CONT");
    assert_eq!(first.wait_for_end(), Some(1), "{}", first.log());
    assert!(
        first.log().contains("another process has taken the database"),
        "{}",
        first.log()
    );
    second.visitor().sign_up("ben@example.org").await;
}

#[tokio::test]
async fn after_a_clean_stop_a_program_with_another_folder_takes_the_postgres_database_at_once() {
    if !postgres_is_here() {
        return;
    }
    let url = create_postgres_database().await;
    let variables = [("SNUG_DATABASE_URL", url.expose())];
    let mut first = RealProgram::start(&variables);
    first.ask_to_stop();
    assert_eq!(first.wait_for_end(), Some(0), "{}", first.log());
    let began = Instant::now();
    // It starts although its data folder has another keyring, because nobody has signed in yet.
    let second = RealProgram::start(&variables);
    // If the first program had not freed the lease, the second would wait until 10 s after the last renewal.
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}: {}",
        began.elapsed(),
        second.log()
    );
    second.visitor().sign_up("ada@example.org").await;
}
