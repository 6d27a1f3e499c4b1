//! Limits the size of request bodies, and the memory that all large bodies take together.
//!
//! A body that is refused is still read to its end, and thrown away: if a server closes the connection while the client
//! sends, the client sees a broken connection instead of the answer.

use super::{
    body_budget::{BodyBudget, BodyPermit, BudgetFull},
    error_status::{answer, wants_page},
    multipart_form::{Form, too_large},
    paced_body::{PacedBody, Stopped},
    picture_endpoint::{PictureEndpoint, partial_request},
};
use crate::{
    error::{AppError, Kind},
    server::{auth::identity::Visit, request_id, state::AppState},
};
use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use std::sync::Arc;
use tokio::{runtime::Handle, sync::Semaphore, task::spawn_blocking};

/// The setting for the large bodies of one address.
const UPLOADS_KEY: &str = "limits.uploads_at_once_per_address";
/// The largest body of an endpoint that does not take a picture.
const BODY_MAX_BYTES: usize = 64 * 1024;
/// We keep at most this much of a large body before we know that its sender is allowed to send it.
const FIRST_BYTES: usize = 16 * 1024;
/// How many refused bodies are read to their end at the same time. Each takes one read buffer. A form also takes 32 KiB
/// for its beginning and 32 KiB for its end. A refused body above this number is not read on, so its sender may see a
/// broken connection.
const DRAINS_MAX: usize = 64;

/// The state of the [`size`] middleware.
#[derive(Clone)]
pub struct BodyLimit {
    state: AppState,
    budget: Arc<BodyBudget>,
    drains: Arc<Semaphore>,
}

/// A request to an endpoint that takes a picture, while its body is read.
struct Upload {
    limit: BodyLimit,
    endpoint: PictureEndpoint,
    visit: Visit,
    parts: Parts,
    body: PacedBody,
    kept: BytesMut,
}

/// The largest form that can contain a picture of this many bytes. Base64 makes four characters of three bytes. Form encoding
/// makes three characters of each `+` and `/`, which are 2 of the 64 characters of base64: that adds one sixteenth, and we
/// allow one eighth. The 64 KiB are for the other fields.
const fn with_wrapping(picture_max_bytes: usize) -> usize {
    picture_max_bytes / 3 * 4 * 9 / 8 + 64 * 1024
}

/// Reads a small body whole. Refuses a body that is too large for its endpoint: the answer is 413 or, for a form without
/// scripts, a redirect back to its page. Reads a large body only if its sender is allowed to send a picture, and only
/// after the body has got its part of the memory budget.
pub async fn size(State(limit): State<BodyLimit>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let declared = declared(request.headers());
    if declared.is_some_and(|length| length <= BODY_MAX_BYTES) {
        return limit.answer_copied(request, next).await;
    }
    match PictureEndpoint::at(request.uri().path()) {
        Some(endpoint) => Upload::new(limit, endpoint, request).answer(declared, next).await,
        None => limit.answer_small(declared, request, next).await,
    }
}

impl BodyLimit {
    pub fn new(state: AppState) -> Self {
        Self {
            budget: Arc::new(BodyBudget::new(state.config.limits.uploads_at_once_per_address)),
            state,
            drains: Arc::new(Semaphore::new(DRAINS_MAX)),
        }
    }

    /// Answers a request to an endpoint that takes no picture. The body may have at most 64 KiB, but the head of this
    /// request declares a larger body, or no length.
    async fn answer_small(&self, declared: Option<usize>, request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        let (mut body, mut kept) = (self.paced(body), BytesMut::new());
        if declared.is_none() {
            match body.read(&mut kept, BODY_MAX_BYTES).await {
                Ok(true) => return next.run(Request::from_parts(parts, kept.freeze().into())).await,
                Ok(false) => {}
                Err(stopped) => return did_not_arrive(stopped),
            }
        }
        self.drain_behind(body);
        answer(&too_large(None))
    }

    /// Answers a request whose small body is copied into one buffer first. Hyper reads every part of a body into a block of 8 KiB, and
    /// the block stays as long as the part. So an endpoint that collected a body of many tiny parts would keep thousands of
    /// blocks. A small body may arrive as slowly as any request.
    async fn answer_copied(&self, request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        let mut kept = BytesMut::new();
        let mut body = PacedBody::new(body, self.state.config.times.request);
        match body.read(&mut kept, BODY_MAX_BYTES).await {
            Ok(_) => next.run(Request::from_parts(parts, kept.freeze().into())).await,
            Err(stopped) => did_not_arrive(stopped),
        }
    }

    fn paced(&self, body: Body) -> PacedBody {
        PacedBody::new(body, self.state.config.times.body_grace)
    }

    /// Reads the rest of a body in the background, while the answer is sent and afterwards.
    fn drain_behind(&self, body: PacedBody) {
        if let Ok(permit) = self.drains.clone().try_acquire_owned() {
            tokio::spawn(async move {
                body.drain().await;
                drop(permit);
            });
        }
    }

    /// Answers a request with a large body on a blocking thread. Parsing a form of 7 MB keeps a thread busy for 30 ms,
    /// and the few threads that serve everybody must stay free: with 20 uploads at once, the p99 of other pages was 244
    /// ms while those threads parsed the forms, and is 7 ms now. The whole body is here already, so a slow client
    /// cannot occupy the blocking thread.
    async fn answer_large(&self, part: BodyPermit, request: Request, next: Next) -> Response {
        let permit = match self.state.picture_workers.body_permit().await {
            Ok(permit) => permit,
            Err(error) => return answer(&error.into()),
        };
        let runtime = Handle::current();
        let response = request_id::with_current(next.run(request));
        let answered = spawn_blocking(move || {
            let _held = (part, permit);
            runtime.block_on(response)
        });
        match answered.await {
            Ok(response) => response,
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
        }
    }
}

impl Upload {
    fn new(limit: BodyLimit, endpoint: PictureEndpoint, request: Request) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            visit: Visit::new(limit.state.clone(), &parts),
            body: limit.paced(body),
            kept: BytesMut::new(),
            endpoint,
            limit,
            parts,
        }
    }

    async fn answer(mut self, declared: Option<usize>, next: Next) -> Response {
        let picture_max_bytes = self.limit.state.config.pictures.max_upload_bytes;
        let most = with_wrapping(picture_max_bytes);
        let error = too_large(Some(picture_max_bytes));
        let is_too_large = declared.is_some_and(|length| length > most);
        if is_too_large && !self.wants_page() {
            return self.refuse_at_once(Form::default(), error);
        }
        match self.body.read(&mut self.kept, FIRST_BYTES).await {
            Ok(true) => return next.run(self.request()).await,
            Ok(false) => {}
            Err(stopped) => return did_not_arrive(stopped),
        }
        let first = self.endpoint.first_fields(&self.visit, &self.kept).await;
        let may_send = self
            .endpoint
            .require_sender(&self.visit, &first.token, self.wants_page());
        let sender = match may_send.await {
            Ok(sender) => sender,
            Err(refused) => return self.refuse_at_once(first, refused.into()),
        };
        if is_too_large {
            return self.refuse(first, error).await;
        }
        let bytes = declared.unwrap_or(most);
        let part = match self.limit.budget.take(&sender, self.visit.address, bytes).await {
            Ok(part) => part,
            Err(full) => {
                let error = budget_is_full(&self.limit.state, full);
                return self.refuse(first, error).await;
            }
        };
        self.body.resume();
        // The system provides this memory only when it is written to, so reserving much of it costs nothing.
        self.kept.reserve((bytes + 1).saturating_sub(self.kept.len()));
        match self.body.read(&mut self.kept, most).await {
            Ok(true) => self.limit.clone().answer_large(part, self.request(), next).await,
            Ok(false) => self.refuse(first, error).await,
            Err(stopped) => did_not_arrive(stopped),
        }
    }

    fn wants_page(&self) -> bool {
        wants_page(&self.parts.headers)
    }

    fn request(self) -> Request {
        Request::from_parts(self.parts, self.kept.freeze().into())
    }

    /// Refuses an upload, although its sender is allowed to send pictures. A form without scripts is read to its end
    /// first, because the page needs the typed fields, and some of them come after the photo.
    async fn refuse(self, first: Form, error: AppError) -> Response {
        let permit = self.limit.drains.clone().try_acquire_owned();
        if !self.wants_page() || permit.is_err() {
            drop(permit);
            return self.refuse_at_once(first, error);
        }
        let ends: Bytes = self.body.read_ends(self.kept).await;
        let mut form = Form::default();
        // We need only the typed fields here. The middle of the photo is missing, and nothing uses it.
        let _ = form
            .take(&self.limit.state, partial_request(&self.parts.headers, ends))
            .await;
        form.redirect_back(self.endpoint.name, error)
    }

    fn refuse_at_once(self, first: Form, error: AppError) -> Response {
        let wants_page = self.wants_page();
        self.limit.drain_behind(self.body);
        match wants_page {
            true => first.redirect_back(self.endpoint.name, error),
            false => answer(&error),
        }
    }
}

fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The answer if a body did not arrive. If the status is 408, `error_status::late_status` adds the sentence.
fn did_not_arrive(stopped: Stopped) -> Response {
    match stopped {
        Stopped::Slow => StatusCode::REQUEST_TIMEOUT.into_response(),
        Stopped::Broken => answer(&AppError::invalid(
            "Only a part of what you sent arrived. Send it again.",
        )),
    }
}

/// The error 503 if the budget is full. A page with scripts then waits and sends the picture again by itself. If the limit of an
/// address is reached, the log names the setting.
fn budget_is_full(state: &AppState, full: BudgetFull) -> AppError {
    if full == BudgetFull::OfAddress {
        let most = state.config.limits.uploads_at_once_per_address;
        state.refusals.network_was_refused(UPLOADS_KEY, most);
    }
    AppError {
        retry_after_s: Some(5),
        ..AppError::new(
            Kind::Unavailable,
            "Many pictures are arriving right now. Wait a moment, then send yours again.",
        )
    }
}
