//! The value of the cookie that carries the error of a form: what it contains, and the keyed hash that shows that we made it.

use crate::{
    error::AppError,
    model::form_error::FormError,
    server::keyring::{Keyring, Purpose, random_id, same},
};
use base64::{
    Engine,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

/// How long an error waits for the browser to follow the redirect, in seconds.
pub const LIFE_S: i64 = 60;
/// The longest value that we read. Browsers keep cookies of up to 4,096 bytes (RFC 6265 section 6.1).
const VALUE_MAX_BYTES: usize = 3_800;
/// The longest sentence in a cookie, in bytes of JSON.
const SENTENCE_MAX_BYTES: usize = 1_000;
/// The longest sentence and typed fields together, in bytes of JSON. With the rest of the value they stay below [`VALUE_MAX_BYTES`], even
/// in base64. The longest name that we accept (`one_line::BYTES_MAX`) fits next to a sentence of 350 bytes.
const TEXTS_MAX_BYTES: usize = 2_400;

/// The keyed hash of a value. It also identifies the value, because each value contains a random id.
pub type Tag = [u8; 32];

/// Why an endpoint refused a form without scripts. Handlers of such forms put it into the extensions of their redirect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedForm {
    /// The path of the endpoint that the form is sent to if scripts run.
    pub endpoint: String,
    pub error: AppError,
    /// Names and values of the typed fields that the page should show again.
    pub typed: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    /// Random, so that two values with the same error differ, and each can be used once.
    id: String,
    /// Unix seconds.
    expires_at: i64,
    form: RefusedForm,
}

impl RefusedForm {
    /// The form's error in the shape that pages read.
    pub fn for_page(&self) -> FormError {
        FormError {
            endpoint: self.endpoint.clone(),
            encoded: URL_SAFE.encode(serde_json::to_vec(&self.error).unwrap_or_default()),
            typed: self.typed.clone(),
        }
    }

    /// Makes the form fit into a cookie. Of a typed field that is too long, the person sees the beginning again.
    fn shortened(mut self) -> Self {
        let mut left = SENTENCE_MAX_BYTES;
        self.error.detail = take(&self.error.detail, &mut left);
        left += TEXTS_MAX_BYTES - SENTENCE_MAX_BYTES;
        for (_, text) in &mut self.typed {
            *text = take(text, &mut left);
        }
        self
    }
}

/// The value of the cookie for the page at `address`: path and query.
pub fn seal(keyring: &Keyring, address: &str, form: RefusedForm, now_s: i64) -> String {
    let contents = Contents {
        id: random_id(16),
        expires_at: now_s + LIFE_S,
        form: form.shortened(),
    };
    let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&contents).unwrap_or_default());
    let tag = URL_SAFE_NO_PAD.encode(mac(keyring, address, &text));
    format!("{text}.{tag}")
}

/// Reads a value. `None` if we did not make it for the page at `address`, or if it has expired.
pub fn open(keyring: &Keyring, address: &str, value: &str, now_s: i64) -> Option<(Tag, RefusedForm)> {
    let (text, tag) = value.split_once('.').filter(|_| value.len() <= VALUE_MAX_BYTES)?;
    let wanted = mac(keyring, address, text);
    if !same(&URL_SAFE_NO_PAD.decode(tag).ok()?, &wanted) {
        return None;
    }
    let contents: Contents = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let is_fresh = (now_s + 1..=now_s + LIFE_S).contains(&contents.expires_at);
    is_fresh.then_some((wanted, contents.form))
}

fn mac(keyring: &Keyring, address: &str, text: &str) -> Tag {
    keyring.mac(Purpose::FormError, &[address.as_bytes(), text.as_bytes()])
}

/// The beginning of `text` that takes at most `left` bytes in JSON. It ends at the end of a character on screen (a grapheme cluster,
/// UAX #29), so that no emoji and no accented letter is cut in two. Takes its bytes from `left`.
fn take(text: &str, left: &mut usize) -> String {
    let fits = |cluster: &&str| {
        let rest = left.checked_sub(cluster.chars().map(bytes_in_json).sum());
        *left = rest.unwrap_or(*left);
        rest.is_some()
    };
    text.graphemes(true).take_while(fits).collect()
}

fn bytes_in_json(letter: char) -> usize {
    match letter {
        '"' | '\\' => 2,
        letter if letter.is_control() => 6,
        letter => letter.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::one_line::BYTES_MAX;

    const NOW_S: i64 = 1_700_000_000;
    const PAGE: &str = "/rooms?q=tea";

    fn refused(detail: &str, typed: &str) -> RefusedForm {
        RefusedForm {
            endpoint: "/api/rooms/open".to_owned(),
            error: AppError::too_many(detail, 7),
            typed: vec![("name".to_owned(), typed.to_owned())],
        }
    }

    #[test]
    fn a_value_is_read_only_for_its_page_and_for_60_s() {
        let keyring = Keyring::for_tests();
        let form = refused("Give the room a topic.", "Ada");
        let value = seal(&keyring, PAGE, form.clone(), NOW_S);
        let read = |address, now_s| open(&keyring, address, &value, now_s).map(|(_, form)| form);
        assert_eq!(read(PAGE, NOW_S), Some(form.clone()));
        assert_eq!(read(PAGE, NOW_S + 59), Some(form));
        assert_eq!(read(PAGE, NOW_S + 60), None);
        assert_eq!(read(PAGE, NOW_S - 1), None, "made in the future");
        assert_eq!(read("/rooms", NOW_S), None);
        assert_eq!(read("/settings", NOW_S), None);
    }

    #[test]
    fn a_value_that_we_did_not_make_is_not_read() {
        let (ours, theirs) = (Keyring::for_tests(), Keyring::for_tests());
        let value = seal(&ours, PAGE, refused("Give the room a topic.", ""), NOW_S);
        let (text, tag) = value.split_once('.').expect("two parts");
        let contents = |detail: &str| {
            let form = refused(detail, "");
            let contents = Contents {
                id: String::new(),
                expires_at: NOW_S + 1,
                form,
            };
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(&contents).expect("JSON"))
        };
        for forged in [
            format!("{}.{tag}", contents("Call 555-0100.")),
            format!("{text}.{}", URL_SAFE_NO_PAD.encode([0; 32])),
            format!("{text}."),
            text.to_owned(),
            format!("{text}.{tag}x"),
            format!("{text}.{}", &tag[..tag.len() - 4]),
            seal(&theirs, PAGE, refused("Call 555-0100.", ""), NOW_S),
            "x".repeat(100_000),
            String::new(),
            ".".to_owned(),
        ] {
            assert_eq!(open(&ours, PAGE, &forged, NOW_S), None, "{forged:.80}");
        }
    }

    #[test]
    fn two_values_with_the_same_error_have_different_tags() {
        let keyring = Keyring::for_tests();
        let tag = || {
            let value = seal(&keyring, PAGE, refused("Again.", ""), NOW_S);
            open(&keyring, PAGE, &value, NOW_S).expect("ours").0
        };
        assert_ne!(tag(), tag());
    }

    #[test]
    fn the_longest_error_still_fits_into_a_cookie() {
        let keyring = Keyring::for_tests();
        for letter in ["x", "ß", "\u{1}", "\"", "☕"] {
            let (fits, long) = (letter.repeat(40), letter.repeat(5_000));
            let value = seal(&keyring, PAGE, refused(&long, &fits), NOW_S);
            let (_, form) = open(&keyring, PAGE, &value, NOW_S).expect("short enough to be read");
            assert!(form.error.detail.len() >= 160 && long.starts_with(&form.error.detail));
            assert_eq!(form.typed.len(), 1);
            for sentence in ["Again.", &long] {
                let value = seal(&keyring, PAGE, refused(sentence, &long), NOW_S);
                let (_, form) = open(&keyring, PAGE, &value, NOW_S).expect("short enough to be read");
                let typed = &form.typed[0].1;
                assert!(typed.len() >= 230 && long.starts_with(typed), "{} bytes", typed.len());
            }
        }
    }

    #[test]
    fn the_longest_name_is_shown_again_in_full_and_a_longer_one_to_the_end_of_a_character() {
        let keyring = Keyring::for_tests();
        let family = "👨\u{200D}👩\u{200D}👧\u{200D}👦";
        let shown = |name: &str| {
            let value = seal(&keyring, PAGE, refused("Choose another name.", name), NOW_S);
            let (_, form) = open(&keyring, PAGE, &value, NOW_S).expect("short enough to be read");
            form.typed[0].1.clone()
        };
        let longest = family.repeat(BYTES_MAX / family.len());
        assert_eq!(shown(&longest), longest);
        let cut = shown(&family.repeat(300));
        assert!(
            cut.len() >= BYTES_MAX && cut.len() % family.len() == 0,
            "{} bytes",
            cut.len()
        );
        assert_eq!(shown(&format!("a{}", "\u{301}".repeat(3_000))), "");
    }
}
