//! The bars of a page, which stay in sight while the rest of the page is scrolled.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The bars at the top and at the bottom of pages, and the toasts.
const BARS: &str = ".room-head, .controls, .call-bar, .toasts";

/// Whether the element is in a bar and inside the window. Scrolling the page does not move such an element.
pub fn keep_in_sight(element: &Element) -> bool {
    let is_in_bar = element.closest(BARS).ok().flatten().is_some();
    is_in_bar && is_in_window(element)
}

/// Gives the focus to the element. Does not scroll the page if a bar keeps the element in sight. Browsers scroll then too: they take the
/// end of the window for covered (`scroll-padding`), and in a full room the first faces would be out of sight.
pub fn focus(element: &HtmlElement) {
    match keep_in_sight(element) {
        true => focus_in_place(element),
        false => drop(element.focus()),
    }
}

fn is_in_window(element: &Element) -> bool {
    let height = || web_sys::window()?.inner_height().ok()?.as_f64();
    let place = element.get_bounding_client_rect();
    height().is_some_and(|height| place.top() >= 0.0 && place.bottom() <= height)
}

/// Calls `focus({ preventScroll: true })`.
fn focus_in_place(element: &HtmlElement) {
    let options = Object::new();
    let _ = Reflect::set(&options, &"preventScroll".into(), &true.into());
    let focus = Reflect::get(element, &"focus".into()).ok();
    if let Some(focus) = focus.and_then(|focus| focus.dyn_into::<Function>().ok()) {
        let _ = focus.call1(element, &options);
    }
}
