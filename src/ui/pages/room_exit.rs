//! What somebody reads who can't be in a room any more: what happened, for how long, and where to go. It is in place of the room's page or of
//! the page of an invitation, and on the page that was inside.

use super::{
    coming_back::{ComingBack, JoinAgainButton},
    not_found::DarkHousePanel,
};
use crate::{
    browser::{
        page,
        timer::{now_ms, sleep_ms},
    },
    error::{AppError, Kind},
    model::room_exit::{ExitWords, come_back_in},
    ui::sign_in_options::use_sign_in_options,
};
use leptos::{prelude::*, task::spawn_local};

/// The panel for a room or an invitation that the server refuses. `otherwise` is the heading for an error that has none. `here` is the
/// path of the page, where a removed person can come back later. `coming_back` says when a host lets them back in earlier. `children` are the
/// links to go on.
#[component]
pub fn RoomExitPanel(
    error: AppError,
    otherwise: &'static str,
    here: String,
    #[prop(optional)] coming_back: Option<ComingBack>,
    children: Children,
) -> impl IntoView {
    crate::set_page_status(error.status());
    // Messengers show the title, so it never says who has ended a room.
    let title = match (&error.heading, error.kind) {
        (None, _) => otherwise,
        (Some(_), Kind::NotFound) => "This room is over.",
        (Some(_), _) => "You can't come in right now.",
    };
    let (advice, come_back_in_s) = (error.advice().to_owned(), error.come_back_in_s());
    let heading = error.heading.unwrap_or_else(|| otherwise.to_owned());
    view! {
        <DarkHousePanel title>
            <h1 data-names="">{move || heading_now(&heading, coming_back)}</h1>
            <Advice advice come_back_in_s here coming_back/>
            <div class="row">{children()}</div>
        </DarkHousePanel>
    }
}

/// The heading of an exit, or the one that says that the person can come back.
pub fn heading_now(heading: &str, coming_back: Option<ComingBack>) -> String {
    coming_back
        .and_then(ComingBack::heading)
        .unwrap_or_else(|| heading.to_owned())
}

/// What follows the heading. Once the person can come back, this is the button to join.
#[component]
pub fn Advice(
    advice: String,
    come_back_in_s: Option<u32>,
    here: String,
    coming_back: Option<ComingBack>,
) -> impl IntoView {
    move || {
        let back = coming_back.filter(|coming_back| coming_back.heading().is_some());
        let (advice, here) = (advice.clone(), here.clone());
        match back {
            Some(coming_back) => view! { <JoinAgainButton coming_back/> }.into_any(),
            None => view! { <Waiting advice come_back_in_s here/> }.into_any(),
        }
    }
}

/// For a removed person, the first sentence of the advice is a countdown.
#[component]
fn Waiting(advice: String, come_back_in_s: Option<u32>, here: String) -> impl IntoView {
    match come_back_in_s {
        Some(seconds) => {
            let rest = ExitWords::of_text(&advice).advice;
            view! {
                <Countdown seconds here/>
                {(!rest.is_empty()).then(|| view! { <p>{rest}</p> })}
            }
            .into_any()
        }
        None => (!advice.is_empty()).then(|| view! { <p>{advice}</p> }).into_any(),
    }
}

/// The links to go on. `room_is_over` offers a guest to stay in this Snug, which needs mail.
#[component]
pub fn ExitLinks(is_guest: bool, room_is_over: bool) -> impl IntoView {
    let offers_seat = room_is_over && use_sign_in_options().mail;
    match is_guest {
        false => view! { <a class="btn" href="/rooms">"To the rooms"</a> }.into_any(),
        true => view! {
            {offers_seat.then(|| view! { <a class="btn" href="/settings#seat">"Keep your seat"</a> })}
            <a class="btn" data-kind=offers_seat.then_some("quiet") href="/" rel="external">"To the home page"</a>
        }
        .into_any(),
    }
}

/// Counts down until a removed person can come back, and then shows a button that loads the page `here` again. Screen readers do not read
/// out each second (ARIA role `timer`).
#[component]
fn Countdown(seconds: u32, here: String) -> impl IntoView {
    let left_s = RwSignal::new(seconds);
    Effect::new(move |_| spawn_local(count_down(left_s)));
    let here = StoredValue::new(here);
    let is_over = Memo::new(move |_| left_s.get() == 0);
    move || {
        match is_over.get() {
        true => view! {
            <button class="btn" data-come-back="" type="button" on:click=move |_| here.with_value(|here| page::go(here))>
                "Come back"
            </button>
        }
        .into_any(),
        false => view! { <p role="timer">{move || come_back_in(left_s.get())}</p> }.into_any(),
    }
    }
}

/// Counts down to 0, until the page is gone. A clock is read each time, because browsers delay the timers of hidden pages.
async fn count_down(left_s: RwSignal<u32>) {
    let Some(seconds) = left_s.try_get_untracked() else {
        return;
    };
    let end_ms = now_ms() + f64::from(seconds) * 1_000.0;
    while left_s.try_get_untracked().is_some_and(|left_s| left_s > 0) {
        let left_ms = (end_ms - now_ms()).max(0.0);
        let now_left_s = (left_ms / 1_000.0).ceil() as u32;
        if left_s.try_get_untracked() != Some(now_left_s) {
            left_s.try_set(now_left_s);
        }
        // The next second begins then.
        sleep_ms((left_ms % 1_000.0) as u32 + 1).await;
    }
}
