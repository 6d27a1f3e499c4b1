//! The SQL of the gallery: who wears what.

use crate::server::database::Database;

/// Whether anybody wears this picture.
pub async fn is_worn(database: &Database, picture: &str) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as("select id from users where picture = $1 limit 1")
        .bind(picture)
        .fetch_optional(database.writer())
        .await?;
    Ok(row.is_some())
}
