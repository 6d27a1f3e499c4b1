//! The fetch wrapper: a server-function client that refreshes once after a 401 and tries once more.
//!
//! `Client::send` uses its request up, and `BrowserRequest` can't be copied. So a call is kept as a recipe, from which a
//! fresh request is made for each attempt.

use super::refresh::refresh;
use crate::{
    browser::session_clock::{self, Outcome},
    error::AppError,
};
use bytes::Bytes;
use futures::{FutureExt, Sink, Stream, future::LocalBoxFuture, future::Shared};
use http::Method;
use send_wrapper::SendWrapper;
use server_fn::{
    client::{Client, browser::BrowserClient},
    error::FromServerFnError,
    request::{
        ClientReq,
        browser::{BrowserFormData, BrowserRequest},
    },
    response::{ClientRes, browser::BrowserResponse},
};
use std::{cell::RefCell, pin::Pin};

/// The client of every door but the refresh door.
pub struct RefreshingClient;

/// A request that can be made any number of times.
pub struct Recipe {
    path: String,
    content_type: String,
    accepts: String,
    method: Method,
    body: Body,
}

enum Body {
    Query(String),
    Text(String),
    Bytes(Bytes),
    Form(SendWrapper<web_sys::FormData>),
    Multipart(SendWrapper<web_sys::FormData>),
    /// Can't be replayed; sent once.
    Stream(Pin<Box<dyn Stream<Item = Bytes> + Send>>),
}

impl Recipe {
    fn new(path: &str, content_type: &str, accepts: &str, method: Method, body: Body) -> Self {
        Self {
            path: path.into(),
            content_type: content_type.into(),
            accepts: accepts.into(),
            method,
            body,
        }
    }

    fn build<E: FromServerFnError>(&mut self) -> Result<BrowserRequest, E> {
        type R = BrowserRequest;
        let (path, content, accepts, method) = (&*self.path, &*self.content_type, &*self.accepts, self.method.clone());
        match &mut self.body {
            Body::Query(query) => <R as ClientReq<E>>::try_new_req_query(path, content, accepts, query, method),
            Body::Text(text) => <R as ClientReq<E>>::try_new_req_text(path, content, accepts, text.clone(), method),
            Body::Bytes(bytes) => <R as ClientReq<E>>::try_new_req_bytes(path, content, accepts, bytes.clone(), method),
            Body::Form(form) => {
                <R as ClientReq<E>>::try_new_req_form_data(path, accepts, content, (**form).clone().into(), method)
            }
            Body::Multipart(form) => {
                <R as ClientReq<E>>::try_new_req_multipart(path, accepts, (**form).clone().into(), method)
            }
            Body::Stream(stream) => {
                let once = std::mem::replace(stream, Box::pin(futures::stream::empty()));
                <R as ClientReq<E>>::try_new_req_streaming(path, accepts, content, once, method)
            }
        }
    }

    fn can_be_replayed(&self) -> bool {
        !matches!(self.body, Body::Stream(_))
    }
}

impl<E: FromServerFnError> ClientReq<E> for Recipe {
    type FormData = BrowserFormData;

    fn try_new_req_query(path: &str, content: &str, accepts: &str, query: &str, method: Method) -> Result<Self, E> {
        Ok(Self::new(path, content, accepts, method, Body::Query(query.into())))
    }

    fn try_new_req_text(path: &str, content: &str, accepts: &str, body: String, method: Method) -> Result<Self, E> {
        Ok(Self::new(path, content, accepts, method, Body::Text(body)))
    }

    fn try_new_req_bytes(path: &str, content: &str, accepts: &str, body: Bytes, method: Method) -> Result<Self, E> {
        Ok(Self::new(path, content, accepts, method, Body::Bytes(body)))
    }

    fn try_new_req_form_data(
        path: &str,
        accepts: &str,
        content: &str,
        body: Self::FormData,
        method: Method,
    ) -> Result<Self, E> {
        Ok(Self::new(
            path,
            content,
            accepts,
            method,
            Body::Form(SendWrapper::new(body.take())),
        ))
    }

    fn try_new_req_multipart(path: &str, accepts: &str, body: Self::FormData, method: Method) -> Result<Self, E> {
        Ok(Self::new(
            path,
            "",
            accepts,
            method,
            Body::Multipart(SendWrapper::new(body.take())),
        ))
    }

    fn try_new_req_streaming(
        path: &str,
        accepts: &str,
        content: &str,
        body: impl Stream<Item = Bytes> + Send + 'static,
        method: Method,
    ) -> Result<Self, E> {
        Ok(Self::new(path, content, accepts, method, Body::Stream(Box::pin(body))))
    }
}

impl<E, I, O> Client<E, I, O> for RefreshingClient
where
    E: FromServerFnError,
    I: FromServerFnError,
    O: FromServerFnError,
{
    type Request = Recipe;
    type Response = BrowserResponse;

    fn send(mut recipe: Recipe) -> impl Future<Output = Result<BrowserResponse, E>> + Send {
        SendWrapper::new(async move {
            if session_clock::is_nearly_over() {
                refresh_once(session_clock::access_expires()).await;
            }
            let before = session_clock::access_expires();
            let response = attempt::<E, I, O>(&mut recipe).await?;
            let refused = <BrowserResponse as ClientRes<E>>::status(&response) == 401;
            if refused && recipe.can_be_replayed() && refresh_once(before).await {
                return attempt::<E, I, O>(&mut recipe).await;
            }
            Ok(response)
        })
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<
            (
                impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static,
                impl Sink<Bytes> + Send + 'static,
            ),
            E,
        >,
    > + Send {
        <BrowserClient as Client<E, I, O>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<E, I, O>>::spawn(future)
    }
}

async fn attempt<E, I, O>(recipe: &mut Recipe) -> Result<BrowserResponse, E>
where
    E: FromServerFnError,
    I: FromServerFnError,
    O: FromServerFnError,
{
    <BrowserClient as Client<E, I, O>>::send(recipe.build::<E>()?).await
}

thread_local! {
    /// The refresh in flight in this tab: whoever needs one meanwhile waits for the same.
    static IN_FLIGHT: RefCell<Option<Shared<LocalBoxFuture<'static, bool>>>> = const { RefCell::new(None) };
}

/// Makes sure of a good access cookie: before a socket is opened (a refused upgrade is invisible to the page), and a
/// little before each token ends.
pub async fn refresh_if_due() {
    if session_clock::is_nearly_over() {
        refresh_once(session_clock::access_expires()).await;
    }
}

/// Refreshes, once a tab at a time. `before` is when the access token ended, as far as the request knew that was refused:
/// where that has changed, another tab has refreshed already. True where trying again makes sense.
async fn refresh_once(before: Option<i64>) -> bool {
    let Some(known) = session_clock::access_expires() else {
        // Signed out: there is nothing to refresh, and nobody to send away.
        return false;
    };
    if before.is_some_and(|before| before != known) {
        return true;
    }
    if session_clock::is_over() {
        return false;
    }
    let flight = IN_FLIGHT.with_borrow_mut(|slot| slot.get_or_insert_with(|| fly().boxed_local().shared()).clone());
    flight.await
}

async fn fly() -> bool {
    let answer = refresh().await;
    IN_FLIGHT.with_borrow_mut(|slot| *slot = None);
    session_clock::note(outcome(&answer));
    answer.is_ok()
}

fn outcome(answer: &Result<(), AppError>) -> Outcome {
    match answer {
        Ok(()) => Outcome::Refreshed,
        Err(error) if error.needs_sign_in() => Outcome::Ended,
        Err(_) => Outcome::Unreachable,
    }
}
