//! The first thing that happens to a request: who sent it, and whether it may come in.

use super::{client_ip::ClientIp, guard};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

/// Finds the client's address, and refuses requests for other hosts, from other sites, and from addresses that have too many.
pub async fn enter(State(client): State<ClientIp>, mut request: Request, next: Next) -> Response {
    let place = match client.replace_address(&mut request) {
        Ok(place) => place,
        Err(refused) => return *refused,
    };
    if let Some(refused) = guard::refusal(client.config(), &request) {
        return refused;
    }
    match place {
        Some(place) => client.hold(place, next.run(request)).await,
        None => next.run(request).await,
    }
}
