//! Where an invite link leads: who asks you in, into what, and one button. Opening the page uses nothing up.

use super::not_found::WrongTurn;
use crate::{
    api::{self, invites::Accept},
    error::AppError,
    model::{invite::Invitation, user::User, way},
    ui::{
        components::{
            face::Face,
            notice::Notice,
            top::{Corner, Top},
        },
        session::use_session,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub fn InvitationPage() -> impl IntoView {
    let session = use_session();
    let token = use_params_map().with_untracked(|params| params.get("token").unwrap_or_default());
    let token = StoredValue::new(token);
    let found = Resource::new(move || token.get_value(), api::invites::find);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let me = session.me.await.ok().flatten();
                match found.await {
                    Ok(invitation) => view! { <Asked invitation me token=token.get_value()/> }.into_any(),
                    Err(error) => view! { <Refused error signed_in=me.is_some()/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Asked(invitation: Invitation, me: Option<User>, token: String) -> impl IntoView {
    let Invitation { sign, from, inside } = invitation;
    let accept = ServerAction::<Accept>::new();
    let here = format!("/invite/{token}");
    let corner = me.clone().map_or(Corner::SignIn, Corner::Me);
    let inside = match inside {
        0 => "nobody inside yet".to_owned(),
        1 => "1 person inside".to_owned(),
        many => format!("{many} people inside"),
    };
    let way_in = match me {
        Some(user) if user.activated => view! {
            <ActionForm action=accept attr:class="stack">
                <input type="hidden" name="token" value=token/>
                <Notice error=Signal::derive(move || accept.value().get().and_then(Result::err))/>
                <button class="btn" data-wide="" type="submit">"Come in"</button>
            </ActionForm>
        }
        .into_any(),
        Some(_) => view! {
            <a class="btn" data-wide="" href=way::to("/activate", &here) rel="external">"Put on a name and a face"</a>
        }
        .into_any(),
        None => view! {
            <a class="btn" data-wide="" href=way::to("/sign-in", &here) rel="external">"Sign in to come in"</a>
            <p class="hint">"An e-mail address is all you need. From there you come back here."</p>
        }
        .into_any(),
    };
    view! {
        <Title text=format!("{} invites you", from.name)/>
        <Top corner/>
        <main class="narrow" id="main">
            <div class="card stack invitation">
                <Face picture=from.picture size="l"/>
                <div class="intro">
                    <p class="sub">{format!("{} invites you to", from.name)}</p>
                    <h1>{sign.topic}</h1>
                    <p class="sub">
                        <span class="chip">{sign.kind.label()}</span>
                        <span>{inside}</span>
                    </p>
                </div>
                {way_in}
            </div>
        </main>
    }
}

#[component]
fn Refused(error: AppError, signed_in: bool) -> impl IntoView {
    crate::set_page_status(error.status());
    view! {
        <WrongTurn heading="This link lets nobody in." told=error.detail>
            {if signed_in {
                view! { <a class="btn" href="/rooms" rel="external">"To the rooms"</a> }
            } else {
                view! { <a class="btn" href="/sign-in" rel="external">"Sign in"</a> }
            }}
        </WrongTurn>
    }
}
