//! Who is signed in, as every page needs it, and the way to the page where one signs in.

use crate::{
    api::{self, client::refresh_if_due},
    browser::{countdown::sleep_ms, page, session_clock},
    error::{AppError, Kind},
    model::{user::User, way},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::{use_location, use_navigate};

/// A page that is signed out looks again this often, milliseconds; nor can a browser's timer be trusted with longer.
const IDLE_MS: u32 = 60_000;

/// What all pages share.
#[derive(Clone, Copy)]
pub struct Session {
    /// Who is signed in; `None` is nobody, which is no error.
    pub me: Resource<Result<Option<User>, AppError>>,
    /// Whether the page answers yet: controls that need scripts wait for it.
    pub ready: RwSignal<bool>,
}

impl Session {
    /// The user, where one is signed in and known by now.
    pub fn user(&self) -> Option<User> {
        self.me.get().and_then(Result::ok).flatten()
    }

    /// On pages that only a signed-in person sees: where nobody is known yet, asks again in the browser.
    pub fn know_again(self) {
        Effect::new(move |_| {
            let known = self.me.get_untracked().and_then(Result::ok).flatten();
            if !known.is_some_and(|user| user.activated) {
                self.me.refetch();
            }
        });
    }
}

/// Gives all pages their [`Session`].
pub fn provide_session() {
    let me = Resource::new(|| (), |()| who_am_i());
    let ready = RwSignal::new(false);
    Effect::new(move |_| {
        ready.set(true);
        spawn_local(keep_fresh());
        session_clock::on_signed_out_elsewhere(|| {
            let here = page::path().unwrap_or_default();
            if way::needs_user(&here) {
                page::go(&way::to("/sign-in", &here));
            }
        });
    });
    provide_context(Session { me, ready });
}

/// The session that [`provide_session`] gave.
pub fn use_session() -> Session {
    expect_context()
}

/// Refreshes a little before each access token ends, for as long as the page lives: sockets and images never meet a stale
/// one. Tabs wake spread out; whoever is late finds the new cookie and has nothing to do.
async fn keep_fresh() {
    loop {
        let spread_ms = page::random_below(500);
        sleep_ms(
            session_clock::early_refresh_in_ms()
                .unwrap_or(IDLE_MS)
                .clamp(500, IDLE_MS)
                + spread_ms,
        )
        .await;
        refresh_if_due().await;
    }
}

async fn who_am_i() -> Result<Option<User>, AppError> {
    match api::auth::me().await {
        Ok(user) => Ok(Some(user)),
        Err(error) if error.needs_sign_in() => Ok(None),
        Err(error) => Err(error),
    }
}

/// In the browser: where `error` says that one must sign in or choose a face first, goes there, and later back here.
pub fn lead_away(error: impl Fn() -> Option<AppError> + 'static) {
    let navigate = use_navigate();
    let location = use_location();
    Effect::new(move |_| {
        let Some(error) = error() else { return };
        let here = location.pathname.get_untracked() + &location.search.get_untracked();
        let page = match error.kind {
            Kind::SignedOut | Kind::SessionEnded => "/sign-in",
            Kind::NotActivated => "/activate",
            _ => return,
        };
        navigate(&way::to(page, &here), Default::default());
    });
}
