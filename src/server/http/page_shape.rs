//! Writes the shape of each page into the page, so that the browser can tell whether others have changed it.

use super::error_status::answer;
use crate::{
    error::{AppError, Kind},
    model::page_shape::with_shape,
};
use axum::{
    body::{Body, Bytes, to_bytes},
    http::header,
    response::Response,
};
use std::convert::Infallible;

/// Waits until the page is complete, and writes its shape into it. Pages are sent in one piece anyway.
pub async fn write_shape(response: Response) -> Response {
    if !is_html(&response) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let page = match to_bytes(body, usize::MAX).await {
        Ok(page) => page,
        Err(error) => {
            tracing::error!("a page can't be rendered: {error}");
            let sentence = "Something went wrong on our side. Load the page again.";
            return answer(&AppError::new(Kind::Internal, sentence));
        }
    };
    let shaped = std::str::from_utf8(&page).ok().and_then(with_shape);
    Response::from_parts(parts, in_one_piece(shaped.map_or(page, Bytes::from)))
}

fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// A body without a length, as Leptos makes it, so that a page has the same headers with and without a shape.
fn in_one_piece(page: Bytes) -> Body {
    Body::from_stream(futures::stream::once(async move { Ok::<_, Infallible>(page) }))
}
