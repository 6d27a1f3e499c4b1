//! The session, as all pages share it: who is signed in, and the redirect to the sign-in page if nobody is.

use crate::{
    api::{
        self,
        client::{refresh_if_due, set_expected_user},
    },
    browser::{
        access_token_expiry, page,
        reachability::{self, Reachability},
        timer::sleep_ms,
    },
    error::{AppError, Kind},
    model::{return_to, user::User},
};
use futures::future::select;
use leptos::{leptos_dom::helpers::is_browser, prelude::*, task::spawn_local};
use leptos_router::hooks::{use_location, use_navigate};
use send_wrapper::SendWrapper;
use std::pin::pin;

/// The longest sleep of [`refresh_regularly`], in milliseconds. It is short because browsers' timers are not reliable for longer
/// times. A page on which nobody is signed in checks this often whether somebody has signed in on another tab.
const IDLE_MS: u32 = 60_000;

/// The data about the session that all pages share.
#[derive(Clone, Copy)]
pub struct Session {
    /// The user who is signed in; `Ok(None)` if nobody is.
    pub me: Resource<Result<Option<User>, AppError>>,
    /// Whether the page is hydrated. Controls that need scripts are disabled until then.
    pub ready: RwSignal<bool>,
    /// Whether the server answers, as far as this tab knows.
    pub reach: RwSignal<Reachability>,
}

impl Session {
    /// The user, if somebody is signed in and the answer has arrived.
    pub fn user(&self) -> Option<User> {
        self.me.get().and_then(Result::ok).flatten()
    }

    /// Lets the browser ask the server again who is signed in, unless an activated user is already known. Pages that only signed-in
    /// people can see call this function.
    pub fn reload(self) {
        Effect::new(move |_| {
            let known = self.me.get_untracked().and_then(Result::ok).flatten();
            if !known.is_some_and(|user| user.activated) {
                self.me.refetch();
            }
        });
    }
}

/// Provides the [`Session`] to all pages.
pub fn provide_session() {
    let me = Resource::new(|| (), |()| who_am_i());
    let ready = RwSignal::new(false);
    let reach = RwSignal::new(Reachability::Fine);
    Effect::new(move |_| {
        ready.set(true);
        spawn_local(refresh_regularly());
        reachability::on_change(move |now| reach.maybe_update(|known| std::mem::replace(known, now) != now));
        access_token_expiry::listen_to_tabs(|| {
            let here = page::path().unwrap_or_default();
            if return_to::needs_user(&here) {
                page::go(&return_to::with_next("/sign-in", &here));
            }
        });
    });
    Effect::new(move |_| {
        if let Some(Ok(user)) = me.get() {
            set_expected_user(user.map(|user| user.person.id));
        }
    });
    provide_context(Session { me, ready, reach });
}

/// The session that [`provide_session`] has provided.
pub fn use_session() -> Session {
    expect_context()
}

/// While the page is open, refreshes the access token shortly before it expires, so that sockets and images never use an expired
/// token. Each tab adds a random time to its sleep. So usually one tab wakes first and refreshes, and the other tabs then find the
/// new cookie.
async fn refresh_regularly() {
    loop {
        let due_ms = access_token_expiry::early_refresh_in_ms().unwrap_or(IDLE_MS);
        let sleep = sleep_ms(due_ms.clamp(500, IDLE_MS) + page::random_below(500));
        select(pin!(sleep), pin!(access_token_expiry::changed())).await;
        refresh_if_due().await;
    }
}

/// Sends the request `ask` again and again until the server answers. Meanwhile the page does not change. Use this function only
/// for requests that change nothing, because the server may have carried out a request although its answer did not arrive.
pub async fn with_retries<T: Send, F>(ask: impl Fn() -> F + Send) -> Result<T, AppError>
where
    F: Future<Output = Result<T, AppError>> + Send,
{
    let mut misses = 0;
    loop {
        match ask().await {
            Err(error) if error.is_silence() && is_browser() => {
                SendWrapper::new(reachability::back()).await;
                SendWrapper::new(reachability::pause(misses)).await;
                misses += 1;
            }
            answer => return answer,
        }
    }
}

async fn who_am_i() -> Result<Option<User>, AppError> {
    match with_retries(api::auth::me).await {
        Ok(user) => Ok(Some(user)),
        Err(error) if error.needs_sign_in() => Ok(None),
        Err(error) => Err(error),
    }
}

/// In the browser, leads from an error to the page that solves it. A person who has to sign in gets the sign-in page, and a person
/// who has to activate their account gets the page for activation. Both pages lead back to this page. If somebody else has signed in,
/// this page is loaded again.
///
/// Use this function only for requests that a page makes before the person has typed anything, because typed text is lost.
pub fn redirect_on_error(error: impl Fn() -> Option<AppError> + 'static) {
    let navigate = use_navigate();
    let location = use_location();
    Effect::new(move |_| {
        let Some(error) = error() else { return };
        let here = location.pathname.get_untracked() + &location.search.get_untracked();
        let page = match error.kind {
            Kind::SignedOut | Kind::SessionEnded => "/sign-in",
            Kind::NotActivated => "/activate",
            Kind::SomebodyElse => return page::go(&here),
            _ => return,
        };
        navigate(&return_to::with_next(page, &here), Default::default());
    });
}
