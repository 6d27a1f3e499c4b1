//! The focus among items that are one Tab stop together: the arrow keys move it from item to item (ARIA Authoring Practices Guide,
//! "Managing Focus Within Components Using a Roving tabindex").

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, KeyboardEvent};

/// Which item gets the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FocusStep {
    First,
    Before,
    Next,
    Last,
}

/// What comes after the last item, and before the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FocusEnds {
    /// Nothing, because Tab leads out of the items.
    Stop,
    /// The item at the other end, as in a menu.
    Wrap,
}

impl FocusStep {
    /// The position of the item that gets the focus, if the item at position `at` of `count` items has it now.
    fn destination(self, at: u32, count: u32, ends: FocusEnds) -> u32 {
        let last = count.saturating_sub(1);
        match (self, ends) {
            (Self::First, _) => 0,
            (Self::Last, _) => last,
            (Self::Before, FocusEnds::Wrap) if at == 0 => last,
            (Self::Before, _) => at.saturating_sub(1),
            (Self::Next, FocusEnds::Wrap) if at >= last => 0,
            (Self::Next, _) => (at + 1).min(last),
        }
    }
}

/// Moves the focus from the item in which `event` happened to another of the items on the page that match `items`.
pub fn step(event: &KeyboardEvent, items: &str, step: FocusStep, ends: FocusEnds) {
    let Some(found) = document().and_then(|document| document.query_selector_all(items).ok()) else {
        return;
    };
    let Some(here) = target(event).and_then(|target| target.closest(items).ok().flatten()) else {
        return;
    };
    let item = |at: u32| found.get(at).and_then(|node| node.dyn_into::<HtmlElement>().ok());
    let is_here = |at: &u32| item(*at).is_some_and(|item| Element::from(item) == here);
    let at = (0..found.length()).find(is_here).unwrap_or(0);
    let _ = item(step.destination(at, found.length(), ends)).map(|item| item.focus());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_an_end_the_focus_stays_or_goes_to_the_other_end() {
        for (step, at, stops_at, wraps_to) in [
            (FocusStep::Next, 0, 1, 1),
            (FocusStep::Next, 2, 2, 0),
            (FocusStep::Before, 2, 1, 1),
            (FocusStep::Before, 0, 0, 2),
            (FocusStep::First, 2, 0, 0),
            (FocusStep::Last, 0, 2, 2),
        ] {
            let to = [FocusEnds::Stop, FocusEnds::Wrap].map(|ends| step.destination(at, 3, ends));
            assert_eq!(to, [stops_at, wraps_to], "{step:?} from {at}");
        }
        assert_eq!(FocusStep::Next.destination(0, 0, FocusEnds::Wrap), 0);
    }
}
