//! A service that is cheap to clone, however many layers it has.
//!
//! `axum::middleware::from_fn` clones the service inside it for every request. With twelve such layers inside each other, the
//! innermost one would be cloned, with its state, twelve times. With this layer around each of them, each is cloned once.

use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tower::{Layer, Service, ServiceExt, layer::util::Stack, util::Oneshot};

/// Wraps `layer`, so that the services that it makes are cheap to clone.
pub fn shared<L>(layer: L) -> Stack<L, SharedLayer> {
    Stack::new(layer, SharedLayer)
}

/// The layer that makes [`SharedService`]s.
#[derive(Debug, Clone, Copy)]
pub struct SharedLayer;

impl<S> Layer<S> for SharedLayer {
    type Service = SharedService<S>;

    fn layer(&self, inner: S) -> SharedService<S> {
        SharedService(Arc::new(inner))
    }
}

/// Clones the service inside it only when a request arrives.
#[derive(Debug)]
pub struct SharedService<S>(Arc<S>);

impl<S> Clone for SharedService<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Service<R> + Clone, R> Service<R> for SharedService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, R>;

    /// Always ready: the future waits until the service inside is ready.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Oneshot<S, R> {
        S::clone(&self.0).oneshot(request)
    }
}
