//! The outermost layer of every route: gives each request its id, and counts the answer.
//!
//! axum gives each route a service of its own, so the service of a route can keep where its answers are counted. A request then costs no
//! search for its counts and no allocation. For the same reason this is a service and not a function for `from_fn`, which allocates a
//! future for each request.

use crate::server::{
    config::Config,
    request_counts::{EndpointCounts, NO_ROUTE},
    request_id::{REQUEST_ID_HEADER, RequestId, RequestIds},
    state::AppState,
};
use axum::{
    extract::{ConnectInfo, MatchedPath, Request},
    response::Response,
};
use pin_project_lite::pin_project;
use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
    time::Instant,
};
use tokio::task::futures::TaskLocalFuture;
use tower::{Layer, Service};

/// Makes the service of each route.
#[derive(Clone)]
pub struct RequestScopeLayer {
    state: AppState,
    ids: Arc<RequestIds>,
}

impl RequestScopeLayer {
    pub fn new(state: AppState) -> Self {
        Self {
            state,
            ids: Arc::default(),
        }
    }
}

impl<S> Layer<S> for RequestScopeLayer {
    type Service = RequestScope<S>;

    fn layer(&self, inner: S) -> RequestScope<S> {
        RequestScope {
            inner,
            route: Arc::new(RouteScope {
                state: self.state.clone(),
                ids: self.ids.clone(),
                counts: OnceLock::new(),
            }),
        }
    }
}

/// The service of one route. axum clones it for every request.
#[derive(Clone)]
pub struct RequestScope<S> {
    inner: S,
    route: Arc<RouteScope>,
}

/// What all requests of a route share.
struct RouteScope {
    state: AppState,
    ids: Arc<RequestIds>,
    /// Known from the first request on, because a layer is not told for which route it is.
    counts: OnceLock<Arc<EndpointCounts>>,
}

impl RouteScope {
    fn counts_of(&self, request: &Request) -> Arc<EndpointCounts> {
        let find = || {
            let matched = request.extensions().get::<MatchedPath>();
            self.state.requests.of(matched.map_or(NO_ROUTE, MatchedPath::as_str))
        };
        self.counts.get_or_init(find).clone()
    }

    fn id_of(&self, request: &Request) -> RequestId {
        given_by_proxy(&self.state.config, request).unwrap_or_else(|| self.ids.next())
    }
}

/// The id in the header of the request, if a trusted proxy has sent it. Anybody else could give many requests the same id, and so can a
/// client if the proxy passes its header on. So `docs/deploy.md` lets proxies set the header.
fn given_by_proxy(config: &Config, request: &Request) -> Option<RequestId> {
    if config.proxies.is_empty() {
        return None;
    }
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    let given = request.headers().get(REQUEST_ID_HEADER)?;
    RequestId::given(given).filter(|_| config.trusts(peer.ip()))
}

impl<S, B> Service<Request> for RequestScope<S>
where
    S: Service<Request, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = ScopedResponse<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> ScopedResponse<S::Future> {
        let began = Instant::now();
        let (id, counts) = (self.route.id_of(&request), self.route.counts_of(&request));
        ScopedResponse {
            response: id.clone().scope(self.inner.call(request)),
            id,
            counts,
            began,
        }
    }
}

pin_project! {
    /// The answer to one request. While it is made, its id is that of the current request.
    pub struct ScopedResponse<F> {
        #[pin]
        response: TaskLocalFuture<RequestId, F>,
        id: RequestId,
        counts: Arc<EndpointCounts>,
        began: Instant,
    }
}

impl<F, B, E> Future for ScopedResponse<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let answered = ready!(this.response.poll(context));
        Poll::Ready(answered.map(|mut response| {
            this.counts.count(response.status().as_u16(), this.began.elapsed());
            if let Some(id) = this.id.header_value() {
                response.headers_mut().insert(REQUEST_ID_HEADER, id);
            }
            response
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn request(peer: [u8; 4], id: &'static str) -> Request {
        let mut request = Request::default();
        let peer = SocketAddr::from((peer, 1));
        request.extensions_mut().insert(ConnectInfo(peer));
        request
            .headers_mut()
            .insert(REQUEST_ID_HEADER, HeaderValue::from_static(id));
        request
    }

    #[test]
    fn only_a_trusted_proxy_gives_a_request_its_id() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::for_tests(folder.path());
        let given = |config: &Config, peer, id| given_by_proxy(config, &request(peer, id)).map(|id| id.to_string());
        assert_eq!(given(&config, [127, 0, 0, 1], "abc"), None);
        config.proxies = vec!["127.0.0.1/32".parse().expect("a network")];
        assert_eq!(given(&config, [127, 0, 0, 1], "abc").as_deref(), Some("abc"));
        assert_eq!(given(&config, [127, 0, 0, 1], "a b"), None);
        assert_eq!(given(&config, [203, 0, 113, 7], "abc"), None);
    }
}
