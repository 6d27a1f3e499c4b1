//! Whether two names look alike to people who read them.

use crate::model::{invisible::without_ignorable, one_line::is_blank};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_security::skeleton;

/// A name in four forms for a comparison: two names look alike if they are equal in one of the forms.
///
/// Each form ignores case, characters that draw nothing, compatibility variants such as full-width letters (NFKC, UAX #15), and the
/// differences between letters that look alike, such as the Latin and the Cyrillic a (skeletons, UTS #39 section 4). One form is not
/// enough, because letters look alike in one case only: a capital I looks like a small l, and a Cyrillic capital Ve looks like a B.
/// In the fourth form, I, l, i and 1 are one letter: a small i is a capital I to everybody who ignores case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimilarityKeys([String; 4]);

impl SimilarityKeys {
    pub fn of(name: &str) -> Self {
        let spaced = without_ignorable(name).replace(is_blank, " ");
        let compatible: String = spaced.nfkc().filter(|c| !draws_nothing(*c)).collect();
        let text = compatible.split_whitespace().collect::<Vec<_>>().join(" ");
        let drawn: String = skeleton(&text).collect();
        // The skeleton has an l for I, l and 1. A name can't contain U+0001, and a capital L does not become it below.
        let narrow = drawn.replace(['i', 'l'], "\u{1}");
        let forms = [
            text.to_lowercase(),
            text.to_uppercase(),
            drawn.to_lowercase(),
            narrow.to_lowercase(),
        ];
        Self(forms.map(|form| skeleton(&form).collect()))
    }

    /// Whether the two names look alike.
    pub fn look_like(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(mine, theirs)| mine == theirs)
    }
}

/// Whether many fonts draw nothing for this character, not even a space.
fn draws_nothing(c: char) -> bool {
    // TIFINAGH CONSONANT JOINER and KHITAN SMALL SCRIPT FILLER are marks that only a program needs.
    matches!(c, '\u{2D7F}' | '\u{16FE4}') || c.general_category() == GeneralCategory::Format
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn alike(one: &str, other: &str) -> bool {
        SimilarityKeys::of(one).look_like(&SimilarityKeys::of(other))
    }

    #[test]
    fn names_that_look_alike_are_found() {
        for (name, imitation) in [
            ("Ada", "ada"),
            ("Ada", "ADA"),
            ("Ada", "\u{410}d\u{430}"),
            ("Ada", "\u{391}da"),
            ("Ada", "ＡＤＡ"),
            ("Ada", "𝐀𝐝𝐚"),
            ("Ada", "A\u{200B}d\u{AD}a\u{FE0F}"),
            ("Ada", "Ada\u{2800}"),
            ("Ada", "\u{FFFC}Ada\u{1D159}"),
            ("Ada", "Ada\u{13441}\u{13442}"),
            ("Ada Lovelace", "Ada\u{FFFC}Lovelace"),
            ("Ada", "A\u{2D7F}d\u{16FE4}a"),
            ("Ada", "A\u{13430}da\u{1343F}"),
            ("HIr", "\u{41D}i\u{433}"),
            ("Ada Lovelace", "ada\u{2003}lovelace"),
            ("Bob", "\u{412}ob"),
            ("BOB", "\u{412}\u{41E}b"),
            ("Ida", "lda"),
            ("McIntyre", "mclntyre"),
            ("Mina", "rnina"),
            ("Otto", "0tto"),
            ("Weiß", "WEISS"),
            ("Zoë", "Zoe\u{308}"),
        ] {
            assert!(alike(name, imitation), "{name} and {imitation}");
            assert!(alike(imitation, name), "{imitation} and {name}");
        }
    }

    #[test]
    fn names_that_differ_visibly_are_not_alike() {
        for (one, other) in [
            ("Ada", "4da"),
            ("Ada", "Adam"),
            ("Ada", "Ada 2"),
            ("Ada", "Ada B."),
            ("Ila", "Lia"),
            ("Ilan", "Lian"),
            ("Ada", "Àda"),
            ("Zoë", "Zoe"),
            ("李小龍", "李小明"),
            ("🦉", "🦊"),
        ] {
            assert!(!alike(one, other), "{one} and {other}");
        }
    }

    /// Draws `c` in another way that looks the same, if `how` names one.
    fn disguise(c: char, how: u8) -> String {
        const LATIN: &str = "aeocpxABEHMOPCTX";
        const CYRILLIC: &str = "аеосрхАВЕНМОРСТХ";
        let look_alike = LATIN.chars().zip(CYRILLIC.chars()).find(|(latin, _)| *latin == c);
        let full_width = char::from_u32(u32::from(c) + 0xFEE0).filter(|_| c.is_ascii_alphanumeric());
        match how {
            0 => c.to_lowercase().collect(),
            1 => c.to_uppercase().collect(),
            2 => look_alike.map_or(c, |(_, cyrillic)| cyrillic).into(),
            3 => full_width.unwrap_or(c).into(),
            4 => format!("{c}\u{200D}"),
            _ => c.into(),
        }
    }

    proptest! {
        #[test]
        fn no_mixture_of_disguises_hides_a_name(letters in prop::collection::vec(("[a-zA-Z0-9]", 0..6_u8), 1..40)) {
            let name: String = letters.iter().map(|(letter, _)| letter.as_str()).collect();
            let imitation: String = letters.iter().flat_map(|(letter, how)| letter.chars().map(|c| disguise(c, *how))).collect();
            prop_assert!(alike(&name, &imitation), "{} and {}", name, imitation);
        }

        #[test]
        fn every_name_looks_like_itself_and_never_like_a_longer_one(name in "\\PC{1,40}") {
            prop_assert!(alike(&name, &name));
            let longer = format!("{name} 2");
            prop_assert!(!alike(&name, &longer));
        }
    }
}
