//! Lets elements slide to their new places after the order of a list has changed. The style sheet says how long a slide takes, with a
//! transition of `translate`; under reduced motion it has no transition, so the elements are in their new places at once.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Elements, each with the place where it was, in CSS pixels of the window.
pub struct OldPlaces(Vec<(HtmlElement, f64, f64)>);

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
        let noted = elements.map(|element| {
            let _ = element.set_attribute("data-settled", "");
            let rect = element.get_bounding_client_rect();
            (element, rect.x(), rect.y())
        });
        Self(noted.collect())
    }

    /// Lets each element that is still on the page slide from its old place to its new one. Call this after the order has changed and
    /// before the browser draws the page. Reads and writes are apart, so that the browser lays the page out only twice.
    pub fn slide(self) {
        let here: Vec<_> = self
            .0
            .into_iter()
            .filter(|(element, ..)| element.is_connected())
            .collect();
        // An element may still be sliding from an earlier change. Its new place is where it would be without that slide.
        here.iter().for_each(|(element, ..)| put(element, "none"));
        let shifts: Vec<(f64, f64)> = here
            .iter()
            .map(|(element, x, y)| {
                let rect = element.get_bounding_client_rect();
                (x - rect.x(), y - rect.y())
            })
            .collect();
        for ((element, ..), (x, y)) in here.iter().zip(shifts) {
            put(element, &format!("{x}px {y}px"));
        }
        // Reading a place makes the browser apply the styles, so that the transitions begin at the old places.
        if let Some((element, ..)) = here.first() {
            element.get_bounding_client_rect();
        }
        for (element, ..) in &here {
            let _ = element.style().remove_property("translate");
            let _ = element.style().remove_property("transition");
        }
    }
}

/// Moves an element by `translate` at once. Our content security policy allows styles that a script sets.
fn put(element: &HtmlElement, translate: &str) {
    let style = element.style();
    let _ = style.set_property("transition", "none");
    let _ = style.set_property("translate", translate);
}
