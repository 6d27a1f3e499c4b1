//! Two plain endpoints: the health check, and the answer for requests that match no route.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// Always 200: the server starts to listen only when it is ready, so any answer means that it is healthy.
pub async fn healthz() -> &'static str {
    "ok"
}

/// The answer to a request that matches no route and is not a GET.
pub async fn no_such_endpoint() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.").into_response()
}
