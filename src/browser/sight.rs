//! Which elements can be seen: those inside the window that no bar at its top or bottom covers.

use super::page::EventListener;
use web_sys::DomRect;

/// The part of the window between the bars, in CSS pixels from the top of the window.
pub struct Sight {
    top: f64,
    bottom: f64,
}

impl Sight {
    /// The part of the window between the bars that match `above` and `below`. A bar that is not on the page, or that stands at a side
    /// of the window, covers nothing.
    pub fn between(above: &str, below: &str) -> Option<Self> {
        let window = web_sys::window()?;
        let width = window.inner_width().ok()?.as_f64()?;
        let height = window.inner_height().ok()?.as_f64()?;
        let bar = |selector: &str| place(selector).filter(|bar| bar.width() > width / 2.0);
        Some(Self {
            top: bar(above).map_or(0.0, |bar| bar.bottom().clamp(0.0, height)),
            bottom: bar(below).map_or(height, |bar| bar.top().clamp(0.0, height)),
        })
    }

    /// Whether the middle of the element that matches `selector` is in this part. False if there is no such element.
    pub fn has(&self, selector: &str) -> bool {
        place(selector).is_some_and(|place| {
            let middle = (place.top() + place.bottom()) / 2.0;
            (self.top..self.bottom).contains(&middle)
        })
    }
}

/// Calls `act` whenever elements may have come into sight or gone out of it, because the page was scrolled or the window has changed
/// its size.
pub fn on_change(act: impl Fn() + Clone + 'static) -> [EventListener; 2] {
    let resized = act.clone();
    [
        EventListener::on_window("scroll", move |_| act()),
        EventListener::on_window("resize", move |_| resized()),
    ]
}

fn place(selector: &str) -> Option<DomRect> {
    let found = web_sys::window()?.document()?.query_selector(selector).ok()??;
    Some(found.get_bounding_client_rect())
}
