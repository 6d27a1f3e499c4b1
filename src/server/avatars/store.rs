//! The SQL of the avatar store: notes of the stored pictures, and whether an account uses a picture.

use crate::server::database::Database;

/// Whether any account uses this picture.
pub async fn is_in_use(database: &Database, picture: &str) -> sqlx::Result<bool> {
    let row: Option<(String,)> = sqlx::query_as("select id from users where picture = $1 limit 1")
        .bind(picture)
        .fetch_optional(database.writer())
        .await?;
    Ok(row.is_some())
}

/// Notes that a picture's files are about to be written.
pub async fn note(database: &Database, hash: &str, now_s: i64) -> sqlx::Result<()> {
    sqlx::query("insert into pictures (hash, hung_at) values ($1, $2) on conflict (hash) do update set hung_at = excluded.hung_at")
        .bind(hash)
        .bind(now_s)
        .execute(database.writer())
        .await?;
    Ok(())
}

/// The pictures that were noted at `until_s` (in unix seconds) or earlier and that no account uses.
pub async fn list_orphans(database: &Database, until_s: i64) -> sqlx::Result<Vec<String>> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select hash from pictures
          where hung_at <= $1 and not exists (select id from users where users.picture = pictures.hash)",
    )
    .bind(until_s)
    .fetch_all(database.reader())
    .await?;
    Ok(rows.into_iter().map(|(hash,)| hash).collect())
}

/// Deletes the note of a picture whose files are deleted.
pub async fn forget(database: &Database, hash: &str) -> sqlx::Result<()> {
    sqlx::query("delete from pictures where hash = $1")
        .bind(hash)
        .execute(database.writer())
        .await?;
    Ok(())
}
