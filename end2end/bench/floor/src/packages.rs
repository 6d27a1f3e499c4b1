//! The variant `packages`: axum and sqlx on one thread (sqlx adds its own thread for SQLite), with one route, no middleware
//! and one query.

use crate::{Broken, PRAGMAS, ROTATE, cookies, values};
use aws_lc_rs::signature::Ed25519KeyPair;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
    routing::post,
    serve::ListenerExt,
};
use sqlx::{Executor, SqlitePool, sqlite::SqlitePoolOptions};
use std::sync::Arc;
use tokio::{net::TcpListener, runtime::Builder};

struct Parts {
    database: SqlitePool,
    key: Ed25519KeyPair,
}

pub fn serve(address: (&str, u16), path: &str, key: Ed25519KeyPair) -> Result<(), Broken> {
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let one = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
        let database = one.connect(&format!("sqlite://{path}")).await?;
        database.execute(PRAGMAS).await?;
        let app = Router::new()
            .route("/{session}", post(rotate))
            .with_state(Arc::new(Parts { database, key }));
        let listener = TcpListener::bind(address).await?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        Ok(axum::serve(listener, app).await?)
    })
}

async fn rotate(State(parts): State<Arc<Parts>>, Path(session): Path<String>) -> Result<impl IntoResponse, StatusCode> {
    let (hash, salt, now_s) = values();
    let swap = sqlx::query_scalar::<_, i64>(ROTATE)
        .bind(session)
        .bind(hash)
        .bind(salt)
        .bind(now_s);
    // Fetch all rows, because SQLite commits only after the last one was read.
    let rows = swap.fetch_all(&parts.database).await;
    let generation = rows.ok().and_then(|rows| rows.first().copied());
    let generation = generation.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((
        [
            ("cookies", cookies(&parts.key, generation)),
            ("others", "a".repeat(440)),
        ],
        "600",
    ))
}
