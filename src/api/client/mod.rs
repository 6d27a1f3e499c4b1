//! The client of the server functions. After a 401 it refreshes the access token and repeats the call; after a 503 it
//! waits and repeats the call.
//!
//! `Client::send` consumes its request, and a `BrowserRequest` can't be cloned. So the client stores each call as a
//! [`Recipe`], and makes a new request from the recipe for each attempt.

mod expected_user;
mod session_endpoints;
mod shared_refresh;
mod socket_refusal;

use crate::{
    browser::{
        access_token_expiry::{self, RefreshOutcome},
        reachability::{self, BusyWait},
    },
    error::AppError,
};
use bytes::Bytes;
use futures::{Sink, Stream};
use http::Method;
use leptos::task::spawn_local;
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
use shared_refresh::{no_answer, refresh_once};
use std::pin::Pin;

pub use expected_user::{set_expected_user, socket_address};
pub use shared_refresh::refresh_if_due;
pub use socket_refusal::find_stripped_upgrade;

/// The largest number of refreshes for one call. If the server still refuses the call after them, the refusal is final.
const REFRESHES_MAX: u32 = 4;

/// The client of every endpoint except the refresh endpoint.
pub struct RefreshingClient;

/// Everything that is needed to make the same request again for each attempt.
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
    /// A stream can't be read twice, so a call with a stream is sent only once.
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
            let mut waiting = None;
            for misses in 0.. {
                let last = ask::<E, I, O>(&mut recipe).await?;
                let Some(response) = last else {
                    waiting.get_or_insert_with(BusyWait::begin);
                    reachability::pause(misses).await;
                    continue;
                };
                return Ok(response);
            }
            Err(no_answer())
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

/// Sends the call. If the access token has expired, refreshes the token and sends the call again. Returns `None` if the
/// server is busy (503). A busy server has changed nothing, so the caller can repeat the call.
async fn ask<E, I, O>(recipe: &mut Recipe) -> Result<Option<BrowserResponse>, E>
where
    E: FromServerFnError,
    I: FromServerFnError,
    O: FromServerFnError,
{
    let lock = shared_refresh::prepare_request(&recipe.path).await;
    let mut before = access_token_expiry::access_expires();
    let mut response = attempt::<E, I, O>(recipe).await?;
    drop(lock);
    if !recipe.can_be_replayed() {
        return Ok(Some(response));
    }
    // If the call is refused, the session can still be valid; it is over only if a refresh is refused. More than one
    // refresh can be necessary, because a token that another tab has fetched can expire before this tab uses it.
    for _ in 0..REFRESHES_MAX {
        if status(&response) != 401 {
            break;
        }
        match refresh_once(before).await {
            RefreshOutcome::Refreshed | RefreshOutcome::RefreshedElsewhere => {}
            RefreshOutcome::Ended => break,
            RefreshOutcome::Busy => return Ok(None),
            RefreshOutcome::Gone => return Err(no_answer()),
        }
        before = access_token_expiry::access_expires();
        let _lock = shared_refresh::prepare_request(&recipe.path).await;
        response = attempt::<E, I, O>(recipe).await?;
    }
    Ok((status(&response) != 503).then_some(response))
}

async fn attempt<E, I, O>(recipe: &mut Recipe) -> Result<BrowserResponse, E>
where
    E: FromServerFnError,
    I: FromServerFnError,
    O: FromServerFnError,
{
    let request = recipe.build::<E>()?;
    expected_user::add_user_header(&request);
    let answer = <BrowserClient as Client<E, I, O>>::send(request).await;
    match &answer {
        Ok(response) if status(response) < 400 => expected_user::note_session_change(&recipe.path),
        Ok(_) => {}
        Err(_) => spawn_local(reachability::back()),
    }
    answer
}

fn status(response: &BrowserResponse) -> u16 {
    <BrowserResponse as ClientRes<AppError>>::status(response)
}
