//! Where a letter's link leads: one button signs in. Opening the page changes nothing, because mail scanners open links.

use super::not_found::WrongTurn;
use crate::{
    api::{self, auth::VerifyLink},
    model::way,
    ui::components::{
        notice::Notice,
        top::{Corner, Top},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn LinkPage() -> impl IntoView {
    let query = use_query_map();
    let token = query.with_untracked(|query| query.get("token").unwrap_or_default());
    let next = query.with_untracked(|query| way::on(query.get("next").as_deref()).to_owned());
    let found = Resource::new(
        {
            let token = token.clone();
            move || token.clone()
        },
        api::auth::find_link,
    );
    view! {
        <Title text="Sign in"/>
        <Suspense>
            {move || {
                let (token, next) = (token.clone(), next.clone());
                Suspend::new(async move {
                    match found.await {
                        Ok(Some(email)) => view! { <Confirm email token next/> }.into_any(),
                        Ok(None) => {
                            crate::set_page_status(http::StatusCode::GONE);
                            view! {
                            <WrongTurn
                                heading="This link no longer works."
                                told="It works once, for ten minutes. Ask for a new letter on the page where you sign in."
                            >
                                <a class="btn" href=way::to("/sign-in", &next) rel="external">"Sign in"</a>
                            </WrongTurn>
                            }
                            .into_any()
                        }
                        Err(error) => {
                            crate::set_page_status(error.status());
                            view! {
                                <Top corner=Corner::Bare/>
                                <main class="lost" id="main">
                                    <Notice error=Some(error)/>
                                </main>
                            }
                            .into_any()
                        }
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Confirm(email: String, token: String, next: String) -> impl IntoView {
    let verify = ServerAction::<VerifyLink>::new();
    view! {
        <Top corner=Corner::Bare/>
        <main class="narrow" id="main">
            <ActionForm action=verify attr:class="card stack">
                <div class="intro">
                    <h1>{format!("Sign in as {email}?")}</h1>
                    <p>"You asked for this letter in some browser. This one signs in too, and the link is used up."</p>
                </div>
                <input type="hidden" name="token" value=token/>
                <input type="hidden" name="next" value=next/>
                <Notice error=Signal::derive(move || verify.value().get().and_then(Result::err))/>
                <button class="btn" data-wide="" type="submit">"Sign in"</button>
                <p class="hint">"If it was not you who asked, close this page; nothing happens."</p>
            </ActionForm>
        </main>
    }
}
