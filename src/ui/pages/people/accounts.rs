//! The list of accounts. Each row shows the face, the name, when the person joined, and the buttons for owners.

use super::account_actions::AccountActions;
use crate::{
    model::{device::ago, isolated::isolated, people::Account, room::Person},
    ui::components::{confirm_sheet::ConfirmSheet, face::Face},
};
use leptos::prelude::*;

#[component]
pub fn Accounts(accounts: Vec<Account>, actions: AccountActions) -> impl IntoView {
    if accounts.is_empty() {
        return view! {
            <p class="empty">
                <span>"Nobody by that name. " <a href="/people">"See everybody"</a> "."</span>
            </p>
        }
        .into_any();
    }
    view! {
        <ul class="accounts" role="list">
            {accounts.into_iter().map(|account| view! { <Row account actions/> }).collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn Row(account: Account, actions: AccountActions) -> impl IntoView {
    let Person {
        name, picture, guest, ..
    } = account.person.clone();
    let (title, off) = (name.clone(), account.switched_off.then_some(""));
    let marks = [(account.me, "you"), (account.owner, "owner"), (guest, "guest")];
    let seen = account.seen_ago_s.map(|seconds| format!("seen {}", ago(seconds)));
    view! {
        <li class="account" aria-label=title data-off=off>
            <Face picture/>
            <div class="account-who">
                <b dir="auto">{name}</b>
                <p class="sub">
                    {marks.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| view! { <span class="chip">{word}</span> }).collect_view()}
                    {account.switched_off.then(|| view! { <span class="chip" data-tone="bad">"switched off"</span> })}
                    <span>"joined " {ago(account.came_ago_s)}</span>
                    {seen.map(|seen| view! { <span>{seen}</span> })}
                </p>
            </div>
            <div class="row account-acts">{(!account.me).then(|| view! { <RowActions account actions/> })}</div>
        </li>
    }
}

#[component]
fn RowActions(account: Account, actions: AccountActions) -> impl IntoView {
    if account.switched_off {
        return view! { <SwitchOn account actions/> }.into_any();
    }
    let may_be_owner = (!account.owner).then(|| account.clone());
    view! {
        {may_be_owner.map(|account| view! { <MakeOwner account actions/> })}
        <SwitchOff account actions/>
    }
    .into_any()
}

#[component]
fn MakeOwner(account: Account, actions: AccountActions) -> impl IntoView {
    let Person { id, name, .. } = account.person;
    let message = "Owners can do everything that you can do on this page, even to your account. Making somebody an owner can't be undone.";
    view! {
        <ConfirmSheet id=format!("own-{id}") word="Make owner" about=name message=message.to_owned()>
            <ActionForm action=actions.make_owner>
                <input type="hidden" name="user" value=id.to_string()/>
                <button class="btn" data-wide="" type="submit">"Make owner"</button>
            </ActionForm>
        </ConfirmSheet>
    }
}

#[component]
fn SwitchOff(account: Account, actions: AccountActions) -> impl IntoView {
    let Person { id, name, .. } = account.person;
    let message = format!(
        "{} is signed out of every device and every room at once, and can't sign in until an owner switches \
         the account on again. Name, face and links stay as they are.",
        isolated(&name)
    );
    view! {
        <ConfirmSheet id=format!("off-{id}") word="Switch off" about=name kind="leave" message>
            <ActionForm action=actions.switch_off>
                <input type="hidden" name="user" value=id.to_string()/>
                <button class="btn" data-kind="leave" data-wide="" type="submit">"Switch off"</button>
            </ActionForm>
        </ConfirmSheet>
    }
}

#[component]
fn SwitchOn(account: Account, actions: AccountActions) -> impl IntoView {
    let Person { id, name, .. } = account.person;
    view! {
        <ActionForm action=actions.switch_on>
            <input type="hidden" name="user" value=id.to_string()/>
            <button class="btn" data-kind="quiet" data-small="" type="submit" aria-label=format!("Switch on: {}", isolated(&name))>
                "Switch on"
            </button>
        </ActionForm>
    }
}
