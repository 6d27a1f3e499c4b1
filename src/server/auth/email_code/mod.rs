//! E-mail codes of six digits: how they are made, read from what people type, and hashed for the database.

pub mod store;

use crate::{
    error::{AppError, Kind},
    server::keyring::{Keyring, Purpose, random, sha256_hex},
};

/// How many times a code can be tried.
pub const ATTEMPTS_MAX: i64 = 5;
/// How many seconds a browser must wait before it can request another code.
pub const RESEND_AFTER_S: i64 = 60;

/// Six random digits.
pub fn generate() -> String {
    // 2^32 is not a multiple of a million, so some codes are more likely than others, by less than one in four thousand. Only five
    // tries are allowed, so this difference does not help anyone to guess a code.
    format!("{:06}", u32::from_be_bytes(random()) % 1_000_000)
}

/// The six digits in what a person typed or pasted, such as "482 913" or "482-913"; `None` if the text is not a
/// code.
pub fn parse(typed: &str) -> Option<String> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())).then_some(code)
}

/// The key of a code's row in the database: the hash of the secret in the cookie of the browser that requested the code. Another
/// browser does not have the secret, so a code that is typed there does not match any row.
pub fn row_id(browser_secret: &str) -> String {
    sha256_hex(browser_secret.as_bytes())
}

/// The keyed hash of the code, which the database stores instead of the code.
pub fn mac(keyring: &Keyring, row_id: &str, code: &str) -> String {
    sha256_hex(&keyring.mac(Purpose::Code, &[row_id.as_bytes(), code.as_bytes()]))
}

/// Like [`parse`], but the error is a message for the person.
///
/// # Errors
/// `Invalid` if `typed` is not a code of six digits.
pub fn parse_typed(typed: &str) -> Result<String, AppError> {
    parse(typed).ok_or_else(|| AppError::invalid("A code has six digits. Check the e-mail again."))
}

/// The error for a wrong code. `attempts` is the number of tries so far.
pub fn wrong(attempts: i64) -> AppError {
    AppError::invalid(match ATTEMPTS_MAX - attempts {
        0 => "That is not the code, and it was your last try. Ask for a new code.".to_owned(),
        1 => "That is not the code. Check the e-mail again; you have one try left.".to_owned(),
        left => format!("That is not the code. Check the e-mail again; you have {left} tries left."),
    })
}

/// The error for a code that has expired, was already used, or was requested in another browser.
pub fn no_longer_works() -> AppError {
    AppError::new(
        Kind::Forbidden,
        "This code no longer works here. Ask for a new one in this browser.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_however_it_was_pasted() {
        for typed in ["482913", " 482 913 ", "482-913", "482\u{a0}913"] {
            assert_eq!(parse(typed).as_deref(), Some("482913"), "{typed:?}");
        }
        for typed in ["", "48291", "4829133", "48291a", "４８２９１３"] {
            assert_eq!(parse(typed), None, "{typed:?}");
        }
        assert!(parse(&generate()).is_some());
    }
}
