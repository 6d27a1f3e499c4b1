//! The list of accounts. Each row shows the face, the name, what tells people with the same name apart, and when the person was here.

use super::{account_actions::AccountActions, account_menu::AccountMenu};
use crate::{
    model::{device::ago, people::Account, room::Person},
    ui::components::face::Face,
};
use leptos::prelude::*;

/// A person whose last request is less than this number of seconds old is here: an open page asks more often.
const HERE_S: u32 = 600;

#[component]
pub fn Accounts(accounts: Vec<Account>, actions: AccountActions) -> impl IntoView {
    if accounts.is_empty() {
        return view! {
            <p class="empty">
                <span>"Nobody found. " <a href="/people">"See everybody"</a> "."</span>
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
    let Person { name, picture, .. } = account.person.clone();
    let (title, off) = (name.clone(), account.switched_off.then_some(""));
    let times = times(&account);
    view! {
        <li class="account" aria-label=title data-off=off>
            <Face picture/>
            <div class="account-who">
                <b dir="auto" translate="no">{name}</b>
                <p class="sub">
                    <Chips account=account.clone()/>
                    {account.email.clone().map(|email| view! { <span>{email}</span> })}
                    {account.has_no_address().then(|| view! { <span>"no e-mail address"</span> })}
                    <span>{times}</span>
                </p>
            </div>
            {(!account.me).then(|| view! { <AccountMenu account actions/> })}
        </li>
    }
}

#[component]
fn Chips(account: Account) -> impl IntoView {
    let marks = [(account.me, "you"), (account.owner, "owner")];
    let marks = marks.into_iter().filter(|(holds, _)| *holds);
    let guest = account.person.guest.then(|| match account.link_by {
        Some(by) => {
            view! { <span class="chip" data-names="">"guest · by " <bdi translate="no">{by}</bdi> "'s link"</span> }
                .into_any()
        }
        None => view! { <span class="chip">"guest"</span> }.into_any(),
    });
    view! {
        {marks.map(|(_, word)| view! { <span class="chip">{word}</span> }).collect_view()}
        {guest}
        {account.inside.map(|topic| view! { <span class="chip" data-names="">"in " <bdi>{topic}</bdi></span> })}
        {account.switched_off.then(|| view! { <span class="chip" data-tone="bad">"deactivated"</span> })}
    }
}

/// When the person came, and when they were seen last, such as "joined 2 days ago · here now".
fn times(account: &Account) -> String {
    let joined = format!("joined {}", ago(account.came_ago_s));
    match account.seen_ago_s {
        Some(seconds) if seconds < HERE_S && !account.switched_off => format!("{joined} · here now"),
        Some(seconds) => format!("{joined} · seen {}", ago(seconds)),
        None => joined,
    }
}
