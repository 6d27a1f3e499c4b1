//! Where an invite link leads: who asks you in, into what, and one button. Opening the page uses nothing up.

use super::not_found::WrongTurn;
use crate::{
    api::{self, invites::Accept},
    error::{AppError, Kind},
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
                match (found.await, session.me.await) {
                    (Ok(invitation), Ok(me)) => view! { <Asked invitation me token=token.get_value()/> }.into_any(),
                    (Err(error), me) => {
                        let signed_in = matches!(me, Ok(Some(_)));
                        view! { <Refused error signed_in/> }.into_any()
                    }
                    (Ok(_), Err(error)) => view! { <Refused error signed_in=false/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Asked(invitation: Invitation, me: Option<User>, token: String) -> impl IntoView {
    let Invitation {
        topic,
        kind,
        from_name,
        from_picture,
        inside,
    } = invitation;
    let accept = ServerAction::<Accept>::new();
    let here = format!("/invite/{token}");
    let corner = me.clone().map_or(Corner::SignIn, Corner::Me);
    let inside = match inside {
        0 => "nobody inside yet".to_owned(),
        1 => "1 person inside".to_owned(),
        many => format!("{many} people inside"),
    };
    let told = format!("{from_name} invites you to");
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
        <Title text=format!("{from_name} invites you")/>
        <Top corner/>
        <main class="narrow" id="main">
            <div class="card stack invitation">
                <Face picture=from_picture size="l"/>
                <div class="intro">
                    <p class="sub">{told}</p>
                    <h1>{topic}</h1>
                    <p class="sub">
                        <span class="chip">{kind.label()}</span>
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
    let heading = match error.kind {
        Kind::Forbidden | Kind::NotFound => "This link lets nobody in.",
        _ => "That did not work just now.",
    };
    view! {
        <WrongTurn heading told=error.detail>
            {if signed_in {
                view! { <a class="btn" href="/rooms" rel="external">"To the rooms"</a> }
            } else {
                view! { <a class="btn" href="/sign-in" rel="external">"Sign in"</a> }
            }}
        </WrongTurn>
    }
}
