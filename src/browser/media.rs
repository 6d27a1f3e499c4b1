//! What microphone and camera have in common: asking for them, and why a browser says no.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, MediaStream, MediaStreamConstraints, MediaStreamTrack};

/// Why a device stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The person, the browser or its administrator said no.
    Denied,
    /// There is none.
    Missing,
    /// Another program has it.
    InUse,
    /// This browser gives it to no page like this.
    Unsupported,
}

/// A device's stream; dropping it gives the device back to the browser.
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
/// Why it stays closed.
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

/// Media Capture and Streams section 10.2: the errors of `getUserMedia`, by name.
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
