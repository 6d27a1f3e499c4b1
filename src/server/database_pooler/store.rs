//! The SQL that finds out whether a pooler mixes the prepared statements of our connections.
//!
//! Each connection gives its prepared statements the names `sqlx_s_1`, `sqlx_s_2` and so on. PgBouncer with `pool_mode = transaction`
//! lets two of our connections share one connection to PostgreSQL. If PgBouncer does not rename the statements, PostgreSQL finds a name
//! taken, does not know it, or runs the statement that another of our connections has prepared under this name.

use super::MIXES_STATEMENTS;
use anyhow::bail;
use sqlx::{AnyConnection, AnyPool};

/// The first statements of two connections, with their answers. Both statements get the same name.
const STATEMENTS: [(&str, i64); 2] = [("select 1::bigint", 1), ("select 2::bigint", 2)];

/// PgBouncer can use its connections in turn, so one round might find nothing.
const ROUNDS: usize = 3;

/// PostgreSQL's codes (its documentation, appendix A): a protocol violation, such as a wrong number of values for the statement, an
/// unknown statement, and a name that is taken.
const MIXED_CODES: [&str; 3] = ["08P01", "26000", "42P05"];

/// Runs prepared statements on two new connections of the pool, one after the other. Changes nothing.
///
/// # Errors
/// If a statement of one connection reached another, with a sentence that says what to do. If the database does not answer.
pub async fn check(pool: &AnyPool) -> anyhow::Result<()> {
    let mut connections = [pool.acquire().await?, pool.acquire().await?];
    for _ in 0..ROUNDS {
        for (connection, (sql, answer)) in connections.iter_mut().zip(STATEMENTS) {
            if !has_answer(connection, sql, answer).await? {
                bail!(MIXES_STATEMENTS);
            }
        }
    }
    Ok(())
}

/// Whether PostgreSQL runs this statement, and no other, on this connection.
async fn has_answer(connection: &mut AnyConnection, sql: &'static str, answer: i64) -> sqlx::Result<bool> {
    let row: sqlx::Result<(i64,)> = sqlx::query_as(sql).fetch_one(connection).await;
    match row {
        Ok((found,)) => Ok(found == answer),
        Err(sqlx::Error::ColumnDecode { .. }) => Ok(false),
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| MIXED_CODES.contains(&&*code)) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
