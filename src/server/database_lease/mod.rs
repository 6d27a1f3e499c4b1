//! The lease of a PostgreSQL database: a row that one process renews, so that no second Snug uses the database.
//!
//! `docs/decisions/0026-one-program-for-each-database.md` explains why the lease is a row.

pub mod store;

use super::{
    config::DatabaseUrl,
    database::DATABASE_KEY,
    database_fence::{DatabaseFence, Moment},
    file_lock::{Protected, in_use},
};
use anyhow::{Context, bail};
use std::time::{Duration, Instant};
use store::LeaseStore;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout_at},
};
use tokio_util::sync::CancellationToken;

pub use store::Claim;

/// How often the lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(2);
/// How often a renewal that failed is tried again.
const RETRY_EVERY: Duration = Duration::from_millis(500);
/// How often we try to take a lease that another process holds.
const TAKE_EVERY: Duration = Duration::from_millis(500);
/// A renewal that takes longer has failed.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);
/// How long after a renewal this process uses the database. This is a second shorter than the time after which another process can
/// take the lease, so that the last statements have ended by then.
const USABLE_FOR: Duration = Duration::from_millis(store::FREE_AFTER_MS as u64 - 1_000);

/// The lease, held and renewed by this process.
#[derive(Debug)]
pub struct DatabaseLease {
    store: LeaseStore,
    claim: Claim,
    fence: DatabaseFence,
    lost: CancellationToken,
    renewing: JoinHandle<()>,
}

impl DatabaseLease {
    /// Takes the lease, and begins to renew it. Waits until `deadline` if another process holds it. `ended` is the
    /// incarnation (see [`Claim`]) of a process that is known to have ended. A lease of that process is free, so that a program that was
    /// killed can start again at once.
    ///
    /// # Errors
    /// If another process holds the lease at `deadline`: the message names the database and the process. If the database can't be
    /// reached, does not answer, or the table can't be created.
    pub async fn take(url: &DatabaseUrl, claim: Claim, ended: Option<&str>, deadline: Instant) -> anyhow::Result<Self> {
        let store = answered(deadline, LeaseStore::connect(url)).await?;
        // If two processes create the table at the same time, one of them gets an error, and finds the table the second time.
        let create_table = async {
            match store.create_table().await {
                Ok(()) => Ok(()),
                Err(_) => store.create_table().await,
            }
        };
        answered(deadline, create_table).await?;
        let fence = DatabaseFence::default();
        loop {
            let asked_at = Moment::now();
            if answered(deadline, store.take(&claim, ended)).await? {
                fence.open_until(asked_at + USABLE_FOR);
                break;
            }
            if Instant::now() >= deadline {
                let holder = answered(deadline, store.find_holder()).await?;
                let holder = holder.map_or_else(|| "another process uses it".into(), |holder| holder.to_string());
                let (name, key) = (&format!("the database {}", url.describe()), DATABASE_KEY);
                bail!("{}", in_use(Protected { name, key }, &holder));
            }
            sleep(TAKE_EVERY).await;
        }
        let lost = CancellationToken::new();
        let renewing = tokio::spawn(renew_until_lost(
            store.clone(),
            claim.clone(),
            fence.clone(),
            lost.clone(),
        ));
        Ok(Self {
            store,
            claim,
            fence,
            lost,
            renewing,
        })
    }

    /// Closed whenever another process may have taken the lease.
    pub fn fence(&self) -> &DatabaseFence {
        &self.fence
    }

    /// Returns when another process has taken the lease. Cancel safe.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Ends the renewals and frees the lease. Call this after the last statement on the database.
    pub async fn release(&self) {
        self.renewing.abort();
        self.fence.close();
        let released = tokio::time::timeout(ANSWER_WITHIN, self.store.release(&self.claim)).await;
        if !matches!(released, Ok(Ok(()))) {
            tracing::warn!("the database could not be released; another Snug can use it in 10 seconds");
        }
        // Closing waits for the connection, which may not answer.
        let _ = tokio::time::timeout(RETRY_EVERY, self.store.close()).await;
    }
}

impl Drop for DatabaseLease {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

/// Names the process that has renewed its lease of this database just now, and since when it uses the database. `None` if there is none.
/// Changes nothing.
///
/// # Errors
/// If the database can't be reached or does not answer.
pub async fn find_holder(url: &DatabaseUrl) -> anyhow::Result<Option<String>> {
    let now = Instant::now();
    let store = answered(now, LeaseStore::connect(url)).await?;
    // A database that no Snug has used yet has no table.
    let holder = timeout_at((now + ANSWER_WITHIN * 2).into(), store.find_live_holder()).await;
    let _ = tokio::time::timeout(RETRY_EVERY, store.close()).await;
    match holder {
        Ok(holder) => Ok(holder.ok().flatten().map(|holder| holder.to_string())),
        Err(_) => bail!("the database accepts connections but does not answer ({DATABASE_KEY})"),
    }
}

/// The answer of the database, if it comes before `deadline` or within [`ANSWER_WITHIN`].
///
/// # Errors
/// The error of the database, or a sentence about a database that does not answer, such as a server that is stopped but still accepts
/// connections.
async fn answered<T, E>(deadline: Instant, answer: impl Future<Output = Result<T, E>>) -> anyhow::Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let latest = deadline.max(Instant::now() + ANSWER_WITHIN);
    let cannot_open = || format!("the database can't be opened ({DATABASE_KEY})");
    match timeout_at(latest.into(), answer).await {
        Ok(answer) => answer.with_context(cannot_open),
        Err(_) => bail!("{}: its server accepts connections but does not answer", cannot_open()),
    }
}

/// Waits until the time of the next renewal: [`RENEW_EVERY`], or [`RETRY_EVERY`] after a failure. Also ends within [`RETRY_EVERY`] after
/// the fence has closed, because after a sleep of the machine every request waits for the renewal.
async fn wait_for_next(after_failure: bool, fence: &DatabaseFence) {
    let began = Instant::now();
    loop {
        sleep(RETRY_EVERY).await;
        if after_failure || !fence.is_open() || began.elapsed() >= RENEW_EVERY {
            return;
        }
    }
}

/// Renews the lease until another process has taken it. While the database can't be reached, nobody can take the lease there either,
/// so we try again for ever, and people in rooms keep talking.
async fn renew_until_lost(store: LeaseStore, claim: Claim, fence: DatabaseFence, lost: CancellationToken) {
    let mut fails = false;
    loop {
        wait_for_next(fails, &fence).await;
        let asked_at = Moment::now();
        match tokio::time::timeout(ANSWER_WITHIN, store.renew(&claim)).await {
            Ok(Ok(true)) => {
                fence.open_until(asked_at + USABLE_FOR);
                if fails {
                    tracing::info!("the database answers again, and still belongs to this Snug");
                }
                fails = false;
            }
            Ok(Ok(false)) => {
                fence.close();
                lost.cancel();
                return;
            }
            failure => {
                if !fails {
                    let error = match failure {
                        Ok(Err(error)) => error.to_string(),
                        _ => "no answer".to_owned(),
                    };
                    tracing::warn!(
                        error,
                        "the lease of the database can't be renewed; trying again until the database answers"
                    );
                }
                fails = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::store::tests::answer_until_the_first_statement;
    use super::*;
    use std::net::SocketAddr;
    use tokio::net::TcpListener;

    /// Takes the lease of the database at this address, and returns the error.
    async fn refused(address: SocketAddr) -> String {
        let url = DatabaseUrl::parse(&format!("postgres://snug@{address}/snug?sslmode=disable")).expect("a URL");
        let began = Instant::now();
        let taken = DatabaseLease::take(&url, Claim::of_this_process(), None, began).await;
        let error = taken.expect_err("no answer").to_string();
        assert!(began.elapsed() < ANSWER_WITHIN * 2, "{:?}: {error}", began.elapsed());
        error
    }

    #[tokio::test]
    async fn a_database_that_accepts_connections_and_never_answers_is_refused_with_a_sentence() {
        // The system accepts connections for this listener, and nobody reads them.
        let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let error = refused(silent.local_addr().expect("an address")).await;
        assert!(
            error.contains("does not answer") && error.contains("SNUG_DATABASE_URL"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_database_that_no_longer_answers_statements_is_refused_with_a_sentence() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(answer_until_the_first_statement(listener));
        let error = refused(address).await;
        assert!(error.contains("does not answer"), "{error}");
    }
}
