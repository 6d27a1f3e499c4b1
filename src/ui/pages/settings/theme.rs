//! The choice between light and dark pages. Each choice is a form, so it works without scripts.

use crate::{
    api::theme::Choose,
    browser::page,
    model::theme::Theme,
    ui::{
        components::error_notice::{Notice, failure},
        theme::use_theme,
    },
};
use leptos::prelude::*;

#[component]
pub fn ThemeCard() -> impl IntoView {
    let (choose, chosen) = (ServerAction::<Choose>::new(), use_theme());
    Effect::new(move |_| {
        if let Some(Ok(theme)) = choose.value().get() {
            chosen.set(theme);
            page::set_theme(theme.attribute());
        }
    });
    let form = move |theme: Theme| {
        view! {
            <ActionForm action=choose>
                <input type="hidden" name="theme" value=theme.as_str()/>
                <button class="btn" data-kind="quiet" type="submit" aria-pressed=move || (chosen.get() == theme).to_string()>
                    {theme.label()}
                </button>
            </ActionForm>
        }
    };
    view! {
        <section class="card stack" aria-labelledby="theme">
            <h2 id="theme">"Light or dark"</h2>
            <div class="row themes" role="group" aria-labelledby="theme">
                {Theme::ALL.map(form).collect_view()}
            </div>
            <Notice error=Signal::derive(move || failure(&choose.value().get()))/>
            <p class="hint">"This browser remembers what you choose. “System” follows your device."</p>
        </section>
    }
}
