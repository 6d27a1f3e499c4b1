//! The common part of the microphone and the camera: asking for a device, and the reasons why it can't be used.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, MediaStream, MediaStreamConstraints, MediaStreamTrack};

/// Why a device can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The person, the browser's settings or the browser's administrator did not allow the page to use the device.
    Denied,
    /// The computer or phone has no such device.
    Missing,
    /// Another program is using the device.
    InUse,
    /// The browser does not give this page any access to devices, for example because the page was not loaded over
    /// https.
    Unsupported,
}

/// A device's stream. Dropping it switches the device off.
pub(super) struct Stream(pub MediaStream);

impl Drop for Stream {
    fn drop(&mut self) {
        for track in self.0.get_tracks() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
    }
}

/// Asks the person for a device (`getUserMedia`).
///
/// # Errors
/// The reason why the device can't be used.
pub(super) async fn ask(constraints: &MediaStreamConstraints) -> Result<Stream, Closed> {
    let devices = web_sys::window().and_then(|window| window.navigator().media_devices().ok());
    let devices = devices
        .filter(|devices| !devices.is_undefined())
        .ok_or(Closed::Unsupported)?;
    let asked = devices
        .get_user_media_with_constraints(constraints)
        .map_err(|error| why(&error))?;
    let stream = JsFuture::from(asked).await.map_err(|error| why(&error))?;
    Ok(Stream(stream.unchecked_into()))
}

/// The reason for an error of `getUserMedia`, from the error's name (Media Capture and Streams section 10.2).
fn why(error: &JsValue) -> Closed {
    let name = error
        .dyn_ref::<DomException>()
        .map(DomException::name)
        .unwrap_or_default();
    match name.as_str() {
        "NotFoundError" | "OverconstrainedError" => Closed::Missing,
        "NotReadableError" | "AbortError" => Closed::InUse,
        "TypeError" | "NotSupportedError" => Closed::Unsupported,
        _ => Closed::Denied,
    }
}
