//! The sheet "More about NAME" on the page of people: what owners can do about an account. It works without scripts.

use super::account_actions::AccountActions;
use crate::{
    model::{isolated::isolated, people::Account},
    ui::{
        components::{icon::Icon, sheet_header::SheetHeader},
        form_action::PostForm,
    },
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
        <PostForm action=actions.make_owner class="account-act">
            <p>
                "Owners can do everything that you can do on this page, even to your account. Making somebody an owner can't be undone."
            </p>
            <input type="hidden" name="user" value=account.person.id.to_string()/>
            <button class="btn" data-kind="quiet" data-wide="" type="submit">"Make owner"</button>
        </PostForm>
    }
}

#[component]
fn Deactivate(account: Account, actions: AccountActions) -> impl IntoView {
    let name = isolated(&account.person.name);
    let message = match account.person.guest {
        false => format!(
            "If you deactivate {name}, they are signed out of every device and every room at once, and can't sign in until you or another \
             owner reactivates the account. Name, face and links stay as they are."
        ),
        true => format!(
            "If you deactivate {name}, they are signed out and out of every room at once. A guest can't sign in again, so their seat is \
             lost, and their browser can't come in as a guest until you or another owner reactivates the account."
        ),
    };
    view! {
        <PostForm action=actions.switch_off class="account-act">
            <p data-names="">{message}</p>
            <input type="hidden" name="user" value=account.person.id.to_string()/>
            <button class="btn" data-kind="leave" data-wide="" type="submit">"Deactivate"</button>
        </PostForm>
    }
}

#[component]
fn Reactivate(account: Account, actions: AccountActions) -> impl IntoView {
    let name = isolated(&account.person.name);
    let message = match account.person.guest {
        false => format!("If you reactivate {name}, they can sign in again as before."),
        true => format!("If you reactivate {name}, their browser can come in by a link again, as a new guest."),
    };
    view! {
        <PostForm action=actions.switch_on class="account-act">
            <p data-names="">{message}</p>
            <input type="hidden" name="user" value=account.person.id.to_string()/>
            <button class="btn" data-kind="quiet" data-wide="" type="submit">"Reactivate"</button>
        </PostForm>
    }
}
