//! The focus among items that are one Tab stop together: the arrow keys move it from item to item (ARIA Authoring Practices Guide,
//! "Managing Focus Within Components Using a Roving tabindex").

use super::page::FocusStep;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, KeyboardEvent};

/// Moves the focus from the item in which `event` happened to another of the items on the page that match `items`. After the last
/// item comes nothing, because Tab leads out of the items.
pub fn step(event: &KeyboardEvent, items: &str, step: FocusStep) {
    let Some(found) = document().and_then(|document| document.query_selector_all(items).ok()) else {
        return;
    };
    let Some(here) = target(event).and_then(|target| target.closest(items).ok().flatten()) else {
        return;
    };
    let item = |at: u32| found.get(at).and_then(|node| node.dyn_into::<HtmlElement>().ok());
    let last = found.length().saturating_sub(1);
    let is_here = |at: &u32| item(*at).is_some_and(|item| Element::from(item) == here);
    let at = (0..=last).find(is_here).unwrap_or(0);
    let next = match step {
        FocusStep::First => 0,
        FocusStep::Before => at.saturating_sub(1),
        FocusStep::Next => (at + 1).min(last),
        FocusStep::Last => last,
    };
    let _ = item(next).map(|item| item.focus());
}

/// Whether the text around the element in which `event` happened runs from right to left. The next item is then on the left.
pub fn is_right_to_left(event: &KeyboardEvent) -> bool {
    target(event).is_some_and(|target| target.matches(":dir(rtl)").unwrap_or(false))
}

/// The value of `attribute` on the element that has the focus, or on the nearest element around it that has this attribute.
pub fn attribute_at_focus(attribute: &str) -> Option<String> {
    let focused = document()?.active_element()?;
    let owner = focused.closest(&format!("[{attribute}]")).ok()??;
    owner.get_attribute(attribute)
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn target(event: &KeyboardEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}
