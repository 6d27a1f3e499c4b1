//! The HTML document around every page, and the routes.

use crate::{
    assets::Assets,
    model::{id::RoomId, isolated::isolated, link_preview::LinkPreview, page_shape, theme::Theme},
    static_pages::{HealthPage, HomePage, LeavePage, LinkPage, OutboxPage, OwnerLinkPage, PeoplePage, UndoEmailPage},
    ui::{
        announcer::{AnnouncerRegion, provide_announcer},
        call::provide_call,
        call_bar::CallBar,
        form_error::{ForgetFormError, provide_form_error},
        pages::{
            activate::ActivatePage, connection::ConnectionPage, invitation::InvitationPage, not_found::NotFoundPage,
            room::RoomPage, rooms::RoomsPage, settings::SettingsPage, sign_in::SignInPage,
        },
        session::provide_session,
        sign_in_options::provide_sign_in_options,
        snug_name::{provide_snug_name, use_snug_name},
        theme::provide_theme,
        toasts::{ToastRegion, provide_toasts},
        unreachable_banner::UnreachableBanner,
    },
};
use leptos::{nonce::use_nonce, prelude::*, tachys::html::element::meta};
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};
use std::sync::LazyLock;

/// The HTML document around the app. Only the server renders this document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let assets = use_context::<Assets>().unwrap_or_default();
    let start = when_to_start(&current_path());
    let shape = (start != ProgramStart::Never).then_some(page_shape::UNKNOWN);
    let theme = use_context::<Theme>().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <meta
                    name="description"
                    content="Drop in and talk. No app, no password: just a name, a face and your voice."
                />
                <meta name="color-scheme" content=theme.color_scheme()/>
                {theme_colors(theme)}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="stylesheet" href=assets.css.clone()/>
                <AutoReload options/>
                {preview_tags()}
                {scripts(&assets, start)}
                <MetaTags/>
            </head>
            <body>
                // The app has a container of its own, because extensions add elements to the body.
                <div id="app" data-shape=shape>
                    <App/>
                </div>
            </body>
        </html>
    }
}

/// The colour of the browser's own bars around the page, for each scheme that the page can have.
fn theme_colors(theme: Theme) -> impl IntoView + use<> {
    let colors = [
        (Theme::Light, "#fbf6ee", "(prefers-color-scheme: light)"),
        (Theme::Dark, "#19130f", "(prefers-color-scheme: dark)"),
    ];
    let is_system = theme == Theme::System;
    let used = colors.into_iter().filter(|(scheme, ..)| is_system || *scheme == theme);
    let tag = |color, media: Option<&'static str>| {
        meta()
            .attr("name", "theme-color")
            .attr("content", color)
            .attr("media", media)
    };
    used.map(|(_, color, media)| tag(color, is_system.then_some(media)))
        .collect_view()
}

/// When a page loads its WebAssembly program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProgramStart {
    /// The page needs no program.
    Never,
    /// The page works without the program, which is loaded when the browser is idle.
    WhenIdle,
    Now,
}

fn when_to_start(path: &str) -> ProgramStart {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["rooms"] | ["activate"] | ["settings"] | ["connection"] => ProgramStart::Now,
        // The click on "Come in" joins the room, and the app shows the room without loading another document. Browsers allow
        // sound only in a document in which the person has clicked, so the app must already run when they click.
        ["invite", _] => ProgramStart::Now,
        ["rooms", id] if RoomId::parse(id).is_some() => ProgramStart::Now,
        ["sign-in"] => ProgramStart::WhenIdle,
        _ => ProgramStart::Never,
    }
}

fn current_path() -> String {
    use_context::<http::request::Parts>()
        .map(|parts| parts.uri.path().to_owned())
        .unwrap_or_default()
}

/// The tags that messengers read to show a preview of the page. The server has attached the preview to the request.
fn preview_tags() -> impl IntoView + use<> {
    let preview =
        use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get::<LinkPreview>().cloned());
    let tags = preview.map(LinkPreview::tags).unwrap_or_default();
    tags.into_iter()
        .map(|(property, content)| meta().attr("property", property).attr("content", content))
        .collect_view()
}

/// The script that starts the program, without its comments.
static BOOT: LazyLock<String> = LazyLock::new(|| without_comments(include_str!("browser/boot.js")));

/// The lines of a script that are not comments. Our scripts have no other comments than whole lines.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("/**"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn scripts(assets: &Assets, start: ProgramStart) -> Option<impl IntoView + use<>> {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let Assets { js, wasm, .. } = assets.clone();
    let when = match start {
        ProgramStart::Never => return None,
        ProgramStart::Now => "now",
        ProgramStart::WhenIdle => "idle",
    };
    // If the program can wait, nothing is preloaded, so that the page's text arrives first.
    let ahead = (start == ProgramStart::Now).then(|| {
        view! {
            <link rel="modulepreload" href=js.clone() nonce=nonce.clone()/>
            <link rel="preload" href=wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        }
    });
    Some(view! {
        {ahead}
        <script nonce=nonce data-js=js data-wasm=wasm data-when=when>
            {BOOT.as_str()}
        </script>
    })
}

/// The app, with the routes to all pages. The server waits for a page's data before it sends the page, because a streamed page would
/// stay incomplete without scripts.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_form_error();
    provide_snug_name();
    provide_sign_in_options();
    provide_theme();
    provide_session();
    provide_announcer();
    provide_toasts();
    provide_call();
    let name = use_snug_name();
    let formatter = move |text: String| match text.is_empty() {
        true => name.as_str().to_owned(),
        false => format!("{text} · {}", isolated(name.as_str())),
    };
    view! {
        <Title formatter/>
        <a class="skip-link" href="#main">"To the content"</a>
        <UnreachableBanner/>
        <Router>
            <ForgetFormError/>
            <Routes fallback=|| view! { <NotFoundPage/> }>
                <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/sign-in/link") view=LinkPage ssr=SsrMode::Async/>
                <Route path=path!("/invite/:token") view=InvitationPage ssr=SsrMode::Async/>
                <Route path=path!("/owner/:token") view=OwnerLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/undo-email") view=UndoEmailPage ssr=SsrMode::Async/>
                <Route path=path!("/activate") view=ActivatePage ssr=SsrMode::Async/>
                <Route path=path!("/rooms") view=RoomsPage ssr=SsrMode::Async/>
                <Route path=path!("/rooms/:id") view=RoomPage ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/leave") view=LeavePage ssr=SsrMode::Async/>
                <Route path=path!("/connection") view=ConnectionPage ssr=SsrMode::Async/>
                <Route path=path!("/outbox") view=OutboxPage ssr=SsrMode::Async/>
                <Route path=path!("/people") view=PeoplePage ssr=SsrMode::Async/>
                <Route path=path!("/admin/health") view=HealthPage ssr=SsrMode::Async/>
            </Routes>
            <CallBar/>
        </Router>
        <ToastRegion/>
        <AnnouncerRegion/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_page_and_unknown_addresses_load_no_program() {
        assert_eq!(when_to_start("/"), ProgramStart::Never);
        for wrong in ["/nowhere", "/rooms/x", "/rooms/abcdefghij/x", "/settings/x"] {
            assert_eq!(when_to_start(wrong), ProgramStart::Never, "{wrong}");
        }
        assert_eq!(when_to_start("/sign-in"), ProgramStart::WhenIdle);
        assert_eq!(when_to_start("/rooms/abcdefghij"), ProgramStart::Now);
        assert_eq!(when_to_start("/invite/abcdefghij.0123"), ProgramStart::Now);
    }

    #[test]
    fn the_script_in_pages_has_no_comments_and_can_not_end_early() {
        assert_eq!(
            without_comments("/** a */\n// b\n  let c = 'd'\n\ne()\n"),
            "let c = 'd'\ne()"
        );
        assert!(!BOOT.contains("</") && !BOOT.contains("/*"), "{}", BOOT.as_str());
    }
}
