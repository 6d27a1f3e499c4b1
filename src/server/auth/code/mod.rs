//! E-mail codes, pure: six digits, how they are typed, kept and written in a letter.

pub mod store;

use crate::{
    model::user::EmailAddress,
    server::{
        keyring::{Keyring, Purpose, random, sha256_hex},
        mail::Letter,
    },
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

/// The letter with the code in it; the code stands before the link.
pub fn letter(to: EmailAddress, code: &str, host: &str, sign_in_url: &str) -> Letter {
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let text = format!(
        "Your code for {host}:\n\n    {code}\n\nIt works once, for ten minutes, in the browser that asked for it.\n\
         Type it there, or go back to the page: {sign_in_url}\n\n\
         Never pass this code on. If you did not ask for it, somebody mistyped an address; nothing happened.\n"
    );
    let html = format!(
        "<p>Your code for {host}:</p><p style=\"font:600 28px monospace;letter-spacing:4px\">{spaced}</p>\
         <p>It works once, for ten minutes, in the browser that asked for it. Type it there, or \
         <a href=\"{sign_in_url}\">go back to the page</a>.</p>\
         <p>Never pass this code on. If you did not ask for it, somebody mistyped an address; nothing happened.</p>"
    );
    let terminal = format!("code {code}   {sign_in_url}");
    Letter {
        to,
        subject: format!("{code} is your code for {host}"),
        text,
        html,
        terminal,
    }
}

/// The letter to somebody whom this Snug does not admit without an invitation.
pub fn not_invited_letter(to: EmailAddress, host: &str) -> Letter {
    let text = format!(
        "Somebody asked to sign in at {host} with this address.\n\nThis Snug is by invitation: ask the person who runs it \
         for one.\nIf it was not you, nothing happened and there is nothing to do.\n"
    );
    let html = format!(
        "<p>{}</p>",
        text.trim_end().replace("\n\n", "</p><p>").replace('\n', "<br>")
    );
    Letter {
        to,
        subject: format!("Signing in at {host}"),
        text,
        html,
        terminal: "no code: this Snug is by invitation".into(),
    }
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

    #[test]
    fn the_code_stands_before_the_link() {
        let to = EmailAddress::parse("ada@example.org").expect("an address");
        let letter = letter(to, "482913", "localhost:3000", "http://localhost:3000/sign-in");
        assert!(letter.text.find("482913") < letter.text.find("http://"));
        assert!(letter.subject.starts_with("482913"));
    }
}
