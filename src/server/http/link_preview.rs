//! Finds what messengers may show of a link: the topic and the host of a room, or only the Snug itself.
//!
//! Messengers are never signed in, so a preview shows only what everybody may know who has the link. A private room is never shown. The
//! address of a social room says nothing either, because only the people whom its opener follows may find the room.

use super::next_page::next_in;
use crate::{
    model::{
        id::{InviteId, RoomId},
        link_preview::LinkPreview,
        return_to,
        room::{RoomInfo, RoomKind},
    },
    server::{rooms::invite::link, state::AppState},
};
use axum::{
    extract::Request,
    http::{Method, Uri},
};

/// The picture of every preview. It is a file of the site.
const IMAGE: &str = "/icon-512.png";

/// Attaches the [`LinkPreview`] of the page to the request, from where the page's head takes it.
pub async fn attach(state: &AppState, request: &mut Request) {
    let uri = request.uri().clone();
    let preview = find(state, &uri).await;
    request.extensions_mut().insert(preview);
}

/// Whether the request asks for a page that messengers may show.
pub fn has_preview(request: &Request) -> bool {
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    reads && is_shown(path)
}

fn is_shown(path: &str) -> bool {
    path == "/" || path == "/sign-in" || path.starts_with("/rooms/") || path.starts_with("/invite/")
}

async fn find(state: &AppState, uri: &Uri) -> LinkPreview {
    let image = state.config.public_url.link(IMAGE);
    let room = find_room(state, &subject(uri)).await;
    let name = state.snug_info.text().name;
    match room {
        Some((info, url)) => LinkPreview::of_room(name, &info, url, image),
        None => LinkPreview::of_site(name, image),
    }
}

/// The path that the preview is about. People who are not signed in, and so all messengers, are redirected from a room to the sign-in
/// page. So the preview of the sign-in page is about the page that it leads to.
fn subject(uri: &Uri) -> String {
    if uri.path() != "/sign-in" {
        return uri.path().to_owned();
    }
    let next = next_in(uri.query());
    let next = return_to::destination(next.as_deref());
    let path = next.split(['?', '#']).next();
    path.unwrap_or_default().to_owned()
}

/// The live room that the link at `path` leads to, and the full address of the link, if a preview may show the room.
async fn find_room(state: &AppState, path: &str) -> Option<(RoomInfo, String)> {
    if let Some(id) = path.strip_prefix("/rooms/") {
        let page = state.voice.find_room(RoomId::parse(id)?).await?;
        let url = state.config.public_url.link(&format!("/rooms/{}", page.info.id));
        return (page.info.kind == RoomKind::Open).then_some((page.info, url));
    }
    let token = path.strip_prefix("/invite/")?;
    let (row, info) = link::find_good_if_live(state, token).await.ok()??;
    let url = link::link(state, &InviteId::parse(&row.id)?);
    (info.kind != RoomKind::Private).then_some((info, url))
}
