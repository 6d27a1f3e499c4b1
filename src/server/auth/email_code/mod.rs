//! E-mail codes of six digits: how they are made, read from what people type, hashed for the database, and compared.

pub mod check;
pub mod store;

use crate::{
    error::{AppError, Kind},
    model::invisible::without_ignorable,
    server::keyring::{Keyring, Purpose, random, same, sha256_hex},
};
use store::IssuedCode;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// How many codes a browser can try for one address, until [`TRIES_WINDOW_S`] have passed since the last try.
pub const ATTEMPTS_MAX: i64 = 5;
/// How many seconds after the last try a browser has all its tries again.
pub const TRIES_WINDOW_S: i64 = 600;
/// How many of the newest codes of a browser work. Letters are slow and arrive out of order, so it is not enough to accept the newest code.
pub const CODES_MAX: usize = 3;
/// How many seconds a browser must wait before it can request another code.
pub const RESEND_AFTER_S: i64 = 60;

/// A longer text than this, in bytes, is not a code.
const TYPED_MAX_BYTES: usize = 500;

/// Six random digits.
pub fn generate() -> String {
    // 2^32 is not a multiple of a million, so some codes are more likely than others, by less than one in four thousand. Only five
    // tries are allowed, so this difference does not help anyone to guess a code.
    format!("{:06}", u32::from_be_bytes(random()) % 1_000_000)
}

/// The six digits in what a person typed or pasted, in any script, such as "482 913", "482–913", "４８２９１３" or "٤٨٢٩١٣". Spaces,
/// hyphens and characters that draw nothing do not matter, and neither do whole words: people paste the subject of the letter. A
/// letter in one word with a digit is a slip of the finger. `None` if it is not a code.
pub fn parse(typed: &str) -> Option<String> {
    if typed.len() > TYPED_MAX_BYTES {
        return None;
    }
    // Form KC turns wide, raised and circled digits into plain ones.
    let plain: String = without_ignorable(typed).nfkc().collect();
    let words = plain.split(|c: char| !c.is_alphanumeric());
    let numbers = words.filter(|word| word.contains(char::is_numeric));
    let code: String = numbers.flat_map(str::chars).map(decimal).collect::<Option<_>>()?;
    (code.len() == 6).then_some(code)
}

/// The ASCII digit with the value of this decimal digit; `None` if this is not a decimal digit of any script.
fn decimal(c: char) -> Option<char> {
    let is_decimal = |code_point: u32| {
        char::from_u32(code_point).is_some_and(|c| c.general_category() == GeneralCategory::DecimalNumber)
    };
    // The digits of each script are ten code points in a row that begin with zero (Unicode Standard, section 4.6).
    let before = (0..u32::from(c)).rev().take_while(|code_point| is_decimal(*code_point));
    is_decimal(c.into())
        .then(|| char::from_digit(before.count() as u32 % 10, 10))
        .flatten()
}

/// The key of a browser in the database: the hash of the secret in its cookie. Another browser does not have the secret, so a code
/// that is typed there is compared with none of this browser's codes.
pub fn browser_key(browser_secret: &str) -> String {
    sha256_hex(browser_secret.as_bytes())
}

/// The keyed hash of the code, which the database stores instead of the code.
pub fn mac(keyring: &Keyring, row_id: &str, code: &str) -> String {
    sha256_hex(&keyring.mac(Purpose::Code, &[row_id.as_bytes(), code.as_bytes()]))
}

/// Whether `text` is the six ASCII digits of this code.
pub fn has_digits(keyring: &Keyring, code: &IssuedCode, text: &str) -> bool {
    let is_code = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_code && same(code.mac.as_bytes(), mac(keyring, &code.id, text).as_bytes())
}

/// What a typed code turned out to be.
#[derive(Debug, PartialEq, Eq)]
enum Verdict<'a> {
    /// One of the newest codes, which work.
    Right(&'a IssuedCode),
    /// A code of this browser that newer ones have replaced.
    Replaced,
    /// A code of this browser that has expired.
    Expired,
    Wrong,
}

/// The codes that work at the time `now_s`. `codes` are all codes of a browser, and the newest is the first.
fn working(codes: &[IssuedCode], now_s: i64) -> impl Iterator<Item = &IssuedCode> {
    codes.iter().filter(move |code| code.expires_at > now_s).take(CODES_MAX)
}

/// Compares six digits with the codes of a browser. The newest is the first.
fn judge<'a>(keyring: &Keyring, codes: &'a [IssuedCode], typed: &str, now_s: i64) -> Verdict<'a> {
    let matches = |code: &&IssuedCode| has_digits(keyring, code, typed);
    if let Some(right) = working(codes, now_s).find(matches) {
        return Verdict::Right(right);
    }
    match codes.iter().find(matches) {
        Some(code) if code.expires_at > now_s => Verdict::Replaced,
        Some(_) => Verdict::Expired,
        None => Verdict::Wrong,
    }
}

/// Like [`parse`], but the error is a message for the person.
///
/// # Errors
/// `Invalid` if `typed` is not a code of six digits.
pub fn parse_typed(typed: &str) -> Result<String, AppError> {
    parse(typed).ok_or_else(|| AppError::invalid("A code has six digits. Check the e-mail again."))
}

/// The error for a code that has expired, was already used, or was requested in another browser.
pub fn no_longer_works() -> AppError {
    AppError::new(
        Kind::Forbidden,
        "This code no longer works here. Ask for a new one in this browser.",
    )
}

#[cfg(test)]
mod tests;
