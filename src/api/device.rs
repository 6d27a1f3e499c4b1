//! Endpoints for devices: list the devices on which you are signed in, and sign them out.

use super::client::RefreshingClient;
use crate::{error::AppError, model::device::Device};
use leptos::prelude::*;

/// Your devices. The device that sent a request most recently is first.
///
/// # Errors
/// `signed_out`, `session_ended`, `unavailable`.
#[server(prefix = "/api", endpoint = "auth/devices", client = RefreshingClient)]
pub async fn devices() -> Result<Vec<Device>, AppError> {
    use crate::server::auth::{identity::current_visit, signed_in_devices};
    Ok(signed_in_devices::list_devices(&current_visit()?).await?)
}

/// Signs one of your devices out at once.
///
/// # Errors
/// `not_found` for a device that is signed out already.
#[server(prefix = "/api", endpoint = "auth/sign_out_device", client = RefreshingClient)]
pub async fn sign_out_device(id: String) -> Result<(), AppError> {
    use crate::server::auth::{identity::current_visit, signed_in_devices};
    let visit = current_visit()?;
    visit.answer(signed_in_devices::sign_out_device(&visit, &id).await?);
    leptos_axum::redirect("/settings");
    Ok(())
}

/// Signs all your other devices out at once.
///
/// # Errors
/// `unavailable`. No device was then signed out.
#[server(prefix = "/api", endpoint = "auth/sign_out_others", client = RefreshingClient)]
pub async fn sign_out_others() -> Result<(), AppError> {
    use crate::server::auth::{identity::current_visit, signed_in_devices};
    signed_in_devices::sign_out_others(&current_visit()?).await?;
    leptos_axum::redirect("/settings");
    Ok(())
}
