//! The SQL for the schema: the migrations of this program, and those that were applied to the database.

use crate::server::database::Database;
use sqlx::migrate::{Migrate, MigrateError, Migrator};

/// The table in which sqlx notes the migrations that were applied.
const APPLIED: &str = "_sqlx_migrations";

/// A migration that older programs can live with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaReader {
    /// The version of the migration.
    pub migration: i64,
    /// The version of the newest migration that a program must know to use the database after this one.
    pub oldest_reader: i64,
}

fn migrator() -> Migrator {
    sqlx::migrate!()
}

/// The versions of this program's migrations, in ascending order.
pub fn list_known() -> Vec<i64> {
    migrator().iter().map(|migration| migration.version).collect()
}

/// The versions of the migrations that were applied to the database. Creates sqlx's own table if the database is empty.
pub async fn list_applied(database: &Database) -> Result<Vec<i64>, MigrateError> {
    let mut connection = database.writer().acquire().await?;
    connection.ensure_migrations_table(APPLIED).await?;
    let applied = connection.list_applied_migrations(APPLIED).await?;
    Ok(applied.into_iter().map(|migration| migration.version).collect())
}

/// The migrations that say which older programs can use the database.
pub async fn list_readers(database: &Database) -> sqlx::Result<Vec<SchemaReader>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as("select migration, oldest_reader from schema_readers")
        .fetch_all(database.reader())
        .await?;
    let reader = |(migration, oldest_reader)| SchemaReader {
        migration,
        oldest_reader,
    };
    Ok(rows.into_iter().map(reader).collect())
}

/// Runs the migrations that were not applied yet. Migrations that this program does not know are ignored, so check them first.
pub async fn apply(database: &Database) -> Result<(), MigrateError> {
    let mut migrator = migrator();
    // sqlx's own lock belongs to a session of PostgreSQL (`pg_advisory_lock`). PgBouncer shares sessions, so that lock could stay
    // locked for ever.
    migrator.set_locking(false);
    migrator.set_ignore_missing(true);
    migrator.run(database.writer()).await
}
