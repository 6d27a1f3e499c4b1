//! Lets elements slide to their new places after the order of a list has changed. The style sheet says how long a slide takes, with a
//! transition of `translate`; under reduced motion it has no transition, so the elements are in their new places at once.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Elements, each with the place where it was.
pub struct OldPlaces(Vec<OldPlace>);

struct OldPlace {
    element: HtmlElement,
    /// Where the element was seen, in CSS pixels of the window.
    x: f64,
    y: f64,
    /// Where the page has laid it out. A slide that has not ended does not change this.
    layout: (i32, i32),
}

impl OldPlaces {
    /// Notes where the elements that match `selector` are. Call this before the order changes. Marks the elements with
    /// `data-settled`: a browser plays an animation again when an element moves in the document, so the animation of new elements
    /// must not apply to them. Notes nothing while nobody sees the page.
    pub fn note(selector: &str) -> Self {
        let document = web_sys::window().and_then(|window| window.document());
        let found = document
            .filter(|document| !document.hidden())
            .and_then(|document| document.query_selector_all(selector).ok());
        let Some(found) = found else { return Self(vec![]) };
        let elements = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into::<HtmlElement>().ok());
        let elements: Vec<HtmlElement> = elements.collect();
        for element in &elements {
            let _ = element.set_attribute("data-settled", "");
        }
        Self(elements.into_iter().map(OldPlace::of).collect())
    }

    /// Lets each element that is still on the page slide from its old place to its new one. Call this after the order has changed and
    /// before the browser draws the page. It changes only the elements that have moved, because each change costs a new style. Reads and
    /// writes are apart, so that the browser lays the page out only twice.
    pub fn slide(self) {
        let moved: Vec<OldPlace> = self.0.into_iter().filter(OldPlace::has_moved).collect();
        // An element may still be sliding from an earlier change. Its new place is where it would be without that slide.
        moved.iter().for_each(|old| put(&old.element, "none"));
        let shifts: Vec<(f64, f64)> = moved
            .iter()
            .map(|old| {
                let rect = old.element.get_bounding_client_rect();
                (old.x - rect.x(), old.y - rect.y())
            })
            .collect();
        for (old, (x, y)) in moved.iter().zip(shifts) {
            put(&old.element, &format!("{x}px {y}px"));
        }
        // Reading a place makes the browser apply the styles, so that the transitions begin at the old places.
        if let Some(old) = moved.first() {
            old.element.get_bounding_client_rect();
        }
        for OldPlace { element, .. } in &moved {
            let _ = element.style().remove_property("translate");
            let _ = element.style().remove_property("transition");
        }
    }
}

impl OldPlace {
    fn of(element: HtmlElement) -> Self {
        let rect = element.get_bounding_client_rect();
        Self {
            layout: layout_of(&element),
            x: rect.x(),
            y: rect.y(),
            element,
        }
    }

    fn has_moved(&self) -> bool {
        self.element.is_connected() && layout_of(&self.element) != self.layout
    }
}

/// The place of an element on the page, in CSS pixels, without its slide.
fn layout_of(element: &HtmlElement) -> (i32, i32) {
    let (left, top) = (element.offset_left(), element.offset_top());
    let around = element.offset_parent().and_then(|around| around.dyn_into().ok());
    let (x, y) = around.map_or((0, 0), |around: HtmlElement| layout_of(&around));
    (x + left, y + top)
}

/// Moves an element by `translate` at once. Our content security policy allows styles that a script sets.
fn put(element: &HtmlElement, translate: &str) {
    let style = element.style();
    let _ = style.set_property("transition", "none");
    let _ = style.set_property("translate", translate);
}
