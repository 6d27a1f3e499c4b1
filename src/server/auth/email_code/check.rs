//! Checking a typed code: the try is counted, then the code is compared with the codes of the browser.

use super::{
    ATTEMPTS_MAX, TRIES_WINDOW_S, Verdict, judge, no_longer_works,
    store::{self, IssuedCode, Try},
    working,
};
use crate::{
    error::AppError,
    server::{
        error::Result,
        keyring::{Keyring, Purpose, sha256_hex},
        state::AppState,
    },
};

/// The codes with which a typed code is compared.
pub struct Sent<'a> {
    /// The browser that asked for the codes: its key, or the id of its session.
    pub browser: &'a str,
    /// All unused codes of the browser, the newest first.
    pub codes: Vec<IssuedCode>,
    /// Whether the letter with a code also has a link, which works when all tries are used up.
    pub has_link: bool,
}

/// The code that was typed, if it is one of the newest codes of the browser. `typed` is what [`super::parse`] returns.
///
/// Each try is counted before anything is compared, so simultaneous requests get no extra tries. The tries are counted
/// for a browser and an address, not for a code, so a new letter brings no new tries.
///
/// # Errors
/// `Invalid` for a wrong code, for one that was replaced by three newer ones, and for one that has expired; `Forbidden` if the
/// browser has no code that works, or has no try left.
pub async fn check(state: &AppState, sent: Sent<'_>, typed: &str) -> Result<IssuedCode> {
    let now_s = state.now_s();
    if working(&sent.codes, now_s).next().is_none() {
        return Err(no_longer_works().into());
    }
    let mut tries: Vec<(String, Option<i64>)> = vec![];
    for code in working(&sent.codes, now_s) {
        if tries.iter().all(|(email, _)| *email != code.email) {
            let this_try = Try {
                id: &tries_key(&state.keyring, sent.browser, &code.email),
                now_s,
                window_s: TRIES_WINDOW_S,
                most: ATTEMPTS_MAX,
            };
            let counted = store::count_try(&state.database, &this_try).await?;
            tries.push((code.email.clone(), counted));
        }
    }
    let used = tries.iter().find_map(|(_, tries)| *tries);
    let used = used.ok_or_else(|| no_try_left(sent.has_link))?;
    let may_try = |code: &IssuedCode| {
        tries
            .iter()
            .any(|(email, tries)| *email == code.email && tries.is_some())
    };
    let codes: Vec<IssuedCode> = sent.codes.into_iter().filter(may_try).collect();
    match judge(&state.keyring, &codes, typed, now_s) {
        Verdict::Right(code) => Ok(code.clone()),
        Verdict::Replaced => Err(replaced().into()),
        Verdict::Expired => Err(expired().into()),
        Verdict::Wrong => Err(wrong(used, sent.has_link).into()),
    }
}

/// The key under which the tries of a browser with the codes for one address are counted.
fn tries_key(keyring: &Keyring, browser: &str, email: &str) -> String {
    let parts = ["tries".as_bytes(), browser.as_bytes(), email.as_bytes()];
    sha256_hex(&keyring.mac(Purpose::Code, &parts))
}

fn replaced() -> AppError {
    AppError::invalid("This code is older than the last three that we sent. Use the newest e-mail, or send a new code.")
}

fn expired() -> AppError {
    AppError::invalid("This code has expired: a code works for ten minutes. Use the newest e-mail, or send a new code.")
}

/// The error for a wrong code. `tries` is the number of tries so far.
fn wrong(tries: i64, has_link: bool) -> AppError {
    AppError::invalid(match ATTEMPTS_MAX - tries {
        0 => format!(
            "That is not the code, and it was your last try. {}",
            what_is_left(has_link)
        ),
        1 => "That is not the code. Check the newest e-mail; you have one try left.".to_owned(),
        left => format!("That is not the code. Check the newest e-mail; you have {left} tries left."),
    })
}

/// The error for a browser that has tried a code five times.
fn no_try_left(has_link: bool) -> AppError {
    AppError::forbidden(format!("You have tried a code five times. {}", what_is_left(has_link)))
}

fn what_is_left(has_link: bool) -> &'static str {
    match has_link {
        true => "Open the link in the e-mail, or wait ten minutes and ask for a new code.",
        false => "Wait ten minutes, then ask for a new code.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_how_many_tries_are_left_or_what_else_to_do() {
        assert!(wrong(1, true).detail.contains("4 tries left"));
        assert!(wrong(4, true).detail.contains("one try left"));
        let last = wrong(ATTEMPTS_MAX, true).detail;
        assert!(last.contains("last try") && last.contains("link"), "{last}");
        assert!(!no_try_left(false).detail.contains("link"));
    }
}
