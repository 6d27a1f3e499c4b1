//! Reads an e-mail address as people type and paste it: with invisible characters, in angle brackets, as a link, or with a domain in
//! letters of any script.

use crate::model::{invisible, one_line::is_blank, percent_encoding, user::EmailAddress};
use unicode_normalization::UnicodeNormalization;

const EXAMPLE: &str = "It should look like ada@example.org.";
/// A longer text than this, in bytes, is not an address. It has room for a long name before the address.
const TYPED_MAX_BYTES: usize = 2_048;
const QUOTES: [char; 13] = ['"', '“', '”', '„', '‘', '’', '‚', '«', '»', '‹', '›', '「', '」'];
/// Quotation marks that an address can begin with. So one at the beginning is dropped only together with one at the end.
const PAIRED_QUOTES: [char; 2] = ['\'', '`'];

/// The address in `typed`. It may be alone, after `mailto:`, or in angle brackets after a name. Characters that draw nothing do not
/// matter. A domain in other letters than ASCII becomes its ASCII form (`exämple.org`: `xn--exmple-cua.org`, RFC 5891).
///
/// # Errors
/// The sentence for the screen. It names what is wrong with the text.
pub fn parse(typed: &str) -> Result<EmailAddress, String> {
    let not_one = |what: &str| Err(format!("That does not look like an e-mail address: {what} {EXAMPLE}"));
    if typed.len() > TYPED_MAX_BYTES {
        return not_one("it is too long.");
    }
    let plain: String = invisible::without_ignorable(typed).nfkc().collect();
    let plain = plain.trim_matches(is_unseen);
    if plain.contains(['\r', '\n']) {
        return not_one("it has more than one line.");
    }
    let Some(address) = without_wrapping(plain) else {
        return not_one("the link or the angle brackets are not complete.");
    };
    if address.is_empty() {
        return Err("Please write your e-mail address.".into());
    }
    if let Some(trouble) = trouble_of_shape(&address) {
        return not_one(trouble);
    }
    let (local, domain) = address.split_once('@').unwrap_or((address.as_str(), ""));
    if let Some(trouble) = trouble_of_local_part(local) {
        return not_one(&trouble);
    }
    match ascii_domain(domain).map(|domain| EmailAddress::parse(&format!("{local}@{domain}"))) {
        Some(Ok(address)) => Ok(address),
        Some(Err(_)) | None => not_one(trouble_of_domain(domain)),
    }
}

/// The address without what people copy with it: `mailto:` and its subject, a name before angle brackets or a note after them,
/// quotation marks, and a comma, semicolon or full stop of any script at the end. `None` if the text is malformed.
fn without_wrapping(text: &str) -> Option<String> {
    let text = text.trim_end_matches([',', ';', '.', '。', '、']).trim();
    let inner = match text.split_once('<') {
        Some((_, rest)) => in_brackets(rest)?,
        None => text,
    };
    let inner = without_quotes(inner);
    let scheme = inner.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:"));
    let Some(scheme) = scheme else {
        return Some(inner.to_owned());
    };
    let link = inner.get(scheme.len()..)?.trim_start_matches('/');
    let address = percent_encoding::decode(link.split(['?', '#']).next()?)?;
    // Decoding can bring back characters of the kinds that were dropped from the text before. So we drop them again.
    let address: String = invisible::without_ignorable(&address).nfkc().collect();
    Some(without_quotes(&address).to_owned())
}

/// The text in the angle brackets with the address. `rest` is what follows the first bracket. A name before the address can have a bracket,
/// too. `None` if the brackets are not complete. If there is a second address, all of `rest` is returned, and the caller says so.
fn in_brackets(rest: &str) -> Option<&str> {
    let mut with_address = rest.split('<').filter(|part| part.contains('@'));
    let first = with_address.next().unwrap_or(rest);
    if with_address.next().is_some() {
        return Some(rest);
    }
    let (inner, note) = first.split_once('>')?;
    Some(if note.contains('@') { rest } else { inner })
}

/// Whether nothing is visible where this character is.
fn is_unseen(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_blank(c)
}

fn without_quotes(text: &str) -> &str {
    let mut rest = text;
    loop {
        let inner =
            rest.trim_matches(|c: char| is_unseen(c) || QUOTES.contains(&c) || matches!(c, '(' | ')' | '[' | ']'));
        let inner = match inner.strip_suffix(PAIRED_QUOTES) {
            Some(start) => start.strip_prefix(PAIRED_QUOTES).unwrap_or(start),
            None => inner,
        };
        if inner.len() == rest.len() {
            return inner;
        }
        rest = inner;
    }
}

fn trouble_of_shape(address: &str) -> Option<&'static str> {
    match address.matches('@').count() {
        0 => return Some("it has no @."),
        1 => {}
        _ if address.contains([',', ';', '<', ' ']) => return Some("it is more than one address. Write one only."),
        _ => return Some("it has more than one @."),
    }
    if address.contains(char::is_whitespace) {
        return Some("it has a space inside.");
    }
    if address.contains(char::is_control) {
        return Some("it has a character that cannot be shown.");
    }
    None
}

fn trouble_of_local_part(local: &str) -> Option<String> {
    if local.is_empty() {
        return Some("nothing is before the @.".into());
    }
    if local.len() > 64 {
        return Some("the part before the @ is longer than 64 characters.".into());
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Some("before the @, a dot needs a letter or a digit on both sides.".into());
    }
    let odd = local
        .chars()
        .find(|c| !EmailAddress::is_local_part(c.encode_utf8(&mut [0; 4])) && *c != '.')?;
    if odd.is_ascii() {
        return Some(format!("before the @, the character {odd} is not allowed."));
    }
    Some(format!(
        "before the @, most mail servers accept only the letters a to z, and not {odd}."
    ))
}

fn trouble_of_domain(domain: &str) -> &'static str {
    match domain {
        "" => "nothing is after the @.",
        _ if domain.contains(',') => "it has a comma where a dot should be.",
        _ if !domain.contains('.') => "the part after the @ has no dot, and may lack an ending such as .org.",
        _ if domain.len() > 253 => "the part after the @ is too long.",
        _ if domain.split('.').any(str::is_empty) => "after the @, a dot needs a letter or a digit on both sides.",
        _ if domain.chars().all(|c| c.is_ascii_digit() || c == '.') => {
            "numbers with dots are an IP address, not a domain."
        }
        _ => "the part after the @ is not a domain, such as example.org.",
    }
}

/// The domain as DNS knows it; `None` if it can't be one.
pub fn ascii_domain(domain: &str) -> Option<String> {
    match domain.is_ascii() {
        true => Some(domain.to_ascii_lowercase()),
        false => idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL)
            .ok()
            .map(Into::into),
    }
}

#[cfg(test)]
mod tests;
