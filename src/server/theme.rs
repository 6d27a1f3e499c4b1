//! Whether pages are light or dark. A cookie of the browser says so, so the server can write it into the document before anything is
//! painted, also without scripts.

use super::{
    auth::{
        SetCookies,
        cookie::{self, CookieName},
        identity::Visit,
    },
    state::AppState,
};
use crate::model::theme::Theme;
use http::HeaderMap;

/// 400 days in seconds, the most that browsers allow (RFC 6265bis).
const LIFE_S: i64 = 400 * 86_400;

/// The theme that this browser has chosen.
pub fn find(state: &AppState, headers: &HeaderMap) -> Theme {
    cookie::read(state, headers, CookieName::Theme).map_or_else(Theme::default, |text| Theme::parse(&text))
}

/// The cookie with which the browser remembers the theme. [`Theme::System`] needs none.
pub fn choose(visit: &Visit, theme: Theme) -> SetCookies {
    vec![match theme {
        Theme::System => cookie::clear(&visit.state, CookieName::Theme),
        Theme::Light | Theme::Dark => cookie::write(&visit.state, CookieName::Theme, theme.as_str(), LIFE_S),
    }]
}
