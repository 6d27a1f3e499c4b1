//! HTTP/1.1, with and without TLS. A connection carries one request at a time, so the limits on connections limit requests.

use super::{
    connection_limit::{ConnectionPermit, ConnectionPermits},
    connection_server::{ConnectionServer, HEAD_MAX_BYTES, RawStream},
    malformed_requests::WithSecurityHeaders,
};
use crate::server::tls::ServerStream;
use axum::{Router, body::HttpBody, extract::ConnectInfo, response::Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Instant};
use tower::ServiceExt;

/// Serves a connection until it ends.
pub async fn serve(
    server: &ConnectionServer,
    stream: ServerStream<RawStream>,
    peer: SocketAddr,
    permit: Arc<ConnectionPermit>,
) {
    let stream = WithSecurityHeaders::new(stream, server.is_https);
    let service = {
        let (app, permit) = (server.app.clone(), permit.clone());
        tower::service_fn(move |request| answer(request, peer, app.clone(), permit.clone()))
    };
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(server.times.head);
    // Hyper's buffer grows in steps, and the last step can exceed `max_buf_size`. So we also limit the head itself.
    builder.max_header_size(HEAD_MAX_BYTES).max_buf_size(HEAD_MAX_BYTES);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = pin!(connection.with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = permit.evicted() => return tracing::debug!("a connection made room for another"),
        () = server.stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    mut request: http::Request<Incoming>,
    peer: SocketAddr,
    app: Router,
    permit: Arc<ConnectionPermit>,
) -> Result<Response, Infallible> {
    let has_body = !request.body().is_end_stream();
    let in_progress = permit.begin_request(has_body, Instant::now());
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(ConnectionPermits(vec![permit]));
    let response = app.oneshot(request.map(axum::body::Body::new)).await?;
    in_progress.end(Instant::now());
    Ok(response)
}
