//! Where the letter to an old address leads: one button puts the address back and signs every device out.

use super::not_found::WrongTurn;
use crate::{
    api::{self, email::UndoEmailChange},
    ui::components::{
        notice::Notice,
        top::{Corner, Top},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn UndoEmailPage() -> impl IntoView {
    let query = use_query_map();
    let token = query.with_untracked(|query| query.get("token").unwrap_or_default());
    let found = Resource::new(
        {
            let token = token.clone();
            move || token.clone()
        },
        api::email::find_email_undo,
    );
    view! {
        <Title text="Put an address back"/>
        <Suspense>
            {move || {
                let token = token.clone();
                Suspend::new(async move {
                    match found.await {
                        Ok(Some(email)) => view! { <Confirm email token/> }.into_any(),
                        Ok(None) => {
                            crate::set_page_status(http::StatusCode::GONE);
                            view! {
                            <WrongTurn
                                heading="This link no longer works."
                                told="It was used, or it is older than a week. If you can't sign in, ask the person who runs this Snug."
                            >
                                <a class="btn" href="/sign-in" rel="external">"Sign in"</a>
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
fn Confirm(email: String, token: String) -> impl IntoView {
    let undo = ServerAction::<UndoEmailChange>::new();
    view! {
        <Top corner=Corner::Bare/>
        <main class="narrow" id="main">
            <ActionForm action=undo attr:class="card stack">
                <div class="intro">
                    <h1>{format!("Sign in with {email} again?")}</h1>
                    <p>"The address is put back, and every device is signed out: whoever changed it is out. Then sign in here with a code."</p>
                </div>
                <input type="hidden" name="token" value=token/>
                <Notice error=Signal::derive(move || undo.value().get().and_then(Result::err))/>
                <button class="btn" data-wide="" type="submit">"Put the address back"</button>
                <p class="hint">"If it was you who changed it, close this page; nothing happens."</p>
            </ActionForm>
        </main>
    }
}
