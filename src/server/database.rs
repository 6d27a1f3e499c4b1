//! The database: SQLite by default, or PostgreSQL by its URL.
//!
//! Both run the same SQL, through `sqlx::Any`. So the tables have only `text` and `bigint` columns, and times are unix seconds.

use super::{config::DatabaseUrl, error::Error};
use crate::error::AppError;
use anyhow::Context;
use sqlx::{Any, AnyPool, Executor, Transaction, any::AnyPoolOptions};
use std::time::Duration;

/// A transaction that writes. Several stores can take part in it.
pub type Writing = Transaction<'static, Any>;

/// The connections to the database.
///
/// With SQLite (in WAL mode), there is one connection that writes and several that only read. SQLite allows only one writer at a
/// time anyway, and waiting for the connection is better than getting `SQLITE_BUSY`. With PostgreSQL, both fields are the same pool.
#[derive(Debug, Clone)]
pub struct Database {
    writer: AnyPool,
    reader: AnyPool,
    begin: &'static str,
}

/// With `synchronous=full`, a commit returns only when the data is on the disk.
const SQLITE_WRITER: &str =
    "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 3000";
const SQLITE_READER: &str = "pragma query_only = on; pragma foreign_keys = on; pragma busy_timeout = 3000";

impl Database {
    /// Connects, and runs the migrations.
    ///
    /// # Errors
    /// If the database can't be reached or a migration fails.
    pub async fn open(url: &DatabaseUrl) -> anyhow::Result<Self> {
        let database = Self::connect(url).await?;
        sqlx::migrate!()
            .run(&database.writer)
            .await
            .context("the database can't be migrated")?;
        Ok(database)
    }

    /// Connects without running the migrations, for commands that work beside a running server.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn connect(url: &DatabaseUrl) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        let database = if url.is_sqlite() {
            Self::open_sqlite(url.expose()).await
        } else {
            Self::open_postgres(url.expose()).await
        };
        database.context("the database can't be opened (snug.database.url, SNUG_DATABASE_URL)")
    }

    /// Opens SQLite. `test_before_acquire` is off: a connection to SQLite is a thread of our own process, so a test of the connection
    /// before each use would tell us nothing, and would cost as much as the query itself.
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

    /// The pool for single statements that write.
    pub fn writer(&self) -> &AnyPool {
        &self.writer
    }

    /// The pool for queries. On SQLite, a query sees what was committed when it began.
    pub fn reader(&self) -> &AnyPool {
        &self.reader
    }

    /// Begins a transaction that writes. On SQLite, the transaction takes the write lock at once (`begin immediate`), because upgrading
    /// from a read lock would ignore the busy timeout.
    pub async fn begin(&self) -> sqlx::Result<Writing> {
        match self.writer.begin_with(self.begin).await {
            // On SQLITE_FULL, SQLite rolls the transaction back by itself. sqlx's own rollback then fails, and sqlx counts the
            // transaction as open until the connection is closed. So we close it and use another one.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await?.close().await?;
                self.writer.begin_with(self.begin).await
            }
            begun => begun,
        }
    }

    /// Whether only one connection writes (SQLite). Then writes have to wait for each other anyway, and writing several together is
    /// faster. On PostgreSQL that would not help: PostgreSQL groups commits itself, and batches that lock rows in different orders
    /// could deadlock.
    pub fn has_one_writer(&self) -> bool {
        self.begin == "begin immediate"
    }

    /// Closes every connection. SQLite then writes its log into the database file.
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

/// Whether the database is busy, full or unreachable, so that trying again later may help. Such an error must never sign anybody out.
fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        // SQLite's codes are in the low byte: 5 busy, 6 locked, 10 I/O error, 13 full. PostgreSQL's classes are 08 connection
        // exception, 40 transaction rollback (such as a deadlock), 53 insufficient resources and 57 operator intervention.
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
    async fn sqlite_commits_reach_the_disk_and_use_a_write_ahead_log() {
        sqlx::any::install_default_drivers();
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("snug.db").display());
        let database = Database::open_sqlite(&url).await.expect("a database");
        let synchronous = database.writer().fetch_one("pragma synchronous").await.expect("asked");
        // 2 is FULL (SQLite's manual, PRAGMA synchronous).
        assert_eq!(synchronous.get::<i64, _>(0), 2);
        let journal = database.writer().fetch_one("pragma journal_mode").await.expect("asked");
        assert_eq!(journal.get::<String, _>(0), "wal");
    }
}
