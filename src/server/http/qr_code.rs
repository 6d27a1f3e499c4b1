//! Draws a room's link as a QR code, for a phone's camera. The server draws the picture, because it is rarely needed
//! and a drawing library would make the download of every page larger.

use super::multipart_form;
use crate::{error::AppError, model::id::RoomId, server::state::AppState};
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use qrcode::{
    EcLevel, QrCode,
    render::{svg, unicode::Dense1x2},
};

/// `/rooms/{id}/qr.svg`. The QR code tells nothing that is not in the requested address already, so everybody may
/// request it.
pub async fn of_room(State(state): State<AppState>, Path(id): Path<String>) -> Response {
    of(RoomId::parse(&id).map(|id| state.config.public_url.link(&format!("/rooms/{id}"))))
}

/// `/invite/{token}/qr.svg`. Everybody may request it, for the same reason.
pub async fn of_invite(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    let page = Some(multipart_form::page_of(&token)).filter(|page| page != "/");
    of(page.map(|page| state.config.public_url.link(&page)))
}

/// A text as SVG; `None` if it is too long.
pub fn picture(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let picture = code
        .render()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    Some(picture)
}

/// A text for a terminal, with two rows of dots in each line; `None` if it is too long. The light dots are drawn, so it fits to a dark
/// background.
pub fn for_terminal(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let picture = code
        .render()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .module_dimensions(1, 1)
        .build();
    Some(picture)
}

fn of(link: Option<String>) -> Response {
    let Some(picture) = link.and_then(|link| picture(&link)) else {
        return super::error_status::answer(&AppError::not_found("There is no such room. Check the link."));
    };
    (
        [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CACHE_CONTROL, "private, max-age=86400"),
        ],
        picture,
    )
        .into_response()
}
