//! Tells the page that the network of the device has changed, as far as the browser knows.

use super::page::EventListener;
use wasm_bindgen::{JsCast, closure::Closure};

/// Calls `act` when the device goes from one kind of network to another, for example from Wi-Fi to mobile (Network Information API).
/// `None` if the browser does not report this. Desktop browsers report only estimates of the speed, which do not matter here.
pub fn on_network_type(act: impl Fn() + 'static) -> Option<NetworkListener> {
    let navigator = web_sys::window()?.navigator();
    let connection = js_sys::Reflect::get(&navigator, &"connection".into()).ok()?;
    let target: web_sys::EventTarget = connection.dyn_into().ok()?;
    let kind = |target: &web_sys::EventTarget| js_sys::Reflect::get(target, &"type".into()).ok()?.as_string();
    let (watched, before) = (target.clone(), std::cell::RefCell::new(kind(&target)));
    let closure = Closure::<dyn Fn()>::new(move || {
        let now = kind(&watched);
        if before.replace(now.clone()) != now {
            act();
        }
    });
    let _ = target.add_event_listener_with_callback("change", closure.as_ref().unchecked_ref());
    Some(NetworkListener { target, closure })
}

/// A listener on the kind of network; dropping it removes the listener.
pub struct NetworkListener {
    target: web_sys::EventTarget,
    closure: Closure<dyn Fn()>,
}

impl Drop for NetworkListener {
    fn drop(&mut self) {
        let listener = self.closure.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback("change", listener);
    }
}

/// Calls `act` when the device is connected to a network again.
pub fn on_online(act: impl Fn() + 'static) -> EventListener {
    EventListener::on_window("online", move |_| act())
}
