//! The SQL for the name of this Snug and the line about it.

use crate::{model::snug_info::SnugText, server::database::Database};

/// What the owners have written; `None` if they have not written anything yet.
pub async fn find_text(database: &Database) -> sqlx::Result<Option<SnugText>> {
    let row: Option<(String, String)> = sqlx::query_as("select name, line from snug_info")
        .fetch_optional(database.reader())
        .await?;
    Ok(row.and_then(|(name, line)| SnugText::parse(&name, &line).ok()))
}

/// Writes the name and the line.
pub async fn write_text(database: &Database, text: &SnugText) -> sqlx::Result<()> {
    sqlx::query(
        "insert into snug_info (id, name, line) values (1, $1, $2)
         on conflict (id) do update set name = excluded.name, line = excluded.line",
    )
    .bind(text.name.as_str())
    .bind(text.line.as_str())
    .execute(database.writer())
    .await?;
    Ok(())
}
