//! Extracts from an answer the id, text or token that a later request sends.

use serde_json::Value;

/// The `id` of an answer.
#[track_caller]
pub fn id_of(value: &Value) -> String {
    text(&value["id"])
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text, not {value}")).to_owned()
}

/// The token of a link, from its query or the end of its path.
pub fn token_of(link: &str) -> String {
    let token = link.split_once("token=").map_or(link, |(_, token)| token);
    let token = token.split('&').next().unwrap_or(token);
    token.rsplit('/').next().unwrap_or(token).to_owned()
}
