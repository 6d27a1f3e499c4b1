//! What is there after a restore, and where a restore is refused.

use super::{EVERYTHING, back_up, restore_into, start_restored};
use crate::{
    database::{On, postgres_is_here},
    letters, photos,
    test_app::TestApp,
};
use futures_util::future::join;
use snug::{
    model::user::User,
    server::{
        backup::{self, BackupChoices},
        config::Config,
        data_lock::DataLock,
    },
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder").flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_made_while_people_write_has_all_that_was_there_when_it_began() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let user: User = ada.activate("Ada", &photos::small_photo()).await.must(200).json();
    let photo = ada.get(&user.person.picture).await.must(200).body;
    let room = ada.open_room("Tea", "open").await;
    let folder = tempfile::tempdir().expect("a folder");

    let people = async {
        for number in 0..30 {
            app.newcomer(&format!("person{number}@example.org")).await;
        }
    };
    let backups = async {
        let mut reports = vec![];
        for number in 0..6 {
            reports.push(back_up(&app, &folder.path().join(format!("{number}.tar"))).await);
        }
        reports
    };
    let (_, reports) = join(people, backups).await;
    assert!(
        reports
            .iter()
            .all(|report| report.has_keys && report.photos == 1 && report.missing_photos == 0)
    );
    assert_eq!(names(folder.path()).len(), 6, "no unfinished files");

    for number in [0, 5] {
        let (restored, _above) = start_restored(&folder.path().join(format!("{number}.tar")), false).await;
        let again = restored.visitor();
        let user: User = again.sign_up("ada@example.org").await;
        assert_eq!(user.person.name, "Ada");
        assert_eq!(again.get(&user.person.picture).await.must(200).body, photo);
        again.find_room(room.id.as_str()).await.must(200);
    }
}

#[tokio::test]
async fn after_a_restore_everybody_signs_in_again_and_nobody_is_warned_of_a_thief() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let folder = tempfile::tempdir().expect("a folder");
    let backup = folder.path().join("backup.tar");
    back_up(&app, &backup).await;
    // After the backup, Ada's browser gets a newer token.
    app.pass_s(600);
    ada.refresh().await.must(200);

    let (restored, _above) = start_restored(&backup, false).await;
    let browser = restored.visitor();
    browser.jar.restore(ada.jar.copy());
    browser.refresh().await.must(401);
    assert!(
        letters::list(&restored.outbox()).is_empty(),
        "no letter about a stolen sign-in"
    );
    let user = restored.visitor().sign_up("ada@example.org").await;
    assert_eq!(user.person.name, "Ada");
}

#[tokio::test]
async fn sessions_can_be_kept_if_snug_did_not_run_after_the_backup() {
    let mut app = TestApp::start().await;
    let ada = app.person("Ada").await;
    app.stop().await;
    let folder = tempfile::tempdir().expect("a folder");
    let backup = folder.path().join("backup.tar");
    back_up(&app, &backup).await;
    let (restored, _above) = start_restored(&backup, true).await;
    let browser = restored.visitor();
    browser.jar.restore(ada.jar.copy());
    browser.refresh().await.must(200);
    browser.me().await.must(200);
}

#[tokio::test]
async fn a_backup_without_keys_contains_none_of_them() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    let folder = tempfile::tempdir().expect("a folder");
    let (with, without) = (folder.path().join("with.tar"), folder.path().join("without.tar"));
    back_up(&app, &with).await;
    let no_keys = BackupChoices {
        with_keys: false,
        ..EVERYTHING
    };
    let report = backup::write(&app.state.config, &without, no_keys)
        .await
        .expect("a backup");
    assert!(!report.has_keys);
    let keyring = fs::read(app.state.config.data_dir.join("keyring.json")).expect("the keys");
    let contains = |file: &Path, wanted: &[u8]| {
        let file = fs::read(file).expect("a backup");
        file.windows(wanted.len()).any(|found| found == wanted)
    };
    assert!(contains(&with, &keyring) && !contains(&without, b"access_pkcs8"));
    for file in [&with, &without] {
        let mode = fs::metadata(file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Without keys, a restore works. The restored Snug makes new ones.
    let (restored, _above) = start_restored(&without, false).await;
    restored.visitor().sign_up("ada@example.org").await;
}

#[tokio::test]
async fn a_photo_that_is_missing_in_the_data_folder_is_reported_and_does_not_stop_the_backup() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    ada.activate("Ada", &photos::small_photo()).await.must(200);
    let pictures = app.state.config.data_dir.join("pictures");
    for name in names(&pictures) {
        fs::remove_file(pictures.join(name)).expect("deleted");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let report = back_up(&app, &folder.path().join("backup.tar")).await;
    assert_eq!((report.photos, report.missing_photos), (0, 1));
}

#[tokio::test]
async fn a_restore_is_refused_if_the_folder_has_files_or_is_in_use_and_changes_nothing() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    let folder = tempfile::tempdir().expect("a folder");
    let backup = folder.path().join("backup.tar");
    back_up(&app, &backup).await;

    // The folder of the running server.
    let before = names(&app.state.config.data_dir);
    let refused = backup::restore(&app.state.config, &backup, false)
        .await
        .expect_err("it has files");
    assert!(refused.to_string().contains("is not empty"), "{refused:#}");
    assert_eq!(names(&app.state.config.data_dir), before);

    // An empty folder that another process has just locked.
    let config = Config::for_tests(&folder.path().join("data"));
    let lock = DataLock::take(&config).await.expect("free");
    let refused = backup::restore(&config, &backup, false)
        .await
        .expect_err("it is locked");
    assert!(refused.to_string().contains("is in use"), "{refused:#}");
    lock.release().await;
    assert_eq!(names(&config.data_dir), ["lock", "snug.db-lock"]);

    // The same folder when it is free.
    let report = restore_into(&config, &backup, false).await;
    assert_eq!((report.has_keys, report.photos, report.ended_sessions), (true, 0, 1));
    assert_eq!(
        names(&config.data_dir),
        ["keyring.json", "lock", "pictures", "snug.db", "snug.db-lock"]
    );
}

#[tokio::test]
async fn a_damaged_or_foreign_file_is_refused_and_the_folder_stays_empty() {
    let app = TestApp::start().await;
    app.person("Ada").await;
    let folder = tempfile::tempdir().expect("a folder");
    let backup = folder.path().join("backup.tar");
    back_up(&app, &backup).await;
    let whole = fs::read(&backup).expect("the backup");
    let mut changed = whole.clone();
    // A byte of the database, which begins after the headers of the first two entries.
    changed[4_000] ^= 1;
    let cases = [
        (whole[..whole.len() / 2].to_vec(), "damaged"),
        (changed, "checksums"),
        (b"not an archive".to_vec(), "not a backup"),
        (vec![], "not a backup"),
    ];
    let config = Config::for_tests(&folder.path().join("data"));
    for (content, wanted) in cases {
        fs::write(&backup, content).expect("written");
        let refused = backup::restore(&config, &backup, false).await.expect_err(wanted);
        assert!(format!("{refused:#}").contains(wanted), "{refused:#}");
        assert_eq!(names(&config.data_dir), ["lock", "snug.db-lock"]);
    }
    let missing = backup::restore(&config, &folder.path().join("missing.tar"), false).await;
    assert!(missing.expect_err("no file").to_string().contains("can't open"));
    let not_a_file = backup::restore(&config, folder.path(), false).await;
    assert!(not_a_file.expect_err("a folder").to_string().contains("is not a file"));
}

#[tokio::test]
async fn on_postgresql_backup_and_restore_name_the_programs_to_use() {
    if !postgres_is_here() {
        return;
    }
    let app = TestApp::on(On::Postgres).await;
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("backup.tar");
    let refused = backup::write(&app.state.config, &target, EVERYTHING)
        .await
        .expect_err("PostgreSQL");
    assert!(refused.to_string().contains("pg_dump"), "{refused}");
    assert!(!target.exists());
    let refused = backup::restore(&app.state.config, &target, false)
        .await
        .expect_err("PostgreSQL");
    assert!(refused.to_string().contains("pg_restore"), "{refused}");
}
