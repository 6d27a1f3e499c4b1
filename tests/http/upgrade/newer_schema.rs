//! A database that a newer Snug has migrated is refused, unless that Snug has noted that this one can use it.

use crate::{
    database::{On, create_postgres_database},
    test_app::TestApp,
};
use snug::server::{config::Config, state::AppState};
use std::fs;

on_both_databases! {
    a_newer_database_is_refused_unchanged_until_it_says_that_this_program_can_use_it,
    a_database_of_another_branch_is_refused,
}

/// A migration of the year 9999.
const FUTURE: i64 = 99_991_231_000_000;

async fn apply_future_migration(app: &TestApp) {
    let newest: i64 = app.ask("select max(version) from _sqlx_migrations").await;
    let copy = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                select $1, 'future', success, checksum, 0 from _sqlx_migrations where version = $2";
    sqlx::query(copy)
        .bind(FUTURE)
        .bind(newest)
        .execute(app.state.database.writer())
        .await
        .expect("inserted");
    app.tamper("create table future_things (id text not null primary key)")
        .await;
}

/// Starts on this database without a router, and returns the error.
async fn refusal(config: &Config) -> String {
    let opened = AppState::open(config.clone()).await;
    format!("{:#}", opened.err().expect("the database is newer"))
}

async fn start(on: On) -> (TestApp, Config) {
    let postgres = match on {
        On::Sqlite => None,
        On::Postgres => Some(create_postgres_database().await),
    };
    let app = TestApp::with(On::Sqlite, |config| {
        if let Some(url) = postgres {
            config.database_url = url;
        }
    })
    .await;
    let config = app.state.config.clone();
    (app, config)
}

async fn a_newer_database_is_refused_unchanged_until_it_says_that_this_program_can_use_it(on: On) {
    let (mut app, config) = start(on).await;
    let ada = app.person("Ada").await;
    let newest: i64 = app.ask("select max(version) from _sqlx_migrations").await;
    apply_future_migration(&app).await;
    app.stop().await;
    let file = config.data_dir.join("snug.db");
    let before = fs::read(&file).ok();

    let message = refusal(&config).await;
    for words in [
        "a newer Snug has changed the database",
        "(version ",
        "Nothing was changed",
        "before-",
    ] {
        assert!(message.contains(words), "{words:?} is missing: {message}");
    }
    assert_eq!(fs::read(&file).ok(), before);

    // The newer program says that only programs with a migration of the year 9998 can use the database.
    mark_readable(&config, 99_981_231_000_000).await;
    assert!(refusal(&config).await.contains("a newer Snug"));

    mark_readable(&config, newest).await;
    app.start_again().await;
    ada.me().await.must(200);
    assert_eq!(
        app.ask::<i64>("select max(version) from _sqlx_migrations").await,
        FUTURE
    );
}

async fn mark_readable(config: &Config, oldest_reader: i64) {
    let database = snug::server::database::Database::connect(&config.database_url, None)
        .await
        .expect("the database");
    sqlx::query("delete from schema_readers")
        .execute(database.writer())
        .await
        .expect("deleted");
    sqlx::query("insert into schema_readers (migration, oldest_reader) values ($1, $2)")
        .bind(FUTURE)
        .bind(oldest_reader)
        .execute(database.writer())
        .await
        .expect("inserted");
    database.close().await;
}

async fn a_database_of_another_branch_is_refused(on: On) {
    let (mut app, config) = start(on).await;
    apply_future_migration(&app).await;
    app.tamper("delete from _sqlx_migrations where version = 20261203000059")
        .await;
    app.stop().await;
    let message = refusal(&config).await;
    assert!(message.contains("changes that this Snug"), "{message}");
}
