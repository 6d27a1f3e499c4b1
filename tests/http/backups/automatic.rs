//! The backups that Snug makes by itself.

use super::start_restored;
use crate::{database::On, test_app::TestApp};
use snug::server::{
    backup::{self, folder, make_by_plan, newest},
    config::BackupPlan,
};
use std::fs;

#[tokio::test]
async fn a_backup_by_plan_can_be_restored_and_replaces_the_oldest_ones() {
    let two = BackupPlan {
        keep: 2,
        ..BackupPlan::default()
    };
    let app = TestApp::with(On::Sqlite, |config| config.backups = Some(two)).await;
    app.person("Ada").await;
    let folder = folder(&app.state.config);
    assert_eq!(newest(&app.state.config), None);
    fs::create_dir(&folder).expect("a folder");
    for old in [
        "snug-2026-11-01-030000.tar",
        "snug-2026-11-02-030000.tar",
        "snug-2026-11-03-030000.tar.unfinished",
        "snug-2026-11-03-030000.tar.unfinished.db",
        "mine.tar",
    ] {
        fs::write(folder.join(old), "old").expect("written");
    }
    let report = make_by_plan(&app.state.config)
        .await
        .expect("a backup")
        .expect("a plan");
    assert!(report.has_keys);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let (made, rest): (Vec<String>, Vec<String>) = names
        .into_iter()
        .partition(|name| name.starts_with("snug-") && name != "snug-2026-11-02-030000.tar");
    assert_eq!(rest, ["mine.tar", "snug-2026-11-02-030000.tar"]);
    assert_eq!(made.len(), 1, "{made:?}");
    assert!(newest(&app.state.config).is_some());

    let (restored, _above) = start_restored(&folder.join(&made[0]), false).await;
    restored.visitor().sign_up("ada@example.org").await;
}

#[tokio::test]
async fn a_backup_by_plan_that_fails_says_why_and_leaves_the_old_ones() {
    let app = TestApp::with(On::Sqlite, |config| config.backups = Some(BackupPlan::default())).await;
    let folder = folder(&app.state.config);
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("snug-2026-11-01-030000.tar"), "old").expect("written");
    fs::remove_file(app.state.config.data_dir.join("keyring.json")).expect("deleted");
    let error = backup::make_by_plan(&app.state.config).await.expect_err("no keys");
    assert!(format!("{error:#}").contains("can't read the keys"), "{error:#}");
    let left: Vec<_> = fs::read_dir(&folder).expect("the folder").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].file_name(), "snug-2026-11-01-030000.tar");
}
