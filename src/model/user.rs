//! A person's account: the e-mail address they sign in with, the name they show, and what others can see of them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{
    one_line::{self, Unfit},
    room::Person,
};

const ADDRESS_MAX_CHARS: usize = 254;
const LOCAL_PART_MAX_CHARS: usize = 64;
const LABEL_MAX_CHARS: usize = 63;
const NAME_MAX_CHARACTERS: usize = 40;

/// An account as everybody can see it. The endpoints `me` and `activate` return it. It never contains the e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Before activation the name is empty.
    #[serde(flatten)]
    pub person: Person,
    pub activated: bool,
    /// Whether the person is an owner of this Snug. This field is only sent if it is true.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub owner: bool,
}

/// The e-mail address of an account. It is always well formed and lower case, so equal addresses mean the same person.
///
/// It consists of a dot-atom, an `@` and a host name (RFC 5321 section 4.1.2 without quoted local parts and address literals), so
/// it has no character that could end a mail header or an SMTP command early. Its `Debug` output does not show the address.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// # Errors
    /// The sentence for the screen, if the text is not an e-mail address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let address = text.trim().to_ascii_lowercase();
        if address.is_empty() {
            return Err("Please write your e-mail address.".into());
        }
        let well_formed = address.len() <= ADDRESS_MAX_CHARS
            && address
                .split_once('@')
                .is_some_and(|(local, domain)| is_dot_atom(local) && is_host_name(domain));
        if well_formed {
            Ok(Self(address))
        } else {
            Err("That does not look like an e-mail address. It should look like ada@example.org.".into())
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `text` can be the part before the `@`.
    pub fn is_local_part(text: &str) -> bool {
        is_dot_atom(text)
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }

    /// The address with most letters hidden, such as `a…@e….org`. Its owner recognises the address, and others can't guess it.
    pub fn masked(&self) -> String {
        let ending = self.domain().rsplit_once('.').map_or("", |(_, ending)| ending);
        let dot = if ending.is_empty() { "" } else { "." };
        format!("{}…@{}…{dot}{ending}", first_char(&self.0), first_char(self.domain()))
    }
}

/// Whether this is a dot-atom (RFC 5322 section 3.2.3) in ASCII. Other characters need SMTPUTF8, which few mail servers offer.
fn is_dot_atom(local: &str) -> bool {
    local.len() <= LOCAL_PART_MAX_CHARS
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_byte))
}

fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// Whether this is `localhost`, or several labels with dots between them. The last label must not be a number: a text that ends
/// in a number, such as `192.0.2.1`, is an IP address and not a host name.
fn is_host_name(domain: &str) -> bool {
    let last_label_is_number = || {
        domain
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
    };
    domain == "localhost" || (domain.contains('.') && domain.split('.').all(is_label) && !last_label_is_number())
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_MAX_CHARS).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn first_char(text: &str) -> &str {
    text.split_at_checked(1).map_or("", |(first, _)| first)
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

/// The name a person shows: 1 to 40 characters on screen (grapheme clusters), in the form of [`one_line::parse`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DisplayName(String);

impl DisplayName {
    /// # Errors
    /// The sentence for the screen, if the text cannot be a name.
    pub fn parse(text: &str) -> Result<Self, String> {
        one_line::parse(text, NAME_MAX_CHARACTERS)
            .map(Self)
            .map_err(|unfit| match unfit {
                Unfit::Empty => "Please write the name that others will see.".into(),
                Unfit::Control => "Your name contains a character that cannot be shown. Please write it again.".into(),
                Unfit::LoneMark => "Your name begins with an accent. Write a letter before it.".into(),
                Unfit::TooManyMarks => {
                    "A letter of your name has too many accents to be shown. Please use fewer.".into()
                }
                Unfit::TooLong { characters } => {
                    format!("Your name has {characters} characters. Please use {NAME_MAX_CHARACTERS} or fewer.")
                }
                Unfit::TooManyBytes => "Your name is too long. Please use fewer emoji and accents.".into(),
            })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Serializes a type as a plain string, and checks the string with `parse` when it is deserialized.
macro_rules! string_on_the_wire {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    };
}

string_on_the_wire!(EmailAddress);
string_on_the_wire!(DisplayName);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::UserId;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).expect("an address")
    }

    fn name(text: &str) -> String {
        DisplayName::parse(text).expect("a name").as_str().to_owned()
    }

    #[test]
    fn an_address_is_trimmed_and_lower_cased() {
        assert_eq!(address("  Ada@Example.ORG \n").as_str(), "ada@example.org");
        assert_eq!(address("ada@example.org").domain(), "example.org");
    }

    #[test]
    fn common_addresses_pass() {
        let good = [
            "o'brien+snug@mail.example.co.uk",
            "a@localhost",
            "x_1-2@xn--mller-kva.example",
            "a.b.c@d.ef",
        ];
        for text in good {
            assert_eq!(address(text).as_str(), text);
        }
    }

    #[test]
    fn malformed_addresses_are_refused_with_a_sentence() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}example.org", "abcdefgh.".repeat(30));
        let bad = "ada|@example.org|ada@|ada@example|ada@@example.org|a@b@example.org|.ada@example.org|ada.@example.org|\
            a..b@example.org|ada@-a.org|ada@a-.org|ada@a..org|ada@.org|ada@org.|ada@127.0.0.1|ada@[127.0.0.1]|\
            a da@example.org|\"ada\"@example.org|<ada@example.org>|ada@exam ple.org|ada\0@example.org|adä@example.org|\
            ada@exämple.org|ada@example.org,eve@example.org|ada@example.org\r\nBcc: eve@example.org";
        for text in bad.split('|').chain([long.as_str(), longer.as_str()]) {
            let sentence = EmailAddress::parse(text).expect_err(text);
            assert!(sentence.ends_with("like ada@example.org."), "{text:?}: {sentence}");
        }
        assert_eq!(
            EmailAddress::parse("  "),
            Err("Please write your e-mail address.".into())
        );
    }

    #[test]
    fn an_address_is_hidden_in_logs() {
        assert_eq!(
            format!("{:?}", Some(address("ada@example.org"))),
            "Some(EmailAddress(..))"
        );
        assert_eq!(address("ada@mail.example.org").masked(), "a…@m….org");
        assert_eq!(address("ada@localhost").masked(), "a…@l…");
    }

    #[test]
    fn a_name_has_1_to_40_characters_on_screen_not_bytes() {
        let family = "👨\u{200D}👩\u{200D}👧\u{200D}👦".repeat(40);
        assert_eq!(name(&family), family);
        assert_eq!(name(&"é".repeat(40)).chars().count(), 40);
        assert_eq!(name(&format!("  {}  ", "x".repeat(40))).len(), 40);
        let sentence = DisplayName::parse(&"x".repeat(41)).expect_err("too long");
        assert_eq!(sentence, "Your name has 41 characters. Please use 40 or fewer.");
        assert!(DisplayName::parse(" \t ").is_err());
    }

    #[test]
    fn a_name_has_only_characters_that_can_be_shown() {
        for text in "Ada\nLovelace|Ada\u{7}|A\0da|\u{202E}adA|Ada\u{2066}|Ada\u{1b}[31m".split('|') {
            let sentence = DisplayName::parse(text).expect_err(text);
            assert!(sentence.contains("cannot be shown"), "{text:?}: {sentence}");
        }
        for text in "\u{200B}|\u{200D}\u{FE0F}|\u{3164}|\u{2800} \u{2800}|\u{FEFF}".split('|') {
            let sentence = DisplayName::parse(text).expect_err(text);
            assert!(sentence.contains("others will see"), "{text:?}: {sentence}");
        }
    }

    #[test]
    fn each_reason_against_a_name_is_a_sentence_that_says_what_to_do() {
        let accents = format!("Ada{}", "\u{301}".repeat(60));
        let bytes = "e\u{327}\u{310}".repeat(600);
        for (text, words) in [
            ("\u{301}Ada", "before it"),
            (accents.as_str(), "use fewer"),
            (bytes.as_str(), "use fewer emoji"),
        ] {
            let sentence = DisplayName::parse(text).expect_err(text);
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[test]
    fn addresses_and_names_are_strings_in_json_and_checked_when_read() {
        let sent = serde_json::to_string(&address("ada@example.org")).expect("json");
        assert_eq!(sent, r#""ada@example.org""#);
        assert_eq!(
            serde_json::from_str::<EmailAddress>(r#""ADA@example.org""#)
                .expect("json")
                .as_str(),
            "ada@example.org"
        );
        assert!(serde_json::from_str::<EmailAddress>(r#""ada""#).is_err());
        assert!(serde_json::from_str::<DisplayName>(r#""  ""#).is_err());
    }

    #[test]
    fn a_user_in_json_has_id_name_picture_and_activated() {
        let id = UserId::parse("user-000001").expect("an id");
        let person = Person {
            picture: "/faces/Ada.svg".into(),
            ..Person::named(id, "Ada")
        };
        let ada = User {
            person,
            activated: true,
            owner: false,
        };
        let sent = serde_json::to_string(&ada).expect("json");
        assert_eq!(
            sent,
            r#"{"id":"user-000001","name":"Ada","picture":"/faces/Ada.svg","activated":true}"#
        );
    }
}
