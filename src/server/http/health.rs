//! Plain endpoints: health, and what is none.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// 200 once the program is ready: the router is only reachable from then on.
pub async fn healthz() -> &'static str {
    "ok"
}

/// What no route answers, asked with another method than GET.
pub async fn no_such_endpoint() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.").into_response()
}
