//! The name and face form, for activation, for guests and in the settings.
//!
//! With scripts, the form reads the photo, lets you crop it, and sends a small data URL. Without scripts, the same form posts the
//! file as multipart to another endpoint. On the server, both endpoints run the same code.

mod camera_preview;
mod crop;
mod crop_sheet;
mod cropper;
mod face_button;
mod form_state;
mod photo_image;
mod picture_choice;
mod picture_chooser;
mod submit_target;
mod touch_gestures;
mod undo_history;
mod whole_file;

use crate::{
    browser::{
        page::{self, EventListener},
        sight,
    },
    error::AppError,
    model::{isolated::isolated, one_line, profile::ProfileForm, user::User},
    ui::{
        call::use_call,
        components::error_notice::Notice,
        first_field::focus_first_field,
        form_error::typed_field,
        session::{redirect_on_error, use_session},
    },
};
use crop_sheet::CropSheet;
use face_button::{FaceButton, shown};
use form_state::FaceFormState;
use leptos::{prelude::*, task::spawn_local};
use picture_choice::{PictureChoice, PictureFields};
use picture_chooser::PictureChooser;
use submit_target::SubmitTarget;

/// A selector that finds the button that sends the form.
const SUBMIT_BUTTON: &str = ".face-form > [type=submit]";

/// The form. `user` is the person who fills the form in, and `submit` is the text of the button.
///
/// After success, the form leads to the address `next`. If `stays` is true and scripts run, the page stays and the form sets
/// `saved` instead. If `token` is the token of an invite link, the form lets a guest in and leads into the link's room. If `opens_room` is
/// true, the form also asks for the topic of a first room, and leads into that room.
#[component]
pub fn FaceForm(
    user: User,
    #[prop(into)] next: String,
    submit: &'static str,
    hint: &'static str,
    #[prop(optional)] stays: bool,
    #[prop(optional, into)] saved: Option<RwSignal<bool>>,
    #[prop(optional)] token: Option<String>,
    #[prop(optional)] opens_room: bool,
) -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let target = SubmitTarget::of(token);
    // If a browser without scripts has sent the form and the server has refused it, the name that was typed is shown again.
    let typed = typed_field(target.endpoint(), "name");
    let name = RwSignal::new(typed.unwrap_or_else(|| user.person.name.clone()));
    let state = FaceFormState::of(&user);
    let user = RwSignal::new(user);
    let name_input = NodeRef::<leptos::html::Input>::new();
    let room_input = NodeRef::<leptos::html::Input>::new();
    // Keep the name that was typed before hydration.
    Effect::new(move |_| {
        if let Some(input) = name_input.get() {
            name.set(input.value());
        }
    });
    let problem = state.problem;
    let photo = NodeRef::<leptos::html::Img>::new();
    let working = RwSignal::new(false);
    let sent = StoredValue::new(PictureChoice::Current);

    let goes_on = if stays { String::new() } else { next.clone() };
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if working.get_untracked() || untrack(|| target.is_pending()) || state.reading.get_untracked().is_some() {
            return;
        }
        working.set(true);
        let first_room = room_input
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default();
        call.set_join_on_arrival(target.token().is_some() || !first_room.trim().is_empty());
        let (name, next) = (name.get_untracked(), goes_on.clone());
        spawn_local(async move {
            let choice = state.choice().get_untracked();
            let made = choice.to_send(photo.get_untracked()).await;
            sent.try_set_value(choice);
            // Meanwhile the person may have left the page.
            if working.try_get_untracked().is_none() {
                return;
            }
            match made {
                Ok(PictureFields { picture, crop }) => {
                    problem.set(None);
                    target.send(ProfileForm { name, picture, crop }, next, first_room);
                }
                Err(error) => problem.set(Some(error)),
            }
            working.set(false);
        });
    };
    Effect::new(move |_| {
        let done = target.answer().and_then(Result::ok);
        if let Some(now) = &done {
            user.set(now.clone());
            state.mark_saved(&sent.get_value());
            session.me.refetch();
        }
        if let Some(saved) = saved.filter(|_| target.version() > 0) {
            saved.set(done.is_some());
        }
    });
    let fill = move |free: String| {
        if let Some(input) = name_input.get_untracked() {
            input.set_value(&free);
            page::focus("#name");
        }
        name.set(free);
    };
    let failure = move || problem.get().or_else(|| target.answer().and_then(Result::err));
    // These are two Effects, because a new attempt clears `problem` while the answer to the last attempt is still there. That answer
    // must not undo the wish to join.
    Effect::new(move |_| {
        if problem.with(Option::is_some) {
            call.set_join_on_arrival(false);
        }
    });
    Effect::new(move |_| {
        if target.answer().is_some_and(|answer| answer.is_err()) {
            call.set_join_on_arrival(false);
        }
    });
    redirect_on_error(move || failure().filter(AppError::needs_sign_in));
    let free_names = Memo::new(move |_| failure().map(|error| error.names).unwrap_or_default());
    let name_is_refused = Memo::new(move |_| free_names.with(|names| !names.is_empty()));
    // On these pages, the name is all that is needed. In the settings, people come for other things too.
    let name_is_first = !stays;
    if name_is_first {
        focus_first_field("#name");
    }
    keep_focus_above_button();
    let shown = Signal::derive(move || shown(&user.get(), &name.get(), &state.choice().get()));
    let is_example = Memo::new(move |_| {
        let is_new_guest = user.with(|user| user.person.guest && !user.activated);
        is_new_guest && state.choice().with(|choice| *choice == PictureChoice::DefaultFace)
    });
    let plain_choice = move || state.choice().with(PictureChoice::as_text);
    view! {
        <form
            class="stack face-form" method="post" action=target.plain() enctype="multipart/form-data" on:submit=send
        >
            // These fields come before the photo, and the token is the first of them. The server checks the invite link before it reads
            // the photo. If the form is too large, perhaps only its beginning arrives, and these fields are then still in it.
            {target.token().map(|token| view! { <input type="hidden" name="token" value=token/> })}
            <input type="hidden" name="picture" value=plain_choice/>
            <input type="hidden" name="next" value=next/>
            <div class="name-and-face">
                <div class="field">
                    // Browsers count UTF-16 code units, so a limit of 40 would cut a name of a few emoji. The server counts characters.
                    <label for="name">"Your name"</label>
                    <input
                        id="name" name="name" autocomplete="name" required maxlength=one_line::BYTES_MAX.to_string() dir="auto"
                        aria-describedby=move || if name_is_refused.get() { "name-hint face-form-error" } else { "name-hint" }
                        aria-invalid=move || name_is_refused.get().then_some("true")
                        autofocus=name_is_first node_ref=name_input value=name.get_untracked()
                        on:input:target=move |event| name.set(event.target().value())
                    />
                </div>
                <FaceButton state shown photo/>
                <p class="hint" id="name-hint">{hint}</p>
                {move || is_example.get().then(|| view! {
                    <p class="hint">"This face is an example. You get a different one when you come in, unless you change it here."</p>
                })}
            </div>
            <PictureChooser state shown/>
            {opens_room.then(|| view! { <FirstRoomField endpoint=target.endpoint() input=room_input/> })}
            <Notice error=Signal::derive(failure) id="face-form-error"/>
            {move || name_is_refused.get().then(|| view! { <FreeNames names=free_names.get() fill=Callback::new(fill)/> })}
            <button
                class="btn" data-wide="" type="submit"
                aria-busy=move || (working.get() || target.is_pending() || state.reading.get().is_some()).then_some("true")
            >
                {submit}
            </button>
        </form>
        <CropSheet state photo/>
    }
}

/// In a low window, the button stays at the bottom. Scrolls the page if the button is over the field that has the focus: at first, and when
/// a phone opens its keyboard.
fn keep_focus_above_button() {
    let uncover = || sight::uncover_focus(SUBMIT_BUTTON);
    // The effect keeps the listener.
    Effect::new(move |_: Option<EventListener>| {
        request_animation_frame(uncover);
        sight::on_resize(uncover)
    });
}

/// The field for the topic of the first room. If a form without scripts was refused, it shows again what was typed.
#[component]
fn FirstRoomField(endpoint: &'static str, input: NodeRef<leptos::html::Input>) -> impl IntoView {
    let typed = typed_field(endpoint, "first_room").unwrap_or_default();
    view! {
        <div class="field">
            <label for="first-room">"Topic of your first room"</label>
            <input
                id="first-room" name="first_room" maxlength=one_line::BYTES_MAX.to_string() autocomplete="off" dir="auto"
                placeholder="Tea and nothing in particular" aria-describedby="first-room-hint" node_ref=input value=typed
            />
            <p class="hint" id="first-room-hint">
                "You are inside at once, and can invite people. Leave it empty to see the list of rooms first."
            </p>
        </div>
    }
}

/// Buttons with names that the person can use instead of the refused one. A press puts the name into the field. Without scripts, the
/// error's sentence has the names.
#[component]
fn FreeNames(names: Vec<String>, fill: Callback<String>) -> impl IntoView {
    let session = use_session();
    let button = move |name: String| {
        let label = format!("Use the name {}", isolated(&name));
        let words = name.clone();
        view! {
            <button
                class="btn" data-kind="quiet" data-small="" type="button" dir="auto" translate="no" aria-label=label
                disabled=move || !session.ready.get() on:click=move |_| fill.run(name.clone())
            >
                {words}
            </button>
        }
    };
    view! { <div class="row" data-scripts="">{names.into_iter().map(button).collect_view()}</div> }
}
