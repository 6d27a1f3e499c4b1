//! The database: SQLite by default, or PostgreSQL by its URL.
//!
//! Both run the same SQL, through `sqlx::Any`. So the tables have only `text` and `bigint` columns, and times are unix seconds.

use super::{
    config::DatabaseUrl,
    database_fence::DatabaseFence,
    database_waits::{DatabaseWaits, PoolFigures},
    error::Error,
};
use crate::error::AppError;
use anyhow::Context;
use futures::future::BoxFuture;
use sqlx::{
    Any, AnyConnection, AnyPool, Connection, Executor, Transaction, any::AnyPoolOptions, pool::PoolConnectionMetadata,
    sqlite::SqliteConnectOptions,
};
use std::{
    future::ready,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

/// The configuration key of the database, and the environment variable of that key.
pub const DATABASE_KEY: &str = "snug.database.url, SNUG_DATABASE_URL";

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
    fenced: Option<Fenced>,
    waits: Arc<DatabaseWaits>,
}

/// The fence of the database, and the pool to use while the fence is closed. That pool is closed too, so it refuses at once. The open
/// pool would try for five seconds to get a connection.
#[derive(Debug, Clone)]
struct Fenced {
    fence: DatabaseFence,
    closed: AnyPool,
}

/// A probe of the wait for a connection ends after this time.
const PROBED_FOR: Duration = Duration::from_secs(1);

/// With `synchronous=full`, a commit returns only when the data is on the disk.
const SQLITE_WRITER: &str =
    "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 3000";
const SQLITE_READER: &str = "pragma query_only = on; pragma foreign_keys = on; pragma busy_timeout = 3000";

impl Database {
    /// Connects, and changes nothing. On PostgreSQL, connections are given out only while `fence` is open; `None` for a program that
    /// only reads, and for a command that works beside a running server.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn connect(url: &DatabaseUrl, fence: Option<&DatabaseFence>) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        let database = if url.is_sqlite() {
            Self::open_sqlite(url.expose()).await
        } else {
            Self::open_postgres(url.expose(), fence).await
        };
        database.with_context(|| format!("the database can't be opened ({DATABASE_KEY})"))
    }

    /// Whether the database answers. One query that reads one row at most.
    ///
    /// # Errors
    /// If the query fails.
    pub async fn ping(&self) -> sqlx::Result<()> {
        self.reader().execute("select id from users limit 1").await?;
        Ok(())
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
            fenced: None,
            waits: Arc::default(),
        })
    }

    /// Opens PostgreSQL, with 14 connections. The [lease](super::database_lease) has two others.
    async fn open_postgres(url: &str, fence: Option<&DatabaseFence>) -> sqlx::Result<Self> {
        let mut pool = options(14).after_release(answers_in_time);
        let mut fenced = None;
        if let Some(fence) = fence.cloned() {
            let closed = options(1).connect_lazy(url)?;
            closed.close().await;
            fenced = Some(Fenced {
                fence: fence.clone(),
                closed,
            });
            // The fence may close while somebody waits for a connection.
            let of_new = fence.clone();
            pool = pool
                .before_acquire(move |_, _| Box::pin(ready(Ok(fence.is_open()))))
                .after_connect(move |_, _| Box::pin(ready(of_new.must_be_open().map_err(sqlx::Error::Io))));
        }
        let pool = pool.connect(url).await?;
        Ok(Self {
            writer: pool.clone(),
            reader: pool,
            begin: "begin",
            fenced,
            waits: Arc::default(),
        })
    }

    /// The pool for single statements that write.
    pub fn writer(&self) -> &AnyPool {
        self.unless_fenced(&self.writer)
    }

    /// The pool for queries. On SQLite, a query sees what was committed when it began.
    pub fn reader(&self) -> &AnyPool {
        self.unless_fenced(&self.reader)
    }

    fn unless_fenced<'a>(&'a self, pool: &'a AnyPool) -> &'a AnyPool {
        match &self.fenced {
            Some(fenced) if !fenced.fence.is_open() => &fenced.closed,
            _ => pool,
        }
    }

    /// Begins a transaction that writes. On SQLite, the transaction takes the write lock at once (`begin immediate`), because upgrading
    /// from a read lock would ignore the busy timeout.
    pub async fn begin(&self) -> sqlx::Result<Writing> {
        let asked_at = Instant::now();
        let begun = self.begin_now().await;
        self.waits.writer.add_time(asked_at.elapsed());
        begun
    }

    async fn begin_now(&self) -> sqlx::Result<Writing> {
        match self.writer().begin_with(self.begin).await {
            // On SQLITE_FULL, SQLite rolls the transaction back by itself. sqlx's own rollback then fails, and sqlx counts the
            // transaction as open until the connection is closed. So we close the connection and use another one.
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

    /// Waits for a connection that reads as any query would, but at most [`PROBED_FOR`], notes how long that took, and gives the
    /// connection back.
    pub async fn probe_wait(&self) {
        let asked_at = Instant::now();
        let _ = tokio::time::timeout(PROBED_FOR, self.reader().acquire()).await;
        self.waits.reader.add_time(asked_at.elapsed());
    }

    /// How long requests have waited for connections since the start.
    pub fn waits(&self) -> &DatabaseWaits {
        &self.waits
    }

    /// The pools now, by name. PostgreSQL has only one.
    pub fn list_pools(&self) -> Vec<(&'static str, PoolFigures)> {
        let figures = |pool: &AnyPool| PoolFigures {
            open: pool.size(),
            in_use: pool
                .size()
                .saturating_sub(u32::try_from(pool.num_idle()).unwrap_or(u32::MAX)),
        };
        match self.has_one_writer() {
            true => vec![("writer", figures(&self.writer)), ("reader", figures(&self.reader))],
            false => vec![("all", figures(&self.writer))],
        }
    }

    /// Closes every connection. SQLite then writes its log into the database file.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// Tests a connection that is given back. After an error, sqlx closes the connection. sqlx's own test has no time limit: after an outage
/// of the network, a connection whose caller gave up would count as used until TCP gives up, which takes minutes.
pub fn answers_in_time(connection: &mut AnyConnection, _: PoolConnectionMetadata) -> BoxFuture<'_, sqlx::Result<bool>> {
    Box::pin(async move {
        let answer = tokio::time::timeout(Duration::from_secs(2), connection.ping()).await;
        answer.map_err(|_| sqlx::Error::PoolTimedOut)??;
        Ok(true)
    })
}

/// The file of a SQLite database; `None` for PostgreSQL.
pub fn sqlite_file(url: &DatabaseUrl) -> Option<PathBuf> {
    let options: SqliteConnectOptions = url.is_sqlite().then(|| url.expose().parse().ok())??;
    Some(options.get_filename().to_owned())
}

fn options(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
}

fn run<'c>(connection: &'c mut sqlx::AnyConnection, pragmas: &'static str) -> BoxFuture<'c, sqlx::Result<()>> {
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

/// Whether the database is busy, full, read-only or unreachable, so that trying again later may help. Such an error must never sign
/// anybody out.
fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(message) => message.code().is_some_and(|code| is_code_of_unavailable(&code)),
        _ => false,
    }
}

/// The errors of SQLite after which another try can succeed ("Result and Error Codes" in SQLite's documentation): busy, locked, read-only,
/// I/O error, full, and "can't open". The low byte of an extended code is the primary code.
const SQLITE_UNAVAILABLE: [u32; 6] = [5, 6, 8, 10, 13, 14];

/// The same for PostgreSQL (its documentation, appendix A). Some are whole classes: 08 connection exception, 40 transaction rollback
/// (such as a deadlock), 53 insufficient resources, 57 operator intervention, 58 system error. 25006 is a read-only server, as during
/// a switch to another server. PgBouncer causes 26000 if it switches to a connection of PostgreSQL that does not know our
/// prepared statement, and 42P05 if that connection has another statement of the same name.
const POSTGRES_UNAVAILABLE: [&str; 8] = ["08", "25006", "26000", "40", "42P05", "53", "57", "58"];

/// PostgreSQL's codes have five characters. SQLite's are numbers, and none of the numbers that sqlx reports has five digits.
fn is_code_of_unavailable(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(sqlite) if code.len() < 5 => SQLITE_UNAVAILABLE.contains(&(sqlite & 0xff)),
        _ => POSTGRES_UNAVAILABLE.iter().any(|start| code.starts_with(start)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Row;

    #[test]
    fn errors_that_end_by_themselves_count_as_unavailable() {
        // 264 is SQLITE_READONLY_RECOVERY, 1032 SQLITE_READONLY_DBMOVED, 526 SQLITE_CANTOPEN_ISDIR.
        for code in [
            "5", "8", "14", "264", "1032", "526", "26000", "42P05", "25006", "08006", "57P03", "58030",
        ] {
            assert!(is_code_of_unavailable(code), "{code}");
        }
        // 19 is SQLITE_CONSTRAINT, 2067 SQLITE_CONSTRAINT_UNIQUE, 23505 a unique violation, 42P01 a missing table.
        for code in ["1", "11", "19", "2067", "23505", "42P01", "25001"] {
            assert!(!is_code_of_unavailable(code), "{code}");
        }
    }

    #[test]
    fn the_file_of_a_database_is_found_as_sqlx_finds_it() {
        let file = |url| sqlite_file(&DatabaseUrl::parse(url).expect(url));
        assert_eq!(
            file("sqlite:/srv/our%20snug/snug.db?cache=private"),
            Some("/srv/our snug/snug.db".into())
        );
        assert_eq!(file("sqlite://data/snug.db"), Some("data/snug.db".into()));
        assert_eq!(file("postgres://localhost/snug"), None);
    }

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
