//! The SQL for the row that says which process uses a PostgreSQL database.
//!
//! Each function is one statement of the simple query protocol: it needs no prepared statement, no transaction and no other state of
//! a connection. So it works through PgBouncer in every mode, also if each statement runs on another connection to PostgreSQL.
//! Statements of this protocol have no parameters, so the texts are quoted here.

use crate::server::{
    config::DatabaseUrl,
    database::answers_in_time,
    keyring::random_id,
    lock_holder::{LockHolder, this_process},
};
use sqlx::{AnyPool, AssertSqlSafe, Row, any::AnyPoolOptions};
use std::time::Duration;

/// A lease that was not renewed for this time, by the database's clock, is free.
pub const FREE_AFTER_MS: i64 = 10_000;

/// The database's own clock in milliseconds since 1970. The clocks of the machines that run Snug don't matter.
const NOW_MS: &str = "(extract(epoch from now()) * 1000)::bigint";

/// The process that wants the lease: its incarnation, which is an id that no other start of a Snug has, and its name.
#[derive(Debug, Clone)]
pub struct Claim {
    pub incarnation: String,
    pub process: String,
}

impl Claim {
    /// A claim of this process with a new incarnation.
    pub fn of_this_process() -> Self {
        Self {
            incarnation: random_id(20),
            process: this_process(),
        }
    }
}

/// The lease's own connections. They are not the program's pool, so a busy pool can't delay a renewal.
#[derive(Debug, Clone)]
pub struct LeaseStore(AnyPool);

impl LeaseStore {
    /// Connects to the database, within five seconds.
    pub async fn connect(url: &DatabaseUrl) -> sqlx::Result<Self> {
        sqlx::any::install_default_drivers();
        // One connection is enough for the statements. The second one is for the renewal after one that was given up: until the first
        // connection has answered or has been closed (see `answers_in_time`), it counts as used.
        let two = AnyPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(5))
            .after_release(answers_in_time);
        Ok(Self(two.connect(url.expose()).await?))
    }

    /// Creates the table. This is not a migration, because migrations run only while the lease is held.
    pub async fn create_table(&self) -> sqlx::Result<()> {
        self.rows(
            "create table if not exists database_lease (id bigint not null primary key, incarnation text not null,
             process text not null, held_since_ms bigint not null, renewed_at_ms bigint not null)"
                .into(),
        )
        .await?;
        Ok(())
    }

    /// Takes the lease if it is free, or if the process with the incarnation `ended` holds it, because that process has ended. Returns
    /// false if another process holds the lease.
    pub async fn take(&self, claim: &Claim, ended: Option<&str>) -> sqlx::Result<bool> {
        let (own, ended) = (quoted(&claim.incarnation), quoted(ended.unwrap_or_default()));
        // If the answer to an earlier call was lost, the row has our incarnation already.
        let sql = insert(claim)
            + &format!(
                " on conflict (id) do update set incarnation = excluded.incarnation, process = excluded.process,
                  held_since_ms = excluded.held_since_ms, renewed_at_ms = excluded.renewed_at_ms
                  where lease.renewed_at_ms <= excluded.renewed_at_ms - {FREE_AFTER_MS}
                     or lease.incarnation in ({own}, {ended})
                  returning incarnation"
            );
        Ok(!self.rows(sql).await?.is_empty())
    }

    /// Renews the lease. Returns false if another process has taken it since. If somebody has deleted the row, writes it again.
    pub async fn renew(&self, claim: &Claim) -> sqlx::Result<bool> {
        let sql = insert(claim)
            + " on conflict (id) do update set renewed_at_ms = excluded.renewed_at_ms
                where lease.incarnation = excluded.incarnation
                returning incarnation";
        Ok(!self.rows(sql).await?.is_empty())
    }

    /// Frees the lease, unless another process has taken it since.
    pub async fn release(&self, claim: &Claim) -> sqlx::Result<()> {
        let incarnation = quoted(&claim.incarnation);
        self.rows(format!(
            "delete from database_lease where id = 1 and incarnation = {incarnation}"
        ))
        .await?;
        Ok(())
    }

    /// The process in the row; `None` if the lease is free because it was released.
    pub async fn find_holder(&self) -> sqlx::Result<Option<LockHolder>> {
        self.find("select process, held_since_ms from database_lease where id = 1".into())
            .await
    }

    /// The process in the row, if nobody else could take the lease now.
    pub async fn find_live_holder(&self) -> sqlx::Result<Option<LockHolder>> {
        self.find(format!(
            "select process, held_since_ms from database_lease where id = 1 and renewed_at_ms > {NOW_MS} - {FREE_AFTER_MS}"
        ))
        .await
    }

    async fn find(&self, sql: String) -> sqlx::Result<Option<LockHolder>> {
        let rows = self.rows(sql).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(LockHolder {
            process: row.try_get(0)?,
            since_s: row.try_get::<i64, _>(1)? / 1000,
        }))
    }

    pub async fn close(&self) {
        self.0.close().await;
    }

    /// Runs one statement and reads all its rows. Until the last row is read, an error of the commit is not known.
    async fn rows(&self, sql: String) -> sqlx::Result<Vec<sqlx::any::AnyRow>> {
        sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&self.0).await
    }
}

/// The beginning of a statement that writes the row of this claim.
fn insert(claim: &Claim) -> String {
    let (incarnation, process) = (quoted(&claim.incarnation), quoted(&claim.process));
    format!(
        "insert into database_lease as lease (id, incarnation, process, held_since_ms, renewed_at_ms)
         values (1, {incarnation}, {process}, {NOW_MS}, {NOW_MS})"
    )
}

/// A text as an SQL literal. Our texts are ids and host names, so characters that would need an escape are left out.
fn quoted(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
    format!("'{}'", text.chars().filter(plain).collect::<String>())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        time::timeout,
    };

    /// A server that answers like PostgreSQL until the first statement, and then no longer (PostgreSQL's documentation, "Message
    /// Formats"). Ends when the client closes the connection.
    pub(crate) async fn answer_until_the_first_statement(listener: TcpListener) {
        const READY: &[u8] = b"Z\0\0\0\x05I";
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut message = [0; 4_096];
        assert!(socket.read(&mut message).await.expect("the start") > 0);
        socket
            .write_all(b"R\0\0\0\x08\0\0\0\0")
            .await
            .expect("AuthenticationOk");
        socket.write_all(READY).await.expect("ReadyForQuery");
        let mut answers = true;
        while socket.read(&mut message).await.is_ok_and(|bytes| bytes > 0) {
            answers &= message[0] != b'Q';
            if answers {
                socket.write_all(READY).await.expect("the answer to a Sync");
            }
        }
    }

    #[tokio::test]
    async fn the_connection_of_a_renewal_that_was_given_up_is_closed_within_5_s() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(answer_until_the_first_statement(listener));
        let url = DatabaseUrl::parse(&format!("postgres://snug@{address}/snug?sslmode=disable")).expect("a URL");
        let store = LeaseStore::connect(&url).await.expect("a connection");
        let claim = Claim::of_this_process();
        let renewal = timeout(Duration::from_millis(500), store.renew(&claim)).await;
        assert!(renewal.is_err(), "{renewal:?}");
        let closed = timeout(Duration::from_secs(5), server).await;
        closed.expect("closed in time").expect("the server ends");
    }

    #[test]
    fn a_text_can_t_end_its_literal() {
        assert_eq!(quoted("process 1 on snug.lan"), "'process 1 on snug.lan'");
        assert_eq!(quoted("x'; drop table users; --\\"), "'x drop table users --'");
    }
}
