//! Everything in a database as text, for tests that look for a value or check that nothing has changed.

use crate::database::On;
use sqlx::{AnyPool, AssertSqlSafe};

/// One value and its column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DumpedRow {
    /// `table.column`.
    pub place: String,
    pub value: String,
}

/// Every value of every column of every table except sqlx's own, sorted.
pub async fn dump(on: On, pool: &AnyPool) -> Vec<DumpedRow> {
    let mut entries = vec![];
    for (table, column) in columns(on, pool).await {
        let sql = format!("select cast({column} as text) from {table} where {column} is not null");
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await.expect("rows");
        let place = format!("{table}.{column}");
        entries.extend(rows.into_iter().map(|(value,)| DumpedRow {
            place: place.clone(),
            value,
        }));
    }
    assert!(!entries.is_empty(), "nothing was read");
    entries.sort_unstable();
    entries
}

async fn columns(on: On, pool: &AnyPool) -> Vec<(String, String)> {
    let sql = match on {
        On::Sqlite => {
            "select t.name, c.name from sqlite_master t, pragma_table_info(t.name) c \
             where t.type = 'table' and t.name not like '\\_sqlx%' escape '\\' order by 1, 2"
        }
        On::Postgres => {
            "select table_name::text, column_name::text from information_schema.columns \
             where table_schema = 'public' and table_name not like '\\_sqlx%' order by 1, 2"
        }
    };
    sqlx::query_as(sql).fetch_all(pool).await.expect("the columns")
}
