//! Activation: a new account chooses a name and a face. A new owner of this Snug can also open the first room.

use crate::{
    api,
    model::return_to,
    ui::{
        components::page_header::{AccountCorner, PageHeader},
        face_form::FaceForm,
        session::{redirect_on_error, use_session, with_retries},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn ActivatePage() -> impl IntoView {
    let session = use_session();
    let query = use_query_map();
    let next = query.with_untracked(|query| return_to::destination(query.get("next").as_deref()).to_owned());
    // Ask the server who is signed in: the answer stored in `session` can be older than this sign-in.
    let me = Resource::new(|| (), |()| with_retries(api::auth::me));
    redirect_on_error(move || me.get().and_then(Result::err));
    session.reload();
    view! {
        <Title text="Who is coming in?"/>
        <PageHeader corner=AccountCorner::Bare/>
        <main class="narrow" id="main">
            <div class="card stack">
                <h1 class="centered">"Who is coming in?"</h1>
                <Transition>
                    {
                        let next = next.clone();
                        move || {
                            let next = next.clone();
                            Suspend::new(async move {
                                me.await.ok().map(|user| {
                                    let opens_room = user.owner && !user.activated;
                                    view! {
                                        <FaceForm
                                            user next submit="Come in" opens_room
                                            hint="The name that friends know you by. You can change your name and picture later."
                                        />
                                    }
                                })
                            })
                        }
                    }
                </Transition>
            </div>
        </main>
    }
}
