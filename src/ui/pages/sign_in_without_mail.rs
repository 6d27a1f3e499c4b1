//! What the sign-in page says if this Snug sends no e-mails: whom to ask, and how the person who runs it signs in.

use crate::{api, model::isolated::isolated, ui::sign_in_options::use_sign_in_options};
use leptos::prelude::*;

#[component]
pub fn WithoutMail() -> impl IntoView {
    let snug = Resource::new(|| (), |()| api::snug_info::find());
    let guests = use_sign_in_options().guests;
    view! {
        <section class="card stack">
            <div class="intro">
                <h1>"Come in"</h1>
                <p>"This Snug sends no e-mails yet, so there are no codes to sign in with."</p>
                <Suspense>
                    {move || Suspend::new(async move {
                        let host = snug.await.ok().and_then(|snug| snug.host);
                        view! { <p data-names="">{whom_to_ask(host.map(|host| host.name).as_deref(), guests)}</p> }
                    })}
                </Suspense>
            </div>
            <p class="hint">
                "Do you run this Snug? The command " <code>"snug owner-link"</code>
                " on its machine prints a link that signs you in."
            </p>
        </section>
    }
}

/// `host` is the name of the person who runs this Snug. `guests` is whether links admit people without an account.
fn whom_to_ask(host: Option<&str>, guests: bool) -> String {
    let whom = match host {
        Some(host) => format!("Ask {}, who runs it,", isolated(host)),
        None => "Ask the person who runs it".to_owned(),
    };
    match guests {
        true => format!("{whom} for a link into a room: with the link, a name and a face are enough."),
        false => format!("{whom} how you can come in."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_the_host_and_offers_links_only_if_guests_are_admitted() {
        let named = whom_to_ask(Some("Ada"), true);
        assert!(
            named.contains("Ada") && named.contains("who runs it, for a link into a room"),
            "{named}"
        );
        let unnamed = whom_to_ask(None, false);
        assert_eq!(unnamed, "Ask the person who runs it how you can come in.");
    }
}
