//! The page itself: its address, focus, clipboard, storage, and events of the window.

use wasm_bindgen::{JsCast, closure::Closure};

/// The element that contains the whole app. Everything else in the document may belong to others.
pub fn app_container() -> Option<web_sys::HtmlElement> {
    element_with_id("app")
}

/// Marks the body as hydrated, which means that the page now reacts to clicks. Tests wait for this mark before they
/// click. `how` is empty if the app runs on the elements that the server rendered, and `mounted` if it made them again.
pub fn mark_hydrated(how: &str) {
    let body = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.body());
    if let Some(body) = body {
        let _ = body.set_attribute("data-hydrated", how);
    }
}

/// Sets the attribute `data-theme` of the document, which decides whether the page is light or dark. `None` removes it.
pub fn set_theme(theme: Option<&str>) {
    mark_document("data-theme", theme);
}

/// Sets the attribute `name` of the document's root element, for the style sheet. `None` removes it.
pub fn mark_document(name: &str, value: Option<&str>) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(root) = document.and_then(|document| document.document_element()) {
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Loads the page at `address` from the server. The app's router is not used.
pub fn go(address: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.location().set_href(address);
    }
}

/// The address of this page.
pub fn address() -> Option<String> {
    web_sys::window()?.location().href().ok()
}

/// The origin of this page, such as `https://snug.example.org`.
pub fn origin() -> Option<String> {
    web_sys::window()?.location().origin().ok()
}

/// Copies text to the clipboard; false if the browser refuses.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let clipboard = window.navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text))
        .await
        .is_ok()
}

/// Whether the browser has a share sheet (Web Share API).
pub fn can_share() -> bool {
    let navigator = web_sys::window().map(|window| window.navigator());
    navigator.is_some_and(|navigator| js_sys::Reflect::has(&navigator, &"share".into()).unwrap_or(false))
}

/// Opens the browser's share sheet for a link, and returns when the sheet is closed. Whether the person has shared the
/// link is not reported, because no page needs to know it.
pub async fn share(title: &str, address: &str) {
    let Some(window) = web_sys::window() else { return };
    let data = web_sys::ShareData::new();
    data.set_title(title);
    data.set_url(address);
    let _ = wasm_bindgen_futures::JsFuture::from(window.navigator().share_with_data(&data)).await;
}

/// The value in local storage under `key`. Local storage keeps values after the page is closed.
pub fn recall(key: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Stores `value` in local storage under `key`. Does nothing if the browser allows no storage.
pub fn remember(key: &str, value: &str) {
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    let _ = storage.map(|storage| storage.set_item(key, value));
}

/// Checks the radio button with this name and value. Does nothing if the person has already chosen another button than the one that
/// the server had checked, which can happen before the program has loaded.
pub fn preselect_radio(name: &str, value: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let radio = |condition: &str| {
        let found = document
            .as_ref()?
            .query_selector(&format!("input[name={name}]{condition}"));
        found.ok()??.dyn_into::<web_sys::HtmlInputElement>().ok()
    };
    let is_untouched = radio(":checked").is_some_and(|checked| checked.default_checked());
    if let Some(radio) = radio(&format!("[value={value}]")).filter(|_| is_untouched) {
        radio.set_checked(true);
    }
}

/// Calls `act` when the page is unloaded or goes into the back-forward cache.
pub fn on_hide(act: impl Fn() + 'static) -> EventListener {
    EventListener::on_window("pagehide", move |_| act())
}

/// Calls `act` when the page comes back out of the back-forward cache, and when the network comes back.
pub fn on_return(act: impl Fn() + Clone + 'static) -> [EventListener; 2] {
    let online = act.clone();
    [
        EventListener::on_window("pageshow", move |_| act()),
        EventListener::on_window("online", move |_| online()),
    ]
}

/// Calls `act` with `true` whenever the page is hidden (by another tab, another program or a locked phone), and with
/// `false` whenever the page is shown again.
pub fn on_visibility(act: impl Fn(bool) + 'static) -> EventListener {
    EventListener::on_window("visibilitychange", move |_| {
        let document = web_sys::window().and_then(|window| window.document());
        act(document.is_some_and(|document| document.hidden()));
    })
}

/// Whether the page is hidden now, as [`on_visibility`] says it.
pub fn is_hidden() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.hidden())
}

/// A listener on the window; dropping it removes the listener.
pub struct EventListener {
    event: &'static str,
    captures: bool,
    closure: Closure<dyn Fn(web_sys::Event)>,
}

impl EventListener {
    pub(super) fn on_window(event: &'static str, act: impl Fn(web_sys::Event) + 'static) -> Self {
        Self::new(event, false, act)
    }

    /// A listener that also gets events of elements that do not bubble.
    fn capturing(event: &'static str, act: impl Fn(web_sys::Event) + 'static) -> Self {
        Self::new(event, true, act)
    }

    fn new(event: &'static str, captures: bool, act: impl Fn(web_sys::Event) + 'static) -> Self {
        let closure = Closure::<dyn Fn(web_sys::Event)>::new(act);
        if let Some(window) = web_sys::window() {
            let listener = closure.as_ref().unchecked_ref();
            let _ = window.add_event_listener_with_callback_and_bool(event, listener, captures);
        }
        Self {
            event,
            captures,
            closure,
        }
    }
}

impl Drop for EventListener {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            let listener = self.closure.as_ref().unchecked_ref();
            let _ = window.remove_event_listener_with_callback_and_bool(self.event, listener, self.captures);
        }
    }
}

/// Whether an element on the page matches `selector`.
pub fn has(selector: &str) -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.query_selector(selector).ok().flatten().is_some())
}

/// Moves the focus to the first element that matches `selector`.
pub fn focus(selector: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let found = document.and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// If no element has the focus, for example because the focused element was removed from the page, moves the focus to
/// the first element that matches `selector`.
pub fn rescue_focus(selector: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let Some(document) = document else { return };
    let body = document.body().map(web_sys::Element::from);
    let focused = document.active_element();
    if focused.is_none() || focused == body {
        focus(selector);
    }
}

/// If the element that has the focus was just hidden, because it is in the element `hidden`, or if no element has the focus, moves the
/// focus to the first element that matches `selector`. Browsers take the focus from a hidden element only later.
pub fn rescue_focus_from(hidden: &str, selector: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let focused = document.and_then(|document| document.active_element());
    match focused.and_then(|focused| focused.closest(hidden).ok().flatten()) {
        Some(_) => focus(selector),
        None => rescue_focus(selector),
    }
}

fn element_with_id(id: &str) -> Option<web_sys::HtmlElement> {
    let document = web_sys::window()?.document()?;
    document.get_element_by_id(id)?.dyn_into().ok()
}

/// Opens the popover with this id.
pub fn open_popover(id: &str) {
    if let Some(popover) = element_with_id(id) {
        let _ = popover.show_popover();
    }
}

/// Shows the popover with this id above all others, even if it is open already. Its attribute `popover` must be "manual", because opening
/// another kind of popover closes the others.
pub fn raise_popover(id: &str) {
    if let Some(popover) = element_with_id(id) {
        // A popover that is open keeps its place among the others, so close it first.
        let _ = popover.hide_popover();
        let _ = popover.show_popover();
    }
}

/// Calls `act` with the id of each popover that has opened or closed.
pub fn on_popover(act: impl Fn(String) + 'static) -> EventListener {
    // The event "toggle" does not bubble, so only a capturing listener gets it.
    EventListener::capturing("toggle", move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(popover) = target {
            act(popover.id());
        }
    })
}

/// Whether the main pointer of this device can rest on an element without a press, as a mouse can and a finger can't (media query `hover`).
pub fn can_hover() -> bool {
    let ask = || {
        let window = web_sys::window()?;
        let match_media = js_sys::Reflect::get(&window, &"matchMedia".into()).ok()?;
        let match_media = match_media.dyn_into::<js_sys::Function>().ok()?;
        let answer = match_media
            .call1(&window, &wasm_bindgen::JsValue::from("(hover: hover)"))
            .ok()?;
        js_sys::Reflect::get(&answer, &"matches".into()).ok()?.as_bool()
    };
    ask().unwrap_or(false)
}

/// Scrolls to the element that the address of this page names after the `#`.
pub fn scroll_to_fragment() {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    let named = hash.as_deref().and_then(|hash| hash.strip_prefix('#'));
    if let Some(element) = named.and_then(element_with_id) {
        element.scroll_into_view();
    }
}

/// The path of this page.
pub fn path() -> Option<String> {
    web_sys::window()?.location().pathname().ok()
}

/// A unix time as the local time of day, such as `14:05`.
pub fn time_of_day(unix_s: i64) -> String {
    let date = js_sys::Date::new(&((unix_s as f64) * 1_000.0).into());
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// Milliseconds since the page was opened, on a monotonic clock (`performance.now()`).
pub fn now_ms() -> f64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |performance| performance.now())
}

/// The id of this load of the page: 22 characters of the alphabet of base64url (RFC 4648 section 5), chosen at random. It stays the same
/// until the page is loaded again. It is no secret.
pub fn load_id() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    thread_local! {
        static LOAD_ID: String = (0..22).map(|_| char::from(ALPHABET[random_below(64) as usize])).collect();
    }
    LOAD_ID.with(String::clone)
}

/// A random number below `limit`.
pub fn random_below(limit: u32) -> u32 {
    (js_sys::Math::random() * f64::from(limit)) as u32
}
