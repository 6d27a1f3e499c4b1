//! The endpoints that take a picture, and who may send them a large body.

use super::{
    body_budget::OF_LINK,
    multipart_form::{ACTIVATE_ENDPOINT, Form, GUEST_ENDPOINT},
};
use crate::server::{
    auth::{identity::Visit, session::find_live_session},
    error::Result,
    rooms::guest,
};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, header},
};
use bytes::Bytes;

/// An endpoint that takes a picture. Each form has two of them: one for pages with scripts, and one for browsers
/// without scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureEndpoint {
    /// The address of the endpoint for scripts. An error of the endpoint without scripts names this address too.
    pub name: &'static str,
    is_form: bool,
}

impl PictureEndpoint {
    /// The endpoint with exactly this address.
    pub fn at(path: &str) -> Option<Self> {
        let without_scripts = path.strip_suffix("_form");
        let wanted = without_scripts.unwrap_or(path);
        let name = [ACTIVATE_ENDPOINT, GUEST_ENDPOINT]
            .into_iter()
            .find(|name| *name == wanted)?;
        Some(Self {
            name,
            is_form: without_scripts.is_some(),
        })
    }

    /// Reads the form's fields from `beginning`, the part of the body that has arrived.
    pub async fn first_fields(self, visit: &Visit, beginning: &[u8]) -> Form {
        let mut form = Form::default();
        if self.is_form {
            let request = partial_request(&visit.headers, Bytes::copy_from_slice(beginning));
            // The photo is cut off, which is no error here.
            let _ = form.take(&visit.state, request).await;
        } else {
            let mut fields = url::form_urlencoded::parse(beginning);
            form.token = fields
                .find(|(name, _)| name == "token")
                .map_or_else(String::new, |(_, token)| token.into_owned());
        }
        form
    }

    /// Checks that the sender may send a large body, before it is read: a person with a valid session may change their
    /// picture, and anybody with the `token` of a valid link may come in as a guest. Returns the name of the person or the link, under
    /// which the body counts towards the budget.
    ///
    /// `wants_page` is true for a form without scripts. The access token of its sender is renewed only after the body has
    /// arrived (see `refresh_before_render`), so here a live session is enough, even if its access token has expired.
    ///
    /// # Errors
    /// `signed_out`, `session_ended`, `somebody_else`; for a guest, the errors of `guest::find_link`.
    pub async fn require_sender(self, visit: &Visit, token: &str, wants_page: bool) -> Result<String> {
        if self.name == GUEST_ENDPOINT {
            let (invite, _) = guest::find_link(&visit.state, token).await?;
            return Ok(format!("{OF_LINK}{}", invite.id));
        }
        let user = match visit.identity() {
            Ok(identity) => identity.user,
            Err(error) if wants_page => match find_live_session(visit).await? {
                Some((user, _)) => user,
                None => return Err(error),
            },
            Err(error) => return Err(error),
        };
        Ok(format!("user {}", user.as_str()))
    }
}

/// A request whose body is only the part of a form that has arrived.
pub fn partial_request(headers: &HeaderMap, part: Bytes) -> Request {
    let mut request = Request::new(Body::from(part));
    if let Some(content_type) = headers.get(header::CONTENT_TYPE) {
        request.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_addresses_take_a_picture() {
        for path in [ACTIVATE_ENDPOINT, GUEST_ENDPOINT] {
            let (scripts, form) = (PictureEndpoint::at(path), PictureEndpoint::at(&format!("{path}_form")));
            assert_eq!(
                scripts.map(|endpoint| (endpoint.name, endpoint.is_form)),
                Some((path, false))
            );
            assert_eq!(
                form.map(|endpoint| (endpoint.name, endpoint.is_form)),
                Some((path, true))
            );
            for other in ["/", "s", "_form_form", "_formal", "/x_form"] {
                assert_eq!(PictureEndpoint::at(&format!("{path}{other}")), None, "{other}");
            }
        }
        assert_eq!(PictureEndpoint::at("/api/invites/accept"), None);
    }
}
