//! The accept loop: our own, because `axum::serve` knows no header timeout, no connection cap and no TCP_NODELAY.

use axum::{Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// A request's head must be here within this time. Hyper counts idle connections too, and browsers keep one they opened
/// ahead of need for 60 s: closed under them before that, the next click would end in "empty response".
const HEADER_TIMEOUT: Duration = Duration::from_secs(75);
/// Requests in flight at shutdown have this long to end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Serves `app` until `stop` is done; at most `per_address` connections from one address.
pub async fn serve(listener: TcpListener, app: Router, per_address: u32, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let crowd = Crowd::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, mostly: let some go before trying again.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        if let Some(place) = crowd.admit(peer.ip().to_canonical(), per_address) {
            tokio::spawn(converse(stream, peer, app.clone(), graceful.watcher(), place));
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(LAST_WORDS, graceful.shutdown()).await;
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    watcher: hyper_util::server::graceful::Watcher,
    _place: Place,
) {
    // Without it a small answer may wait 40 ms for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = app.map_request(move |mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT);
    builder.http2().timer(TokioTimer::new());
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    if let Err(error) = watcher.watch(connection.into_owned()).await {
        tracing::debug!(error, "a connection ended early");
    }
}

/// How many connections each address has open.
#[derive(Clone, Default)]
struct Crowd(Arc<Mutex<HashMap<IpAddr, u32>>>);

/// One connection's place in the crowd.
struct Place(Crowd, IpAddr);

impl Crowd {
    fn admit(&self, address: IpAddr, most: u32) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let count = counts.entry(address).or_default();
        let admitted = *count < most;
        *count += u32::from(admitted);
        admitted.then(|| Place(self.clone(), address))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.0.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let (crowd, address) = (Crowd::default(), IpAddr::from([127, 0, 0, 1]));
        let first = crowd.admit(address, 2);
        let _second = crowd.admit(address, 2);
        assert!(crowd.admit(address, 2).is_none());
        assert!(crowd.admit(IpAddr::from([127, 0, 0, 2]), 2).is_some());
        drop(first);
        assert!(crowd.admit(address, 2).is_some());
    }
}
