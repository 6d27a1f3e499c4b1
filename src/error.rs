//! The error that every endpoint returns: its kind, which decides how the page reacts, and the sentence on the screen.

use leptos::prelude::FromServerFnError;
use serde::{Deserialize, Serialize};
use server_fn::{codec::JsonEncoding, error::ServerFnErrorErr};
use std::fmt;

/// The kind of an error. Pages react to each kind in a different way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 401: the request has no session.
    SignedOut,
    /// 401: the session was revoked or replaced, or it has expired.
    SessionEnded,
    /// 403: the account has no name and face yet.
    NotActivated,
    /// 403: this person is not allowed to do that.
    Forbidden,
    /// 404: the requested thing does not exist, or this person must not know that it exists.
    NotFound,
    /// 409: the current state does not allow the request.
    Conflict,
    /// 409: somebody else has signed in with this browser since the page was loaded.
    SomebodyElse,
    /// 413: the body is too large.
    TooLarge,
    /// 415: the type of a file is not supported.
    Unsupported,
    /// 422: the input is not valid.
    Invalid,
    /// 426: a proxy has turned the WebSocket into a plain request.
    NotUpgraded,
    /// 429: `retry_after_s` says when to try again.
    TooMany,
    /// 503: the server can't answer at the moment. Nothing was changed or lost.
    Unavailable,
    /// 500: a fault of the server. `detail` contains a reference that is also in the log.
    Internal,
    /// The request or its answer did not arrive.
    Network,
}

/// An error as endpoints send it: `{"kind":"…","detail":"…"}`. Its `Display` output is the sentence on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct AppError {
    pub kind: Kind,
    /// The sentence on screen: what happened and what to do next.
    pub detail: String,
    /// The first sentence of `detail`, if a page that shows nothing but this error uses it as its heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// How many seconds to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// Names that the person can use instead of a name that was refused. They are also in `detail`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl AppError {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            heading: None,
            retry_after_s: None,
            names: vec![],
        }
    }

    /// An error that a page of its own shows. The page has the heading `heading`, and below it the advice.
    pub fn with_heading(kind: Kind, heading: impl Into<String>, advice: &str) -> Self {
        let heading = heading.into();
        Self {
            heading: Some(heading.clone()),
            ..Self::new(kind, format!("{heading} {advice}").trim_end())
        }
    }

    /// What `detail` says after the heading. Without a heading, this is all of `detail`.
    pub fn advice(&self) -> &str {
        let heading = self.heading.as_deref().unwrap_or_default();
        self.detail.strip_prefix(heading).unwrap_or(&self.detail).trim_start()
    }

    /// In how many seconds a removed person can come back; `None` if this error is about something else.
    pub fn come_back_in_s(&self) -> Option<u32> {
        self.retry_after_s.filter(|_| self.kind == Kind::Forbidden)
    }

    pub fn signed_out() -> Self {
        Self::new(Kind::SignedOut, "You are signed out. Sign in to go on.")
    }

    pub fn session_ended() -> Self {
        Self::new(
            Kind::SessionEnded,
            "Your session on this device has ended. Sign in again.",
        )
    }

    /// The error for a request from a page that was loaded before somebody else signed in with the same browser.
    pub fn somebody_else() -> Self {
        let detail = "Somebody else has signed in with this browser. Nothing was changed. Load this page again to go on as that person.";
        Self::new(Kind::SomebodyElse, detail)
    }

    pub fn not_activated() -> Self {
        Self::new(Kind::NotActivated, "Choose your name and picture first.")
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, detail)
    }

    /// The refusal of a name. `names` are those that the person can use instead.
    pub fn name_refused(detail: impl Into<String>, names: Vec<String>) -> Self {
        Self {
            names,
            ..Self::invalid(detail)
        }
    }

    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, detail)
    }

    pub fn too_many(detail: impl Into<String>, retry_after_s: u32) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(Kind::TooMany, detail)
        }
    }

    pub fn unavailable() -> Self {
        let detail = "Snug can't reach its data right now. Nothing is lost; try again in a moment.";
        Self {
            retry_after_s: Some(2),
            ..Self::new(Kind::Unavailable, detail)
        }
    }

    /// The HTTP status of the kind (RFC 9110 section 15).
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode as S;
        match self.kind {
            Kind::SignedOut | Kind::SessionEnded => S::UNAUTHORIZED,
            Kind::NotActivated | Kind::Forbidden => S::FORBIDDEN,
            Kind::NotFound => S::NOT_FOUND,
            Kind::Conflict | Kind::SomebodyElse => S::CONFLICT,
            Kind::TooLarge => S::PAYLOAD_TOO_LARGE,
            Kind::Unsupported => S::UNSUPPORTED_MEDIA_TYPE,
            Kind::Invalid => S::UNPROCESSABLE_ENTITY,
            Kind::NotUpgraded => S::UPGRADE_REQUIRED,
            Kind::TooMany => S::TOO_MANY_REQUESTS,
            Kind::Unavailable => S::SERVICE_UNAVAILABLE,
            Kind::Internal | Kind::Network => S::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether no answer arrived. The server may still have carried out the request, so only a request that changes nothing
    /// can be sent again.
    pub fn is_silence(&self) -> bool {
        self.kind == Kind::Network
    }

    /// Whether the person has to sign in again.
    pub fn needs_sign_in(&self) -> bool {
        matches!(self.kind, Kind::SignedOut | Kind::SessionEnded)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::invalid("Something was missing. Fill in the form and send it again.")
            }
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::new(
                Kind::Network,
                "Snug can't be reached. Check your connection and try again.",
            ),
            _ => Self::new(
                Kind::Internal,
                "Something went wrong. Try again. If it happens again, tell the person who runs this Snug.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_what_follows_the_heading() {
        let error = AppError::with_heading(Kind::NotFound, "Ada ended this room.", "Open another one.");
        assert_eq!(error.detail, "Ada ended this room. Open another one.");
        assert_eq!(error.advice(), "Open another one.");
        assert_eq!(
            AppError::with_heading(Kind::NotFound, "It is over.", "").detail,
            "It is over."
        );
        assert_eq!(AppError::not_found("Nothing here.").advice(), "Nothing here.");
    }

    #[test]
    fn an_error_in_json_has_kind_and_detail() {
        let json = serde_json::to_string(&AppError::not_activated()).expect("plain data");
        assert_eq!(
            json,
            r#"{"kind":"not_activated","detail":"Choose your name and picture first."}"#
        );
    }
}
