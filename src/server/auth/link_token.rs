//! Tokens of links in letters: a row's id and a tag by which we know our own. Derived, so that nothing of them is stored.

use crate::server::keyring::{Keyring, Purpose, same};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

/// What a link is for; a token of one is none of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Signs in, in any browser.
    SignIn,
    /// Puts an address back.
    UndoEmail,
}

/// The token that names row `id`.
pub fn token(keyring: &Keyring, link: Link, id: &str) -> String {
    format!("{id}.{}", BASE64.encode(tag(keyring, link, id)))
}

/// The row that `token` names; `None` where we did not make it.
pub fn row_id<'a>(keyring: &Keyring, link: Link, token: &'a str) -> Option<&'a str> {
    let (id, tag_text) = token.split_once('.')?;
    same(&BASE64.decode(tag_text).ok()?, &tag(keyring, link, id)).then_some(id)
}

fn tag(keyring: &Keyring, link: Link, id: &str) -> [u8; 16] {
    let name = match link {
        Link::SignIn => "sign-in",
        Link::UndoEmail => "undo-email",
    };
    let mac = keyring.mac(Purpose::Link, &[name.as_bytes(), id.as_bytes()]);
    std::array::from_fn(|i| mac[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tokens_name_a_row_and_only_for_their_own_purpose() {
        let folder = tempfile::tempdir().expect("a folder");
        let keyring = Keyring::open(&folder.path().join("keyring.json"), true).expect("a keyring");
        let text = token(&keyring, Link::SignIn, "row");
        assert_eq!(row_id(&keyring, Link::SignIn, &text), Some("row"));
        assert_eq!(row_id(&keyring, Link::UndoEmail, &text), None);
        for made_up in [
            "",
            "row",
            "row.",
            "row.AAAAAAAAAAAAAAAAAAAAAA",
            &text.replace("row", "raw"),
            &text[..text.len() - 2],
        ] {
            assert_eq!(row_id(&keyring, Link::SignIn, made_up), None, "{made_up}");
        }
    }
}
