//! Tokens for links in e-mails: the id of a row, and a tag that only this server can make.
//!
//! The tag is computed from the id and a secret key. So the database does not store the token, and a leaked database reveals no
//! link that works. The code and the link of an e-mail belong to the same row, so using one of them also uses up the other.

use crate::{
    model::invisible::pasted_token,
    server::keyring::{Keyring, Purpose, same},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

/// What a link is for. A token for one purpose is not valid for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Signs in, in any browser.
    SignIn,
    /// Undoes a change of address.
    UndoEmail,
}

/// The token that names the row `id`.
pub fn token(keyring: &Keyring, link: Link, id: &str) -> String {
    format!("{id}.{}", BASE64.encode(tag(keyring, link, id)))
}

/// The id of the row that `token` names; `None` if this server did not make the token.
pub fn row_id(keyring: &Keyring, link: Link, token: &str) -> Option<String> {
    let token = pasted_token(token);
    let (id, tag_text) = token.split_once('.')?;
    same(&BASE64.decode(tag_text).ok()?, &tag(keyring, link, id)).then(|| id.to_owned())
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
    fn a_token_is_valid_only_if_we_made_it_and_only_for_its_purpose() {
        let keyring = Keyring::for_tests();
        let text = token(&keyring, Link::SignIn, "row");
        assert_eq!(row_id(&keyring, Link::SignIn, &text).as_deref(), Some("row"));
        let pasted = format!("{text}\u{200B}.");
        assert_eq!(row_id(&keyring, Link::SignIn, &pasted).as_deref(), Some("row"));
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
