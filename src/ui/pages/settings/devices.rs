//! The devices on which you are signed in, with buttons to sign them out. The last button signs out the device that you are using.

use super::sign_out::SignOutHere;
use crate::{
    api::{
        self,
        device::{SignOutDevice, SignOutOthers},
        email::OwnAddress,
    },
    error::AppError,
    model::device::{Device, seen_ago},
    ui::{
        components::error_notice::Notice,
        form_action::{FormAction, PostForm},
    },
};
use leptos::prelude::*;

/// `address` says whether the person can sign in again on this device.
#[component]
pub fn DevicesCard(address: Resource<Result<OwnAddress, AppError>>) -> impl IntoView {
    let sign_out = FormAction::of::<SignOutDevice>();
    let others = FormAction::of::<SignOutOthers>();
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
            <SignOutHere address/>
        </section>
    }
}

/// Shows the error. Shows nothing if the person has to sign in, because the page then leads to the sign-in page anyway.
#[component]
fn Trouble(error: AppError) -> impl IntoView {
    (!error.needs_sign_in()).then(|| view! { <Notice error=Some(error)/> })
}

#[component]
fn Devices(devices: Vec<Device>, sign_out: FormAction<()>, others: FormAction<()>) -> impl IntoView {
    let many = devices.len() > 1;
    view! {
        <ul class="devices" role="list">
            {devices.into_iter().map(|device| view! { <DeviceRow device sign_out/> }).collect_view()}
        </ul>
        {many.then(|| view! {
            <PostForm action=others>
                <button class="btn" data-kind="quiet" type="submit">"Sign out all other devices"</button>
            </PostForm>
        })}
    }
}

#[component]
fn DeviceRow(device: Device, sign_out: FormAction<()>) -> impl IntoView {
    let label = format!("Sign out {}", device.name);
    view! {
        <li class="device" aria-label=device.name.clone()>
            <div>
                <b>{device.name.clone()}</b>
                <p class="sub">
                    {if device.this_one {
                        view! { <span class="chip">"this one"</span> }.into_any()
                    } else {
                        view! { <span>"last seen " {seen_ago(device.seen_ago_s)}</span> }.into_any()
                    }}
                    <span>{format!("signed in from {}", device.network_words())}</span>
                </p>
            </div>
            {(!device.this_one).then(|| view! {
                <PostForm action=sign_out>
                    <input type="hidden" name="id" value=device.id.to_string()/>
                    <button class="btn" data-kind="quiet" data-small="" type="submit" aria-label=label>"Sign out"</button>
                </PostForm>
            })}
        </li>
    }
}
