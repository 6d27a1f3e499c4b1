//! What belongs to this tab: values that stay when the tab loads a page again, and what made the tab load this page.

/// The value in session storage under `key`. Each tab has its own session storage, which ends with the tab.
pub fn recall(key: &str) -> Option<String> {
    session_storage()?.get_item(key).ok()?
}

/// Stores `value` in session storage under `key`. Does nothing if the browser allows no storage.
pub fn remember(key: &str, value: &str) {
    let _ = session_storage().map(|storage| storage.set_item(key, value));
}

/// Removes the value in session storage under `key`.
pub fn forget(key: &str) {
    let _ = session_storage().map(|storage| storage.remove_item(key));
}

/// Whether a link or an address led to this page, and not a reload, Back or Forward. True if the browser does not say.
pub fn is_new_visit() -> bool {
    !matches!(navigation_type().as_deref(), Some("reload" | "back_forward"))
}

fn session_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// `PerformanceNavigationTiming.type` (W3C Navigation Timing Level 2, section 3.3).
fn navigation_type() -> Option<String> {
    let entries = web_sys::window()?.performance()?.get_entries_by_type("navigation");
    js_sys::Reflect::get(&entries.get(0), &"type".into()).ok()?.as_string()
}
