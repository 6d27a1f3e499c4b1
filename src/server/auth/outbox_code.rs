//! The digits of a code that this browser has asked for, read from the outbox. The page that asks for the code shows them, so that
//! an owner who tries Snug out does not have to look for the letter.

use super::{email_code, email_code::store::IssuedCode};
use crate::server::state::AppState;

/// The digits of the newest of `codes` that has not expired at `now_s`. `codes` are the unused codes of one browser, the newest
/// first. `None` if the letter with the code is not in the outbox. Call this only for a person who may read the outbox.
///
/// The outbox has the letters to everybody. A code is taken only from the letter whose digits belong to the code of this browser.
pub async fn find_digits(state: &AppState, codes: &[IssuedCode], now_s: i64) -> Option<String> {
    let newest = codes.iter().find(|code| code.expires_at > now_s)?;
    let letters = state.mail.list_outbox().await;
    letters
        .iter()
        .flat_map(|letter| letter.text.lines().map(str::trim))
        .find(|line| email_code::has_digits(&state.keyring, newest, line))
        .map(str::to_owned)
}
