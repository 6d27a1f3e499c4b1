//! The SQL for backups. Each function opens one SQLite database by its path, and closes it again.

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;

/// Opens the database. It must exist. Nothing in its schema may call functions with side effects, because the database may come from
/// anybody (SQLite's documentation, "Defense Against The Dark Arts").
async fn open(database: &Path) -> sqlx::Result<SqliteConnection> {
    // A copy may take long, so we don't want sqlx's warning about slow statements.
    let options = SqliteConnectOptions::new()
        .filename(database)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    for pragma in ["pragma trusted_schema = off", "pragma cell_size_check = on"] {
        sqlx::query(pragma).execute(&mut connection).await?;
    }
    Ok(connection)
}

/// Copies the database into the file `copy`, which must be empty or missing. The copy is what was committed when the copying began.
/// Others can go on reading and writing meanwhile. The copy needs no other file, and is not synced to the disk.
///
/// `vacuum into` reads everything in one transaction. SQLite's backup API would begin again after each write of another process.
pub async fn copy_database(database: &Path, copy: &str) -> sqlx::Result<()> {
    let mut connection = open(database).await?;
    sqlx::query("vacuum into $1")
        .bind(copy)
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// The hashes of the photos that accounts use, in ascending order.
pub async fn list_pictures(database: &Path) -> sqlx::Result<Vec<String>> {
    let mut connection = open(database).await?;
    // Other values are seeds of drawn faces, as `face:<seed>`, which can be just as long.
    let rows: Vec<(String,)> = sqlx::query_as(
        "select distinct picture from users where length(picture) = 64 and picture not like 'face:%' order by picture",
    )
    .fetch_all(&mut connection)
    .await?;
    connection.close().await?;
    Ok(rows.into_iter().map(|(hash,)| hash).collect())
}

/// What SQLite finds wrong with the database; `None` if nothing is wrong.
pub async fn find_damage(database: &Path) -> sqlx::Result<Option<String>> {
    let mut connection = open(database).await?;
    let (answer,): (String,) = sqlx::query_as("pragma integrity_check(1)")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok((answer != "ok").then_some(answer))
}

/// Deletes all sessions. Returns how many of them were not revoked.
pub async fn end_sessions(database: &Path) -> sqlx::Result<i64> {
    let mut connection = open(database).await?;
    let (count,): (i64,) = sqlx::query_as("select count(*) from sessions where revoked_at is null")
        .fetch_one(&mut connection)
        .await?;
    sqlx::query("delete from sessions").execute(&mut connection).await?;
    connection.close().await?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_seed_of_a_drawn_face_is_no_photo_however_long_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("snug.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut database = options.connect().await.expect("a database");
        let created = sqlx::query("create table users (picture text not null)");
        created.execute(&mut database).await.expect("created");
        let (photo, seed) = ("0f".repeat(32), format!("face:{}", "a".repeat(59)));
        assert_eq!(photo.len(), seed.len());
        for picture in [&photo, &photo, &seed, &String::new()] {
            let inserted = sqlx::query("insert into users (picture) values ($1)").bind(picture.clone());
            inserted.execute(&mut database).await.expect("inserted");
        }
        database.close().await.expect("closed");
        assert_eq!(list_pictures(&path).await.expect("listed"), [photo]);
    }
}
