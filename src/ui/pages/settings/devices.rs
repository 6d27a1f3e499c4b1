//! The devices on which you are signed in, with buttons to sign them out. The last button signs out the device that you are using.

use crate::{
    api::{
        self,
        auth::SignOut,
        device::{SignOutDevice, SignOutOthers},
    },
    browser::access_token_expiry,
    error::AppError,
    model::device::{Device, ago},
    ui::{components::error_notice::Notice, session::use_session},
};
use leptos::prelude::*;

#[component]
pub fn DevicesCard() -> impl IntoView {
    let sign_out = ServerAction::<SignOutDevice>::new();
    let others = ServerAction::<SignOutOthers>::new();
    let devices = Resource::new(
        move || (sign_out.version().get(), others.version().get()),
        |_| api::device::devices(),
    );
    let failed = move || {
        sign_out
            .value()
            .get()
            .and_then(Result::err)
            .or_else(|| others.value().get().and_then(Result::err))
    };
    view! {
        <section class="card stack" aria-labelledby="devices">
            <h2 id="devices">"Devices"</h2>
            <p>"Where you are signed in. Signing out a device also takes it out of any room."</p>
            <Notice error=Signal::derive(failed)/>
            <Transition>
                {move || Suspend::new(async move {
                    match devices.await {
                        Ok(devices) => view! { <Devices devices sign_out others/> }.into_any(),
                        Err(error) => view! { <Trouble error/> }.into_any(),
                    }
                })}
            </Transition>
            // This form is not part of the list, so that you can also sign out if the list could not be loaded.
            <SignOutHere/>
        </section>
    }
}

/// Shows the error. Shows nothing if the person has to sign in, because the page then leads to the sign-in page anyway.
#[component]
fn Trouble(error: AppError) -> impl IntoView {
    (!error.needs_sign_in()).then(|| view! { <Notice error=Some(error)/> })
}

#[component]
fn Devices(
    devices: Vec<Device>,
    sign_out: ServerAction<SignOutDevice>,
    others: ServerAction<SignOutOthers>,
) -> impl IntoView {
    let many = devices.len() > 1;
    view! {
        <ul class="devices" role="list">
            {devices.into_iter().map(|device| view! { <DeviceRow device sign_out/> }).collect_view()}
        </ul>
        {many.then(|| view! {
            <ActionForm action=others>
                <button class="btn" data-kind="quiet" type="submit">"Sign out all other devices"</button>
            </ActionForm>
        })}
    }
}

#[component]
fn DeviceRow(device: Device, sign_out: ServerAction<SignOutDevice>) -> impl IntoView {
    let label = format!("Sign out {}", device.name);
    view! {
        <li class="device" aria-label=device.name.clone()>
            <div>
                <b>{device.name.clone()}</b>
                <p class="sub">
                    {if device.this_one {
                        view! { <span class="chip">"this one"</span> }.into_any()
                    } else {
                        view! { <span>"last seen " {ago(device.seen_ago_s)}</span> }.into_any()
                    }}
                    <span>{format!("signed in from {}", device.network_words())}</span>
                </p>
            </div>
            {(!device.this_one).then(|| view! {
                <ActionForm action=sign_out>
                    <input type="hidden" name="id" value=device.id.to_string()/>
                    <button class="btn" data-kind="quiet" data-small="" type="submit" aria-label=label>"Sign out"</button>
                </ActionForm>
            })}
        </li>
    }
}

#[component]
fn SignOutHere() -> impl IntoView {
    let session = use_session();
    let sign_out = ServerAction::<SignOut>::new();
    Effect::new(move |_| {
        if sign_out.value().get().is_some_and(|answer| answer.is_ok()) {
            access_token_expiry::tell_signed_out();
            session.me.refetch();
        }
    });
    view! {
        <Notice error=Signal::derive(move || sign_out.value().get().and_then(Result::err))/>
        <ActionForm action=sign_out>
            <button class="btn" data-kind="leave" type="submit">"Sign out"</button>
        </ActionForm>
        <p class="hint">"You stay signed in on this device until you sign out."</p>
    }
}
