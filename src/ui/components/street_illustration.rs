//! The street on the home page. One window is lit for each active room of the kind Open. Windows of rooms whose topic the person may
//! see lead into these rooms.

use crate::model::{one_line::shortened, room::RoomTopic};
use leptos::prelude::*;

/// Heights of the houses, in the drawing's units.
const HEIGHTS: [i32; 8] = [120, 150, 105, 140, 165, 118, 148, 128];
/// The places of a house's three windows, in the drawing's units from the upper left corner of the house.
const WINDOWS: [(i32, i32); 3] = [(20, 16), (52, 16), (20, 60)];
/// The order in which the street's 24 windows are lit. The first eight are in different houses, so that the lit windows are
/// spread out.
const LIT_ORDER: [usize; 24] = [
    4, 13, 19, 7, 1, 22, 10, 16, 3, 12, 21, 0, 15, 6, 9, 18, 5, 23, 2, 14, 8, 17, 11, 20,
];
/// The topic above the street has at most this many characters, so that it fits into the width of the drawing.
const TOPIC_CHARACTERS: usize = 40;

/// Eight houses, in which `active` windows are lit. If `active` is more than 24, all 24 windows are lit. The first windows lead into
/// the rooms `open`. On a narrow screen, where a window is smaller than a finger, the rooms are in a list below the houses instead.
#[component]
pub fn Street(active: usize, open: Vec<RoomTopic>) -> impl IntoView {
    let is_lit = |window: usize| LIT_ORDER.iter().take(active.max(open.len())).any(|one| *one == window);
    let houses = HEIGHTS.iter().enumerate();
    let houses = houses.map(|(place, height)| house(left_of(place), *height, |window| is_lit(3 * place + window)));
    let drawing = houses.collect::<String>() + "<path class='ground' d='M0 210h800'/>";
    if open.is_empty() {
        return view! { <svg class="street" viewBox="0 0 800 212" aria-hidden="true" inner_html=drawing></svg> }
            .into_any();
    }
    let windows = LIT_ORDER.into_iter().zip(open.clone());
    view! {
        <svg class="street" viewBox="0 0 800 212" role="group" aria-label="Live rooms">
            <g aria-hidden="true" inner_html=drawing></g>
            {windows.map(|(window, room)| view! { <WindowLink window room/> }).collect_view()}
        </svg>
        <ul class="street-rooms" role="list" aria-label="Live rooms">
            {open
                .into_iter()
                .map(|room| {
                    let path = room.path();
                    view! {
                        <li>
                            <a class="btn" data-kind="quiet" data-small="" href=path rel="external" dir="auto">{room.topic}</a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}

/// The link over a lit window. While the pointer or the focus is on it, the topic is shown above the street.
#[component]
fn WindowLink(window: usize, room: RoomTopic) -> impl IntoView {
    let (place, (dx, dy)) = (window / 3, WINDOWS[window % 3]);
    let (x, y) = (left_of(place) + dx, 210 - HEIGHTS[place] + dy);
    let (path, short, topic) = (room.path(), shortened(&room.topic, TOPIC_CHARACTERS), room.topic);
    view! {
        <a class="window-link" href=path aria-label=topic>
            <rect x=x - 6 y=y - 4 width="32" height="36" rx="8"></rect>
            <text x="400" y="20" text-anchor="middle" aria-hidden="true" dir="auto">{short}</text>
        </a>
    }
}

/// Where the house begins, in the drawing's units from the left.
fn left_of(place: usize) -> i32 {
    4 + 100 * place as i32
}

/// One dark house, for pages that have nothing to show.
#[component]
pub fn DarkHouse() -> impl IntoView {
    let drawing = house(4, 120, |_| false) + "<path class='ground' d='M0 210h100'/>";
    view! { <svg class="street" data-small="" viewBox="0 60 100 152" aria-hidden="true" inner_html=drawing></svg> }
}

/// A house as SVG, `height` high, whose left edge is at `x`. Its windows have the numbers 0 to 2. It is text because nothing in it
/// ever changes: as views, the 40 shapes of the street were a tenth of the work for the home page.
fn house(x: i32, height: i32, is_lit: impl Fn(usize) -> bool) -> String {
    let roof = 210 - height;
    let walls = format!(
        "<path class='house' d='M{} 209V{roof}l40-26 40 26v{}z'/>",
        x + 6,
        height - 1
    );
    let windows = WINDOWS.into_iter().enumerate().map(|(window, (dx, dy))| {
        let lit = if is_lit(window) { " data-lit" } else { "" };
        format!(
            "<rect class='window'{lit} x='{}' y='{}' width='20' height='28' rx='4'/>",
            x + dx,
            roof + dy
        )
    });
    walls + &windows.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_contains_every_window_once() {
        let mut order = LIT_ORDER;
        order.sort_unstable();
        assert!(order.into_iter().eq(0..24));
    }
}
