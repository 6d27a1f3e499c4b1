//! The form in which an owner writes the name of this Snug and the line about it.

use crate::{
    api::snug_info::Describe,
    model::{one_line, snug_info::SnugText},
    ui::{
        components::error_notice::{Notice, failure},
        form_error::typed_field,
    },
};
use leptos::{prelude::*, server_fn::ServerFn};

/// `text` is what this Snug says about itself now. If the form was refused, it shows again what the owner had typed.
#[component]
pub fn SnugForm(text: SnugText) -> impl IntoView {
    let describe = ServerAction::<Describe>::new();
    let error = Signal::derive(move || failure(&describe.value().get()));
    let name = typed_field(Describe::PATH, "name").unwrap_or_else(|| text.name.as_str().to_owned());
    let line = typed_field(Describe::PATH, "line").unwrap_or(text.line);
    // Browsers count UTF-16 code units, so the limits of 40 and 120 would cut a text of a few emoji. The server counts characters.
    let most = one_line::BYTES_MAX.to_string();
    view! {
        <section class="stack" aria-labelledby="this-snug">
            <h2 id="this-snug">"This Snug"</h2>
            <ActionForm action=describe attr:class="stack">
                <div class="field">
                    <label for="name-of-snug">"Name of this Snug"</label>
                    <input
                        id="name-of-snug" name="name" required maxlength=most.clone() autocomplete="off" dir="auto" value=name
                        aria-describedby="name-of-snug-hint"
                    />
                    <p class="hint" id="name-of-snug-hint">"On every page, on invitations and in letters. At most 40 characters."</p>
                </div>
                <div class="field">
                    <label for="line-of-snug">"A line about it"</label>
                    <input
                        id="line-of-snug" name="line" maxlength=most autocomplete="off" dir="auto" value=line
                        aria-describedby="line-of-snug-hint"
                    />
                    <p class="hint" id="line-of-snug-hint">"Visitors read it on the home page. At most 120 characters, or nothing."</p>
                </div>
                <Notice error/>
                <button class="btn" data-kind="quiet" type="submit">"Save"</button>
            </ActionForm>
        </section>
    }
}
