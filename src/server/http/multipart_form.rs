//! The form for name and picture, as browsers send it without scripts: its fields, and the redirect back to its page.

use super::redirect_length::LOCATION_MAX;
use crate::{
    error::{AppError, Kind},
    model::{profile::ProfileForm, return_to},
    server::{
        config::PublicUrl,
        error::{Error, Result},
        state::AppState,
    },
};
use axum::{
    extract::{FromRequest, Multipart, Request},
    response::{IntoResponse, Redirect, Response},
};
use server_fn::error::ServerFnUrlError;
use url::{Position, Url};

/// The endpoints that the two forms (for an account and for a guest) are sent to when scripts run. After an error, the
/// query of the page names the endpoint that failed, so that the page shows the error at the right form.
pub const ACTIVATE_ENDPOINT: &str = "/api/profile/activate";
pub const GUEST_ENDPOINT: &str = "/api/invites/come_as_guest";

/// The fields of the form.
#[derive(Default)]
pub struct Form {
    pub profile: ProfileForm,
    pub photo: Vec<u8>,
    pub next: String,
    /// The token of the link that a guest came with; empty in the form for an account.
    pub token: String,
}

impl Form {
    /// Reads the form of a request into `self`. After an error, `self` has the fields that were read before the error.
    ///
    /// # Errors
    /// `Invalid` if the form is damaged, `TooLarge` if the photo is too large.
    pub async fn take(&mut self, state: &AppState, request: Request) -> Result<()> {
        let multipart = Multipart::from_request(request, state).await.map_err(|_| broken())?;
        self.read(multipart, state.config.pictures.max_upload_bytes).await
    }

    /// A redirect back to the form's page, with the error of `endpoint` and the typed fields in the query. A field that is
    /// too long for an address is left out.
    pub fn redirect_back(&self, url: &PublicUrl, endpoint: &str, error: AppError) -> Response {
        let page = match endpoint {
            GUEST_ENDPOINT => page_of(&self.token),
            _ if self.next.starts_with("/settings") => "/settings".to_owned(),
            _ => "/activate".to_owned(),
        };
        let message = ServerFnUrlError::new(endpoint, error).to_url(&url.link(&page));
        let address = message.map(|mut url| {
            if endpoint == ACTIVATE_ENDPOINT {
                append_if_short(&mut url, "next", return_to::destination(Some(&self.next)));
            }
            for (field, typed) in self.profile.typed() {
                append_if_short(&mut url, field, typed);
            }
            url[Position::BeforePath..].to_owned()
        });
        Redirect::to(address.as_deref().unwrap_or(&page)).into_response()
    }

    /// Reads every field before it reports that the photo is too large, so that the typed fields are kept.
    async fn read(&mut self, mut multipart: Multipart, photo_max_bytes: usize) -> Result<()> {
        while let Some(field) = multipart.next_field().await.map_err(|_| broken())? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "photo" {
                self.photo = field.bytes().await.map_err(|_| broken())?.to_vec();
                continue;
            }
            let text = field.text().await.map_err(|_| broken())?;
            match name.as_str() {
                "next" => self.next = text,
                "token" => self.token = text,
                field => drop(self.profile.set(field, text)),
            }
        }
        if self.photo.len() > photo_max_bytes {
            return Err(too_large(Some(photo_max_bytes)).into());
        }
        Ok(())
    }
}

/// Appends a field to the query, unless the address would become too long for a redirect.
fn append_if_short(url: &mut Url, field: &str, text: &str) {
    // A field can be megabytes long. Its plain length already shows that it is too long, so do not encode it.
    if text.len() > LOCATION_MAX {
        return;
    }
    let before = url.query().map(str::to_owned);
    url.query_pairs_mut().append_pair(field, text);
    if url[Position::BeforePath..].len() > LOCATION_MAX {
        url.set_query(before.as_deref());
    }
}

fn broken() -> Error {
    AppError::invalid("The form arrived damaged. Send it again.").into()
}

/// The page of the link with this token, or the start page if the token is malformed.
pub fn page_of(token: &str) -> String {
    let is_token = token.len() <= 80 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if is_token && !token.is_empty() {
        format!("/invite/{token}")
    } else {
        "/".to_owned()
    }
}

/// The error for a form that is too large. `picture_max_bytes` is set if the form takes a picture.
pub fn too_large(picture_max_bytes: Option<usize>) -> AppError {
    let sentence = match picture_max_bytes {
        Some(most) => format!(
            "That picture is too large to send. Choose one below {} MB.",
            most / (1024 * 1024)
        ),
        None => "That is too long for this form. Shorten it and send it again.".to_owned(),
    };
    AppError::new(Kind::TooLarge, sentence)
}
