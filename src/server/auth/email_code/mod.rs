//! E-mail codes, pure: six digits, how they are typed and kept.

pub mod store;

use crate::{
    error::{AppError, Kind},
    server::keyring::{Keyring, Purpose, random, sha256_hex},
};

/// How often a code may be tried.
pub const ATTEMPTS_MAX: i64 = 5;
/// Seconds between two letters to one browser.
pub const RESEND_AFTER_S: i64 = 60;

/// Six random digits.
pub fn generate() -> String {
    // 2^32 is not a multiple of a million: the bias is below one in four thousand and helps nobody with five tries.
    format!("{:06}", u32::from_be_bytes(random()) % 1_000_000)
}

/// The six digits in what was typed or pasted ("482 913", "482-913"); `None` where there are not six.
pub fn parse(typed: &str) -> Option<String> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())).then_some(code)
}

/// The row's key: the hash of the secret in the cookie of the browser that asked.
pub fn row_id(browser_secret: &str) -> String {
    sha256_hex(browser_secret.as_bytes())
}

/// What the database keeps of the code.
pub fn mac(keyring: &Keyring, row_id: &str, code: &str) -> String {
    sha256_hex(&keyring.mac(Purpose::Code, &[row_id.as_bytes(), code.as_bytes()]))
}

/// The same, or the sentence.
///
/// # Errors
/// `Invalid` where there are not six digits.
pub fn parse_typed(typed: &str) -> Result<String, AppError> {
    parse(typed).ok_or_else(|| AppError::invalid("A code is six digits. Look at the letter again."))
}

/// What a wrong code is answered with, after so many tries.
pub fn wrong(attempts: i64) -> AppError {
    AppError::invalid(match ATTEMPTS_MAX - attempts {
        0 => "That is not the code, and it was the last try. Ask for a new one.".to_owned(),
        1 => "That is not the code. Look at the letter again; one try is left.".to_owned(),
        left => format!("That is not the code. Look at the letter again; {left} tries are left."),
    })
}

/// A code that is over, used up, or another browser's.
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
