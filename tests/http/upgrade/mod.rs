//! Upgrades: data of an old version works on, a backup is made before it changes, and data of a newer version is refused.

mod newer_schema;

use crate::{
    backups::restore_into,
    database::{On, create_postgres_database},
    test_app::TestApp,
    visitor::Visitor,
};
use snug::{
    model::user::User,
    server::config::{BackupPlan, Config, DatabaseUrl},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::{fs, path::Path};

on_both_databases! {
    accounts_sessions_rooms_and_pictures_of_commit_c8c0ae9_work_after_an_upgrade,
}

/// The database, the keys and a photo as commit c8c0ae9 stored them.
const DUMP: &str = include_str!("c8c0ae9.sql");
const KEYRING: &str = include_str!("c8c0ae9-keyring.json");
const PHOTO: &[u8] = include_bytes!("../../../fuzz/seeds/picture/baseline.jpg");
const PHOTO_HASH: &str = "ec8a6eb2ba2a0f48f1378415517fb6ac243b417a208962653ff7c09c153dadc9";

/// The refresh tokens that Ada's browser, Ben's and that of the guest Dora have stored.
const ADAS_TOKEN: &str =
    "v1.jkgmzd.htk2sseiicsce6unz98a.PbangbSrSnlDSXXXxNA12oPNGZ3LacE7jUJh7KZQDW8.n2iozhtmmDzf9S2nW5KxTw";
const BENS_TOKEN: &str =
    "v1.jkgmzd.bq3gbdmpb427sxny32f5.h6mmSi5b3WFjaI_FlRvGeM3mtcL-zEOzhO5YjFVQyT0.cAsE_2Yn3RT3E-XLtOfMdQ";
const DORAS_TOKEN: &str =
    "v1.jkgmzd.cwiuxcxb4ysvpdze32up.iSvwZXmZpoAw3mO4zEAvOHc-yIZ2ekwBcodWBUDL1bI.nW4oI4Op6qZytY9BXTBWyA";

const KITCHEN_TABLE: &str = "sj7rnjgi5gym";
const BOOK_CLUB: &str = "bg7uv7i4iw6m";
const OLD_TALK: &str = "f8q57udyjjwe";

/// Creates a data folder with the keys and the photo.
fn write_files(data_dir: &Path) {
    let pictures = data_dir.join("pictures");
    fs::create_dir_all(&pictures).expect("a folder");
    fs::write(data_dir.join("keyring.json"), KEYRING).expect("written");
    for name in [format!("{PHOTO_HASH}.jpg"), format!("{PHOTO_HASH}-64.jpg")] {
        fs::write(pictures.join(name), PHOTO).expect("written");
    }
}

/// Loads the dump into an empty database.
async fn load_dump(on: On, database: &DatabaseUrl) {
    match on {
        On::Sqlite => {
            let url = format!("{}?mode=rwc", database.expose());
            let mut connection = SqliteConnection::connect(&url).await.expect("a database");
            sqlx::raw_sql(DUMP).execute(&mut connection).await.expect("loaded");
            connection.close().await.expect("closed");
        }
        On::Postgres => {
            let dump = DUMP
                .replace("blob not null", "bytea not null")
                .replace("true, x'", r"true, '\x");
            let mut connection = PgConnection::connect(database.expose()).await.expect("the database");
            let loaded = sqlx::raw_sql(AssertSqlSafe(dump)).execute(&mut connection).await;
            loaded.expect("loaded");
            connection.close().await.expect("closed");
        }
    }
}

/// Starts a server on the data of commit c8c0ae9. `change` can edit the configuration first.
async fn start_on_old_data(on: On, change: impl FnOnce(&mut Config)) -> TestApp {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let file = elsewhere.path().join("snug.db");
    let database = match on {
        On::Sqlite => DatabaseUrl::sqlite_file(&file),
        On::Postgres => create_postgres_database().await,
    };
    load_dump(on, &database).await;
    TestApp::with(On::Sqlite, |config| {
        write_files(&config.data_dir);
        match on {
            On::Sqlite => {
                fs::copy(&file, config.data_dir.join("snug.db")).expect("copied");
            }
            On::Postgres => config.database_url = database,
        }
        change(config);
    })
    .await
}

/// A visitor whose browser has this refresh token, and no access token any more.
async fn come_back(app: &TestApp, token: &str) -> (Visitor, User) {
    let visitor = app.visitor();
    visitor.jar.set("refresh", token);
    visitor.refresh().await.must(200);
    let user = visitor.me().await.must(200).json();
    (visitor, user)
}

async fn accounts_sessions_rooms_and_pictures_of_commit_c8c0ae9_work_after_an_upgrade(on: On) {
    let app = start_on_old_data(on, |_| {}).await;

    let (ada, user) = come_back(&app, ADAS_TOKEN).await;
    assert_eq!(
        (user.person.name.as_str(), user.activated, user.owner),
        ("Ada", true, true)
    );
    assert_eq!(ada.get(&user.person.picture).await.must(200).body, PHOTO);
    let (ben, user) = come_back(&app, BENS_TOKEN).await;
    assert_eq!((user.person.name.as_str(), user.owner), ("Ben", false));
    ben.get(&user.person.picture).await.must(200);
    let (dora, user) = come_back(&app, DORAS_TOKEN).await;
    assert_eq!(user.person.name, "Dora");

    // Sessions go on: the next tokens work too.
    ada.refresh().await.must(200);
    ada.me().await.must(200);

    // An address that had an account finds it, and a new address gets a new account.
    let again: User = app.visitor().sign_up("ada@example.org").await;
    assert_eq!(again.person.name, "Ada");
    app.person("Frieda").await;

    for (visitor, room, status) in [
        (&ada, KITCHEN_TABLE, 200),
        (&ben, KITCHEN_TABLE, 200),
        (&dora, KITCHEN_TABLE, 200),
        (&ben, BOOK_CLUB, 200),
    ] {
        visitor.find_room(room).await.must(status);
    }
    assert_ne!(
        dora.find_room(BOOK_CLUB).await.status,
        200,
        "a private room stays private"
    );
    assert_ne!(
        ada.find_room(OLD_TALK).await.status,
        200,
        "a room that has ended stays ended"
    );
    let list = ada.list_rooms().await.must(200).text();
    assert!(list.contains("Kitchen table"), "{list}");
    ada.open_room("A new room", "open").await;
}

#[tokio::test]
async fn before_an_upgrade_a_backup_is_made_that_an_older_snug_can_use() {
    let app = start_on_old_data(On::Sqlite, |config| config.backups = Some(BackupPlan::default())).await;
    let folder = app.state.config.data_dir.join("backups");
    let names: Vec<_> = fs::read_dir(&folder)
        .expect("the folder")
        .flatten()
        .map(|file| file.path())
        .collect();
    let [backup] = &names[..] else {
        panic!("one backup: {names:?}")
    };
    let name = backup.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(name.starts_with("before-"), "{name}");

    let (restored, _above) = restore_into_new_folder(backup).await;
    let url = restored.database_url.expose();
    let mut database = SqliteConnection::connect(url).await.expect("the database");
    let (migrations,): (i64,) = sqlx::query_as("select count(*) from _sqlx_migrations")
        .fetch_one(&mut database)
        .await
        .expect("counted");
    assert_eq!(migrations, 13, "those of commit c8c0ae9");
    let photo = restored.data_dir.join(format!("pictures/{PHOTO_HASH}.jpg"));
    assert_eq!(fs::read(photo).expect("the photo"), PHOTO);
    let keyring = fs::read_to_string(restored.data_dir.join("keyring.json"));
    assert_eq!(keyring.expect("the keys"), KEYRING);
}

async fn restore_into_new_folder(backup: &Path) -> (Config, tempfile::TempDir) {
    let above = tempfile::tempdir().expect("a folder");
    let config = Config::for_tests(&above.path().join("data"));
    restore_into(&config, backup, false).await;
    (config, above)
}

#[tokio::test]
async fn a_start_without_an_upgrade_makes_no_backup() {
    let mut app = start_on_old_data(On::Sqlite, |config| config.backups = Some(BackupPlan::default())).await;
    let folder = app.state.config.data_dir.join("backups");
    let count = || fs::read_dir(&folder).expect("the folder").count();
    assert_eq!(count(), 1);
    app.restart().await;
    assert_eq!(count(), 1);
    let new = TestApp::with(On::Sqlite, |config| config.backups = Some(BackupPlan::default())).await;
    assert!(
        !new.state.config.data_dir.join("backups").exists(),
        "an empty database needs no backup"
    );
}
