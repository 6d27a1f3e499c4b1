//! An S3 server for tests.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use object_store::{ObjectStoreExt, memory::InMemory, path::Path as Name};
use std::sync::Arc;
use tokio::net::TcpListener;

/// An S3 server for one bucket. It keeps the objects in memory and refuses unsigned requests.
pub async fn start(bucket: &'static str, key: &'static str) -> (String, Arc<InMemory>) {
    let memory = Arc::new(InMemory::new());
    let endpoint = any(
        move |State(memory): State<Arc<InMemory>>,
              Path(path): Path<String>,
              method: Method,
              headers: HeaderMap,
              body: Bytes| { answer(memory, bucket, key, path, method, headers, body) },
    );
    let app = Router::new().route("/{*path}", endpoint).with_state(memory.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("the port");
    tokio::spawn(async move { axum::serve(listener, app).await });
    (format!("http://{address}"), memory)
}

/// `PUT`, `GET` and `DELETE` of an object (Amazon S3 API reference).
async fn answer(
    memory: Arc<InMemory>,
    bucket: &str,
    key: &str,
    path: String,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let wanted = format!("AWS4-HMAC-SHA256 Credential={key}/");
    if !signed.is_some_and(|signed| signed.starts_with(&wanted)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(name) = path.strip_prefix(bucket) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let name = Name::from(name.trim_start_matches('/'));
    let tag = [(header::ETAG, "\"1\"".to_owned())];
    let dated = [(header::LAST_MODIFIED, "Wed, 21 Oct 2015 07:28:00 GMT".to_owned())];
    match method {
        Method::PUT => {
            memory.put(&name, body.into()).await.expect("stored");
            tag.into_response()
        }
        Method::GET => match memory.get(&name).await {
            Ok(found) => (tag, dated, found.bytes().await.expect("whole")).into_response(),
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        },
        Method::DELETE => {
            let _ = memory.delete(&name).await;
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}
