//! The form for name and picture, as browsers send it without scripts: its fields, and the redirect back to its page.

use super::form_error::RefusedForm;
use crate::{
    error::{AppError, Kind},
    model::{percent_encoding, profile::ProfileForm, return_to},
    server::{
        error::{Error, Result},
        state::AppState,
    },
};
use axum::{
    extract::{FromRequest, Multipart, Request},
    response::{IntoResponse, Redirect, Response},
};

/// The endpoints that the two forms (for an account and for a guest) are sent to when scripts run. An error names
/// the endpoint that failed, so that the page shows the error at the right form.
pub const ACTIVATE_ENDPOINT: &str = "/api/profile/activate";
pub const GUEST_ENDPOINT: &str = "/api/invites/come_as_guest";

/// The fields of the form.
#[derive(Default)]
pub struct Form {
    pub profile: ProfileForm,
    pub photo: Vec<u8>,
    pub next: String,
    /// The topic of the room that a new owner opens; empty in all other forms.
    pub first_room: String,
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

    /// A redirect back to the form's page. The page then shows the error of `endpoint` and the typed fields, which
    /// [`form_error`](super::form_error) brings there.
    pub fn redirect_back(self, endpoint: &str, error: AppError) -> Response {
        let page = match endpoint {
            GUEST_ENDPOINT => page_of(&self.token),
            _ => {
                let next = return_to::destination(Some(&self.next));
                let page = if self.next.starts_with("/settings") {
                    "/settings"
                } else {
                    "/activate"
                };
                format!("{page}?next={}", percent_encoding::encode(next))
            }
        };
        let first_room = [("first_room", self.first_room.as_str())];
        let typed = self.profile.typed().into_iter().chain(first_room);
        let typed = typed.map(|(field, text)| (field.to_owned(), text.to_owned()));
        let mut response = Redirect::to(&page).into_response();
        response.extensions_mut().insert(RefusedForm {
            endpoint: endpoint.to_owned(),
            error,
            typed: typed.collect(),
        });
        response
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
                "first_room" => self.first_room = text,
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
