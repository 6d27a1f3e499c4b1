//! `kill -9` at many moments of a backup and of a restore: there is always the old state or the whole new one.

use super::restore_into;
use crate::real_program::RealProgram;
use snug::server::{backup, config::Config, data_lock::DataLock};
use sqlx::{Connection, SqliteConnection};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// How many people with a photo the database has.
const PEOPLE: usize = 150;
/// How many times each command is killed. Each time it has run a little longer.
const KILLS: u32 = 16;

/// Adds people with photos to the data folder of a program that has stopped.
async fn add_people(data_dir: &Path) {
    let url = format!("sqlite:{}", data_dir.join("snug.db").display());
    let mut database = SqliteConnection::connect(&url).await.expect("the database");
    let mut transaction = database.begin().await.expect("begun");
    for number in 0..PEOPLE {
        let hash = format!("{number:064x}");
        for name in [format!("{hash}.jpg"), format!("{hash}-64.jpg")] {
            fs::write(data_dir.join("pictures").join(name), vec![number as u8; 40_000]).expect("written");
        }
        sqlx::query("insert into users (id, name, picture, created_at) values ($1, 'A person', $2, 0)")
            .bind(format!("person-{number:08}"))
            .bind(hash)
            .execute(&mut *transaction)
            .await
            .expect("inserted");
    }
    transaction.commit().await.expect("committed");
    database.close().await.expect("closed");
}

/// A program that has stopped, with people and photos in its data folder.
async fn stopped_program() -> RealProgram {
    let mut program = RealProgram::start(&[]);
    program.visitor().sign_up("ada@example.org").await;
    program.signal("TERM");
    assert_eq!(program.wait_for_end(), Some(0), "{}", program.log());
    add_people(&program.data_dir()).await;
    program
}

/// Runs a command and kills it after this time. Returns whether it had not ended by itself.
fn kill_after(program: &RealProgram, arguments: &[&str], variables: &[(&str, &str)], time: Duration) -> bool {
    let mut command = program.command(arguments);
    command
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    std::thread::sleep(time);
    let runs = child.try_wait().expect("asked").is_none();
    child.kill().expect("killed");
    child.wait().expect("ended");
    runs
}

/// Asserts that the folder has everything of the backup.
async fn assert_whole(data_dir: &Path, keyring: &[u8]) {
    assert_eq!(fs::read(data_dir.join("keyring.json")).expect("the keys"), keyring);
    let pictures = fs::read_dir(data_dir.join("pictures")).expect("the photos");
    assert_eq!(pictures.count(), 2 * PEOPLE);
    let url = format!("sqlite:{}", data_dir.join("snug.db").display());
    let mut database = SqliteConnection::connect(&url).await.expect("the database");
    let (people,): (i64,) = sqlx::query_as("select count(*) from users where length(picture) = 64")
        .fetch_one(&mut database)
        .await
        .expect("counted");
    assert_eq!(people, PEOPLE as i64);
    database.close().await.expect("closed");
}

/// Does what a start does first: completes or removes what a killed restore left.
async fn recover(config: &Config) {
    let lock = DataLock::take(config)
        .await
        .expect("the killed process has no lock any more");
    backup::recover(config).expect("recovered");
    lock.release().await;
}

#[tokio::test]
async fn a_backup_that_is_killed_leaves_no_file_with_its_name_or_a_whole_one() {
    let program = stopped_program().await;
    let keyring = fs::read(program.data_dir().join("keyring.json")).expect("the keys");
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("backup.tar");
    let path = target.to_str().expect("UTF-8");
    let began = Instant::now();
    assert!(program.run(&["backup", path]).status.success());
    let whole_time = began.elapsed();
    fs::remove_file(&target).expect("deleted");
    let (mut running, mut unfinished) = (0, 0);
    for kill in 0..KILLS {
        running += u32::from(kill_after(&program, &["backup", path], &[], whole_time * kill / KILLS));
        unfinished += u32::from(folder.path().join("backup.tar.unfinished").exists());
        if target.exists() {
            let config = Config::for_tests(&folder.path().join(format!("restored-{kill}")));
            restore_into(&config, &target, false).await;
            assert_whole(&config.data_dir, &keyring).await;
            fs::remove_file(&target).expect("deleted");
        }
    }
    assert!(
        running > 0 && unfinished > 0,
        "{running} of {KILLS} were killed, {unfinished} of them while they wrote"
    );

    // The next backup removes what the killed ones left.
    let made = program.run(&["backup", path]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for left in ["backup.tar.unfinished", "backup.tar.unfinished.db"] {
        assert!(!folder.path().join(left).exists(), "{left}");
    }
}

#[tokio::test]
async fn a_backup_that_is_asked_to_stop_leaves_nothing() {
    let program = stopped_program().await;
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("backup.tar");
    let path = target.to_str().expect("UTF-8");
    // A backup may end before the signal arrives, so there are several.
    let mut stopped = 0;
    for _ in 0..KILLS {
        let mut command = program.command(&["backup", path]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        while !folder.path().join("backup.tar.unfinished").exists() && child.try_wait().expect("asked").is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        // This fails if the program has ended already.
        let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        let code = child.wait().expect("ended").code();
        stopped += u32::from(code == Some(1));
        assert_eq!(code, Some(i32::from(!target.exists())));
        let _ = fs::remove_file(&target);
        let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
    assert!(stopped > 0, "all {KILLS} were faster than the signal");
}

#[tokio::test]
async fn a_restore_that_is_killed_leaves_an_empty_folder_or_a_whole_snug() {
    let program = stopped_program().await;
    let keyring = fs::read(program.data_dir().join("keyring.json")).expect("the keys");
    let folder = tempfile::tempdir().expect("a folder");
    let backup = folder.path().join("backup.tar");
    let path = backup.to_str().expect("UTF-8");
    assert!(program.run(&["backup", path]).status.success());
    let mut whole_time = Duration::ZERO;
    let (mut running, mut empty) = (0, 0);
    // The first one is not killed, and shows how long a restore takes.
    for kill in 0..=KILLS {
        let config = Config::for_tests(&folder.path().join(format!("data-{kill}")));
        let data_dir = config.data_dir.to_str().expect("UTF-8");
        let variables = [("SNUG_DATA_DIR", data_dir)];
        if kill == 0 {
            let began = Instant::now();
            let mut command = program.command(&["restore", path]);
            assert!(command.envs(variables).output().expect("it runs").status.success());
            whole_time = began.elapsed();
        } else {
            let time = whole_time * (kill - 1) / KILLS;
            running += u32::from(kill_after(&program, &["restore", path], &variables, time));
        }
        recover(&config).await;
        for left in [".restoring", ".restored", "snug.db.restoring"] {
            assert!(!config.data_dir.join(left).exists(), "{left} after {kill}");
        }
        if !config.data_dir.join("snug.db").exists() {
            empty += 1;
            for absent in ["keyring.json", "pictures"] {
                assert!(!config.data_dir.join(absent).exists(), "{absent} after {kill}");
            }
            restore_into(&config, &backup, false).await;
        }
        assert_whole(&config.data_dir, &keyring).await;
        fs::remove_dir_all(&config.data_dir).expect("deleted");
    }
    assert!(
        running > 0 && empty > 0,
        "{running} of {KILLS} were killed, {empty} of them before the commit"
    );
}
