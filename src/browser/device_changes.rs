//! Changes of devices and of the permission to use the microphone, which the person makes outside the page.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDevices, PermissionState, PermissionStatus};

/// The event of a device that was plugged in or unplugged (Media Capture and Streams section 9.2).
const DEVICE_CHANGE: &str = "devicechange";

/// What has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceChange {
    /// A device was plugged in or unplugged.
    Devices,
    /// The person has forbidden the microphone.
    Forbidden,
}

/// Reports changes until it is dropped.
pub struct DeviceWatch {
    devices: Option<MediaDevices>,
    permission: Option<PermissionStatus>,
    on_devices: Closure<dyn Fn()>,
    _on_permission: Closure<dyn Fn()>,
}

impl DeviceWatch {
    /// Begins to watch. Some browsers don't tell the permission for a microphone (Permissions section 6.1); then only changes of devices
    /// are reported.
    pub async fn begin(report: impl Fn(DeviceChange) + Clone + 'static) -> Self {
        let navigator = web_sys::window().map(|window| window.navigator());
        let devices = navigator.and_then(|navigator| navigator.media_devices().ok());
        let devices = devices.filter(|devices| !devices.is_undefined());
        let permission = find_permission().await;
        let tell = report.clone();
        let on_devices = Closure::<dyn Fn()>::new(move || tell(DeviceChange::Devices));
        if let Some(devices) = &devices {
            // Not `ondevicechange`: calls in two rooms can watch at the same time.
            let _ = devices.add_event_listener_with_callback(DEVICE_CHANGE, on_devices.as_ref().unchecked_ref());
        }
        let watched = permission.clone();
        let on_permission = Closure::<dyn Fn()>::new(move || {
            let is_denied = |permission: &PermissionStatus| permission.state() == PermissionState::Denied;
            if watched.as_ref().is_some_and(is_denied) {
                report(DeviceChange::Forbidden);
            }
        });
        if let Some(permission) = &permission {
            permission.set_onchange(Some(on_permission.as_ref().unchecked_ref()));
        }
        Self {
            devices,
            permission,
            on_devices,
            _on_permission: on_permission,
        }
    }
}

impl Drop for DeviceWatch {
    fn drop(&mut self) {
        if let Some(devices) = &self.devices {
            let listener = self.on_devices.as_ref().unchecked_ref();
            let _ = devices.remove_event_listener_with_callback(DEVICE_CHANGE, listener);
        }
        if let Some(permission) = &self.permission {
            permission.set_onchange(None);
        }
    }
}

async fn find_permission() -> Option<PermissionStatus> {
    let permissions = web_sys::window()?.navigator().permissions().ok()?;
    if permissions.is_undefined() {
        return None;
    }
    let microphone = js_sys::Object::new();
    js_sys::Reflect::set(&microphone, &"name".into(), &JsValue::from_str("microphone")).ok()?;
    let status = JsFuture::from(permissions.query(&microphone).ok()?).await.ok()?;
    Some(status.unchecked_into())
}
