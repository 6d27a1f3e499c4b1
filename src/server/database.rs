//! The database: SQLite by default, PostgreSQL by URL, one SQL text for both through `sqlx::Any`.

use super::{config::DatabaseUrl, error::Error};
use crate::error::AppError;
use anyhow::Context;
use sqlx::{Any, AnyPool, Executor, Transaction, any::AnyPoolOptions};
use std::time::Duration;

/// A transaction that writes, for those who hand it on from store to store.
pub type Writing = Transaction<'static, Any>;

/// SQLite: one writer (it has one anyway; queueing here beats `SQLITE_BUSY`) and read-only readers in WAL mode.
/// PostgreSQL: one pool under both names.
#[derive(Debug, Clone)]
pub struct Database {
    writer: AnyPool,
    reader: AnyPool,
    begin: &'static str,
}

/// `synchronous=full`: what was acknowledged is on the disk.
const SQLITE_WRITER: &str =
    "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 3000";
const SQLITE_READER: &str = "pragma query_only = on; pragma foreign_keys = on; pragma busy_timeout = 3000";

impl Database {
    /// Connects and migrates.
    ///
    /// # Errors
    /// Where the database can't be reached or a migration fails.
    pub async fn open(url: &DatabaseUrl) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        let database = if url.is_sqlite() {
            Self::open_sqlite(url.expose()).await
        } else {
            Self::open_postgres(url.expose()).await
        };
        let database = database.context("the database can't be opened (snug.database.url, SNUG_DATABASE_URL)")?;
        sqlx::migrate!()
            .run(&database.writer)
            .await
            .context("the database can't be migrated")?;
        Ok(database)
    }

    /// A connection to SQLite is a thread of ours: asking it whether it still lives, before each use, says nothing and
    /// costs as much as the question that follows.
    async fn open_sqlite(url: &str) -> sqlx::Result<Self> {
        let create = if url.contains('?') {
            format!("{url}&mode=rwc")
        } else {
            format!("{url}?mode=rwc")
        };
        let writer = options(1)
            .test_before_acquire(false)
            .after_connect(|connection, _| run(connection, SQLITE_WRITER))
            .connect(&create)
            .await?;
        let reader = options(4)
            .test_before_acquire(false)
            .after_connect(|connection, _| run(connection, SQLITE_READER))
            .connect(url)
            .await?;
        Ok(Self {
            writer,
            reader,
            begin: "begin immediate",
        })
    }

    async fn open_postgres(url: &str) -> sqlx::Result<Self> {
        let pool = options(16).connect(url).await?;
        Ok(Self {
            writer: pool.clone(),
            reader: pool,
            begin: "begin",
        })
    }

    /// Where single statements that write go.
    pub fn writer(&self) -> &AnyPool {
        &self.writer
    }

    /// Where questions go. On SQLite it sees what was committed when the question began.
    pub fn reader(&self) -> &AnyPool {
        &self.reader
    }

    /// Begins a transaction that writes (`begin immediate` on SQLite: its upgrade from read to write ignores the busy timeout).
    pub async fn begin(&self) -> sqlx::Result<Writing> {
        match self.writer.begin_with(self.begin).await {
            // After SQLITE_FULL SQLite has rolled back by itself. sqlx's own rollback then fails, and it counts the
            // transaction as open for as long as the connection lives.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await?.close().await?;
                self.writer.begin_with(self.begin).await
            }
            begun => begun,
        }
    }

    /// Whether writes wait for one another anyway, so that those who wait had better go together. PostgreSQL gathers
    /// commits itself.
    pub fn has_one_writer(&self) -> bool {
        self.begin == "begin immediate"
    }

    /// Closes every connection; SQLite folds its write-ahead log into the database.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

fn options(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
}

fn run<'c>(
    connection: &'c mut sqlx::AnyConnection,
    pragmas: &'static str,
) -> futures::future::BoxFuture<'c, sqlx::Result<()>> {
    Box::pin(async move {
        for pragma in pragmas.split("; ") {
            connection.execute(pragma).await?;
        }
        Ok(())
    })
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_unavailable(&error) {
            tracing::warn!(%error, "the database is busy, full or gone");
            return Error::Public(AppError::unavailable());
        }
        Error::Internal(error.into())
    }
}

/// Busy, full or gone: trying again later helps, and nobody is signed out over it.
fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        // SQLite: 5 busy, 6 locked, 10 input/output, 13 full (low octet). PostgreSQL: classes 08, 40 (a
        // deadlock, or two that can not both be first), 53 and 57.
        sqlx::Error::Database(message) => message.code().is_some_and(|code| match code.parse::<u32>() {
            Ok(sqlite) if code.len() < 5 => matches!(sqlite & 0xff, 5 | 6 | 10 | 13),
            _ => ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)),
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Row;

    #[tokio::test]
    async fn what_sqlite_acknowledges_is_on_the_disk() {
        sqlx::any::install_default_drivers();
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("snug.db").display());
        let database = Database::open_sqlite(&url).await.expect("a database");
        let synchronous = database.writer().fetch_one("pragma synchronous").await.expect("asked");
        // Full (SQLite's manual, PRAGMA synchronous).
        assert_eq!(synchronous.get::<i64, _>(0), 2);
        let journal = database.writer().fetch_one("pragma journal_mode").await.expect("asked");
        assert_eq!(journal.get::<String, _>(0), "wal");
    }
}
