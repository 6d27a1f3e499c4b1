//! The form of name and face as it comes without scripts: what it says, and the way back to its page.

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

/// The Endpoints of the form with scripts, by whose names its pages find what went wrong.
pub const ACTIVATE_ENDPOINT: &str = "/api/profile/activate";
pub const GUEST_ENDPOINT: &str = "/api/invites/come_as_guest";

/// What a form of name and face sends.
#[derive(Default)]
pub struct Form {
    pub profile: ProfileForm,
    pub photo: Vec<u8>,
    pub next: String,
    /// Of a link, where the form is a guest's.
    pub token: String,
}

impl Form {
    /// Reads the form of a request into `self`, as far as it goes.
    ///
    /// # Errors
    /// `Invalid` where it came broken, `TooLarge` for its photo.
    pub async fn take(&mut self, state: &AppState, request: Request) -> Result<()> {
        let multipart = Multipart::from_request(request, state).await.map_err(|_| broken())?;
        self.read(multipart, state.config.pictures.max_upload_bytes).await
    }

    /// Back to its page, which shows the sentence as that of its `endpoint`; what was typed goes along.
    pub fn redirect_back(&self, url: &PublicUrl, endpoint: &str, error: AppError) -> Response {
        let page = match endpoint {
            GUEST_ENDPOINT => page_of(&self.token),
            _ if self.next.starts_with("/settings") => "/settings".to_owned(),
            _ => "/activate".to_owned(),
        };
        let message = ServerFnUrlError::new(endpoint, error).to_url(&url.link(&page));
        let address = message.map(|mut url| {
            url.query_pairs_mut().extend_pairs(self.profile.typed());
            if endpoint == ACTIVATE_ENDPOINT {
                url.query_pairs_mut()
                    .append_pair("next", return_to::destination(Some(&self.next)));
            }
            url[url::Position::BeforePath..].to_owned()
        });
        Redirect::to(address.as_deref().unwrap_or(&page)).into_response()
    }

    /// Reads every field, and only then says what is wrong: what was typed is kept.
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

fn broken() -> Error {
    AppError::invalid("The form came broken. Send it again.").into()
}

/// The page of the link with this token; the front door for what can't be one.
pub fn page_of(token: &str) -> String {
    let is_token = token.len() <= 80 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if is_token && !token.is_empty() {
        format!("/invite/{token}")
    } else {
        "/".to_owned()
    }
}

/// The sentence for what is too large.
pub fn too_large(picture_max_bytes: Option<usize>) -> AppError {
    let sentence = match picture_max_bytes {
        Some(most) => format!(
            "That picture is too large to send. Choose one below {} MB.",
            most / (1024 * 1024)
        ),
        None => "That is more than fits into this form. Shorten it and send it again.".to_owned(),
    };
    AppError::new(Kind::TooLarge, sentence)
}
