//! The sheet "More about NAME" on the page of people: what owners can do about an account. It works without scripts.

use super::account_actions::AccountActions;
use crate::{
    model::{isolated::isolated, people::Account},
    ui::components::{icon::Icon, sheet_header::SheetHeader},
};
use leptos::prelude::*;

/// The button that opens the sheet, and the sheet. The sheet says whose account this is, because several people can have one name.
#[component]
pub fn AccountMenu(account: Account, actions: AccountActions) -> impl IntoView {
    let sheet = format!("about-{}", account.person.id);
    let (shows, head, title) = (sheet.clone(), sheet.clone(), format!("{sheet}-title"));
    let titled = title.clone();
    let label = format!("More about {}", account.person.called());
    let heading = label.clone();
    let email = account.email.clone();
    let off = account.switched_off;
    let may_be_owner = !off && !account.owner && !account.person.guest;
    let (owner, other) = (account.clone(), account);
    view! {
        <button
            class="btn" data-kind="plain" data-icon="" type="button" aria-haspopup="dialog" popovertarget=shows aria-label=label
        >
            <Icon name="more"/>
        </button>
        <dialog class="sheet" id=sheet popover="auto" aria-labelledby=titled>
            <SheetHeader sheet=head title heading/>
            <div class="stack">
                {email.map(|email| view! { <p class="sub">{email}</p> })}
                {may_be_owner.then(|| view! { <MakeOwner account=owner actions/> })}
                {match off {
                    true => view! { <Reactivate account=other actions/> }.into_any(),
                    false => view! { <Deactivate account=other actions/> }.into_any(),
                }}
            </div>
        </dialog>
    }
}

#[component]
fn MakeOwner(account: Account, actions: AccountActions) -> impl IntoView {
    view! {
        <ActionForm action=actions.make_owner attr:class="account-act">
            <p>
                "Owners can do everything that you can do on this page, even to your account. Making somebody an owner can't be undone."
            </p>
            <input type="hidden" name="user" value=account.person.id.to_string()/>
            <button class="btn" data-kind="quiet" data-wide="" type="submit">"Make owner"</button>
        </ActionForm>
    }
}

#[component]
fn Deactivate(account: Account, actions: AccountActions) -> impl IntoView {
    let message = format!(
        "{} is signed out of every device and every room at once, and can't sign in until an owner reactivates the account. Name, \
         face and links stay as they are.",
        isolated(&account.person.name)
    );
    view! {
        <ActionForm action=actions.switch_off attr:class="account-act">
            <p data-names="">{message}</p>
            <input type="hidden" name="user" value=account.person.id.to_string()/>
            <button class="btn" data-kind="leave" data-wide="" type="submit">"Deactivate"</button>
        </ActionForm>
    }
}

#[component]
fn Reactivate(account: Account, actions: AccountActions) -> impl IntoView {
    let message = format!("{} can sign in again as before.", isolated(&account.person.name));
    view! {
        <ActionForm action=actions.switch_on attr:class="account-act">
            <p data-names="">{message}</p>
            <input type="hidden" name="user" value=account.person.id.to_string()/>
            <button class="btn" data-kind="quiet" data-wide="" type="submit">"Reactivate"</button>
        </ActionForm>
    }
}
