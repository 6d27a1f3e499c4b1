//! The page of the owner link, which the server prints when it starts: one button signs you in as an owner. Opening the page changes
//! nothing.

use super::one_time_link::OneTimeLink;
use crate::{
    api::owner_link::{UseOwnerLink, find_owner_link},
    model::{
        isolated::isolated,
        owner_link::{NOBODY, OwnerLinkOffer},
        room::Person,
    },
    ui::components::{
        error_notice::{Notice, failure},
        face::Face,
        page_header::{AccountCorner, PageHeader},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub fn OwnerLinkPage() -> impl IntoView {
    let token = StoredValue::new(use_params_map().with_untracked(|params| params.get("token").unwrap_or_default()));
    let found = Resource::new(move || token.get_value(), find_owner_link);
    view! {
        <Title text="Make this Snug yours"/>
        <OneTimeLink
            found
            message="This owner link was used before, has expired, or never existed. The command snug owner-link prints a new one."
            sign_in="/sign-in"
            confirm=move |offer: OwnerLinkOffer| view! { <Confirm offer token=token.get_value()/> }
        />
    }
}

#[component]
fn Confirm(offer: OwnerLinkOffer, token: String) -> impl IntoView {
    let claim = ServerAction::<UseOwnerLink>::new();
    let OwnerLinkOffer { me, owners } = offer;
    let guest = me.clone().filter(|me| me.guest);
    let has_owners = !owners.is_empty();
    let heading = match (has_owners, guest.is_some()) {
        (true, _) => "Who are you?",
        (false, true) => "You are here as a guest",
        (false, false) => "Make this Snug yours?",
    };
    let shown = me.as_ref().map_or_else(|| NOBODY.to_owned(), |me| me.id.to_string());
    let return_as = {
        let (token, shown) = (token.clone(), shown.clone());
        move |owner: Person| view! { <ReturnAs owner token=token.clone() shown=shown.clone() claim/> }
    };
    let next = match guest.is_some() {
        true => view! { <a class="btn" data-kind="quiet" data-wide="" href="/settings">"Settings"</a> }.into_any(),
        false => view! { <BecomeOwner me token shown claim/> }.into_any(),
    };
    view! {
        <PageHeader corner=AccountCorner::Bare/>
        <main class="narrow" id="main">
            <div class="card stack">
                <h1>{heading}</h1>
                {guest.map(|me| view! { <AsGuest me has_owners/> })}
                <Notice error=Signal::derive(move || failure(&claim.value().get()))/>
                {owners.into_iter().map(return_as).collect_view()}
                {next}
                <p class="hint">"This link works once. If you do not run this Snug, close this page and nothing happens."</p>
            </div>
        </main>
    }
}

/// The way back for an owner who can't get a code. The form sends who was `shown` as signed in, so that it acts for nobody who has signed in
/// with this browser since.
#[component]
fn ReturnAs(owner: Person, token: String, shown: String, claim: ServerAction<UseOwnerLink>) -> impl IntoView {
    let words = format!("Sign in as {}", isolated(&owner.name));
    view! {
        <ActionForm action=claim attr:class="row">
            <Face picture=owner.picture/>
            <input type="hidden" name="token" value=token/>
            <input type="hidden" name="me" value=shown/>
            <input type="hidden" name="owner" value=owner.id.to_string()/>
            <button class="btn" type="submit" data-names="">{words}</button>
        </ActionForm>
    }
}

/// Makes `me` an owner, or somebody new if nobody is signed in.
#[component]
fn BecomeOwner(me: Option<Person>, token: String, shown: String, claim: ServerAction<UseOwnerLink>) -> impl IntoView {
    let message = match me {
        Some(me) if !me.name.is_empty() => format!("Your account, {}, becomes an owner of this Snug.", me.called()),
        Some(_) => "Your account becomes an owner of this Snug.".to_owned(),
        None => "You become an owner of this Snug: next you choose a name and a face. You need no e-mail address."
            .to_owned(),
    };
    view! {
        <ActionForm action=claim attr:class="stack">
            <p data-names="">{message} " Owners can see everybody, deactivate accounts and close rooms."</p>
            <input type="hidden" name="token" value=token/>
            <input type="hidden" name="me" value=shown/>
            <button class="btn" data-wide="" type="submit">"Make this Snug yours"</button>
        </ActionForm>
    }
}

/// Says why the link can't make a guest an owner, and what to do first. Unless the page offers owners, its heading says that you are a
/// guest.
#[component]
fn AsGuest(me: Person, has_owners: bool) -> impl IntoView {
    let is_guest = has_owners.then(|| format!("You are here as a guest, {}. ", isolated(&me.name)));
    view! {
        <p data-names="">
            {is_guest}
            "Guests can't become owners. Add your e-mail address in your settings, or sign out there. Then open this link again."
        </p>
    }
}
