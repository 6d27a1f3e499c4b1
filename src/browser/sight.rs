//! Which elements can be seen: those inside the window that no bar at its top or bottom covers. The focus can be brought into sight.

use super::page::EventListener;
use web_sys::DomRect;

/// What a person can press or fill in.
const CONTROLS: &str = "a, button, input, select, textarea, summary";
/// The space for the ring around the element that has the focus, in CSS pixels.
const GAP: f64 = 8.0;

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

/// Calls `act` whenever the window has changed its size, for example because a phone has opened its keyboard.
pub fn on_resize(act: impl Fn() + 'static) -> EventListener {
    EventListener::on_window("resize", move |_| act())
}

/// If the element that matches `cover` is over the link, button or input that has the focus, scrolls the page or the dialog around it until
/// it is not.
pub fn uncover_focus(cover: &str) {
    let Some(window) = web_sys::window() else { return };
    let focused = window.document().and_then(|document| document.active_element());
    let focused = focused.filter(|focused| {
        focused.matches(CONTROLS).unwrap_or(false) && focused.closest(cover).ok().flatten().is_none()
    });
    let (Some(focused), Some(cover)) = (focused, place(cover)) else {
        return;
    };
    let control = focused.get_bounding_client_rect();
    let is_beside = control.right() <= cover.left() || control.left() >= cover.right();
    if is_beside || control.bottom() <= cover.top() || control.top() >= cover.bottom() {
        return;
    }
    let by = control.bottom() - cover.top() + GAP;
    match focused.closest("dialog").ok().flatten() {
        Some(dialog) => dialog.scroll_by_with_x_and_y(0.0, by),
        None => window.scroll_by_with_x_and_y(0.0, by),
    }
}

fn place(selector: &str) -> Option<DomRect> {
    let found = web_sys::window()?.document()?.query_selector(selector).ok()??;
    Some(found.get_bounding_client_rect())
}
