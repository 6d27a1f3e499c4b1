//! The routes to the pages whose code is in chunks. In a build that is not split, this code is a part of the program like any other.

use crate::{
    browser::{page, reachability, timer::sleep_ms},
    model::lazy_page::LazyPage,
    ui::{
        pages::{
            activate::ActivatePage, connection::ConnectionPage, invitation::InvitationPage, not_loaded::NotLoadedPage,
            room::RoomPage, rooms::RoomsPage, settings::SettingsPage, sign_in::SignInPage,
        },
        toasts::use_toasts,
    },
};
use futures::future::{Either, select};
use leptos::{prelude::*, wasm_split::SplitLoaderError};
use leptos_router::{LazyRoute, hooks::use_location};
use std::pin::pin;

/// The time after which a sentence says that a page is late. Until the page comes, the page before it stays on the screen.
const LATE_MS: u32 = 3_000;

/// Makes a route whose page is in a chunk. `$load` loads the chunk, and `$show` also renders the page. The view loads the chunk by itself,
/// because `FlatRoutes` calls no `preload`.
macro_rules! page_in_chunk {
    ($route:ident, $chunk:ident, $load:ident, $show:ident, $page:ident) => {
        in_chunk!($chunk, $load, $show, $page);

        pub struct $route;

        impl LazyRoute for $route {
            fn data() -> Self {
                Self
            }

            async fn view(_: Self) -> AnyView {
                if !load_on_the_way($load).await {
                    return ().into_any();
                }
                match $show().await {
                    Ok(page) => page,
                    Err(_) => NotLoadedPage().into_any(),
                }
            }
        }
    };
}

// `LazyPage::chunk` has the same names of chunks.
page_in_chunk!(LazyActivate, profile, load_activate, show_activate, ActivatePage);
page_in_chunk!(
    LazyConnection,
    connection,
    load_connection,
    show_connection,
    ConnectionPage
);
page_in_chunk!(
    LazyInvitation,
    invitation,
    load_invitation,
    show_invitation,
    InvitationPage
);
page_in_chunk!(LazyRoom, room, load_room, show_room, RoomPage);
page_in_chunk!(LazyRooms, rooms, load_rooms, show_rooms, RoomsPage);
page_in_chunk!(LazySettings, profile, load_settings, show_settings, SettingsPage);
page_in_chunk!(LazySignIn, sign_in, load_sign_in, show_sign_in, SignInPage);

/// Loads the code of the page at `path`. The app can start on a page of the server only after that, because `FlatRoutes` panics at the start
/// if the view of the page is not ready at once.
///
/// # Errors
/// If a file does not load. Another call tries again.
pub async fn load_page(path: &str) -> Result<(), SplitLoaderError> {
    match LazyPage::at(path) {
        Some(LazyPage::Activate) => load_activate().await,
        Some(LazyPage::Connection) => load_connection().await,
        Some(LazyPage::Invitation) => load_invitation().await,
        Some(LazyPage::Room) => load_room().await,
        Some(LazyPage::Rooms) => load_rooms().await,
        Some(LazyPage::Settings) => load_settings().await,
        Some(LazyPage::SignIn) => load_sign_in().await,
        None => Ok(()),
    }
}

/// Loads the chunk of the page that comes next, and says whether the person is still on the way there. If the chunk is late, says so. If it
/// does not load because the server is away, waits for the server; the banner says why. Then the route tries again when it renders its page.
async fn load_on_the_way<F>(load: impl Fn() -> F) -> bool
where
    F: Future<Output = Result<(), SplitLoaderError>>,
{
    let (toasts, pathname) = (use_toasts(), use_location().pathname);
    let path = pathname.get_untracked();
    let is_wanted = || pathname.with_untracked(|now| *now == path);
    let loaded = match select(pin!(load()), pin!(sleep_ms(LATE_MS))).await {
        Either::Left((loaded, _)) => loaded,
        Either::Right(((), load)) => {
            if is_wanted() {
                toasts.say("The page has not arrived yet. It may still come.".to_owned());
            }
            load.await
        }
    };
    if loaded.is_err() && is_wanted() {
        reachability::back().await;
    }
    if !is_wanted() {
        give_way(&path, &pathname.get_untracked()).await;
    }
    is_wanted()
}

/// Waits for the page at `now`, to which the person has gone while the page at `path` was loading. The router then drops the page that is
/// on the screen, so that page must be replaced by then.
async fn give_way(path: &str, now: &str) {
    let _ = load_page(now).await;
    // The router does not show another page of the same route, such as another room, if the first one was still loading.
    if LazyPage::at(path) == LazyPage::at(now) {
        page::go(now);
    }
}
