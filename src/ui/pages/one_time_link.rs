//! The common part of the pages of links that work only once. This part shows what the link does, or says that the link no longer
//! works.

use super::not_found::NotFoundPanel;
use crate::{
    error::AppError,
    ui::{
        components::{
            error_notice::Notice,
            page_header::{AccountCorner, PageHeader},
        },
        session::use_session,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The link's token, from the page's address.
pub fn token_in_address() -> String {
    use_query_map().with_untracked(|query| query.get("token").unwrap_or_default())
}

/// The content of the page. If the link still works, `found` is what the link is for, such as the masked e-mail address to which it
/// belongs, and `confirm` makes the content from it. If the link no longer works, the page shows `message`, which names the possible
/// reasons. `sign_in` is the address of the sign-in page.
#[component]
pub fn OneTimeLink<Found, Confirm, View>(
    found: Resource<Result<Option<Found>, AppError>>,
    message: &'static str,
    #[prop(into)] sign_in: String,
    confirm: Confirm,
) -> impl IntoView
where
    Found: Clone + Send + Sync + 'static,
    Confirm: Fn(Found) -> View + Clone + Send + 'static,
    View: IntoView + 'static,
{
    let session = use_session();
    view! {
        <Suspense>
            {move || {
                let (confirm, sign_in) = (confirm.clone(), sign_in.clone());
                Suspend::new(async move {
                    match found.await {
                        Ok(Some(found)) => confirm(found).into_any(),
                        Ok(None) => {
                            let me = session.me.await.ok().flatten();
                            let is_signed_in = me.is_some_and(|user| user.activated);
                            view! { <Gone message sign_in is_signed_in/> }.into_any()
                        }
                        Err(error) => view! { <Trouble error/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Gone(message: &'static str, sign_in: String, is_signed_in: bool) -> impl IntoView {
    crate::set_page_status(http::StatusCode::GONE);
    let (href, words) = match is_signed_in {
        true => ("/rooms".to_owned(), "To the rooms"),
        false => (sign_in, "Sign in"),
    };
    view! {
        <NotFoundPanel heading="This link no longer works." message>
            <a class="btn" href=href rel="external">{words}</a>
        </NotFoundPanel>
    }
}

#[component]
fn Trouble(error: AppError) -> impl IntoView {
    crate::set_page_status(error.status());
    view! {
        <PageHeader corner=AccountCorner::Bare/>
        <main class="lost" id="main">
            <Notice error=Some(error)/>
        </main>
    }
}
