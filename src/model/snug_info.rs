//! What a Snug says about itself: its name, a line about it, and who hosts it.

use super::one_line::{self, Unfit};
use serde::{Deserialize, Serialize};

/// The longest name, in characters on screen (grapheme clusters).
const NAME_MAX_CHARACTERS: usize = 40;
/// The longest line, in characters on screen (grapheme clusters).
const LINE_MAX_CHARACTERS: usize = 120;

/// The name of a Snug: 1 to 40 characters on screen, in the form of [`one_line::parse`]. The default is "Snug".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SnugName(String);

impl SnugName {
    /// The name in `text`, trimmed, with each run of white space replaced by one space.
    ///
    /// # Errors
    /// The sentence for the screen.
    pub fn parse(text: &str) -> Result<Self, String> {
        one_line::parse(text, NAME_MAX_CHARACTERS)
            .map(Self)
            .map_err(|unfit| match unfit {
                Unfit::Empty => "Write a name for this Snug.".into(),
                unfit => sentence("name", NAME_MAX_CHARACTERS, unfit),
            })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for SnugName {
    fn default() -> Self {
        Self("Snug".to_owned())
    }
}

/// What an owner writes about a Snug.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SnugText {
    pub name: SnugName,
    /// One line below the name: at most 120 characters on screen, in the form of [`one_line::parse`]. It can be empty.
    pub line: String,
}

impl SnugText {
    /// # Errors
    /// The sentence for the screen.
    pub fn parse(name: &str, line: &str) -> Result<Self, String> {
        let name = SnugName::parse(name)?;
        let line = match one_line::parse(line, LINE_MAX_CHARACTERS) {
            Err(Unfit::Empty) => String::new(),
            line => line.map_err(|unfit| sentence("line", LINE_MAX_CHARACTERS, unfit))?,
        };
        Ok(Self { name, line })
    }
}

/// Why a text can't be the `what` ("name" or "line") of a Snug.
fn sentence(what: &str, most: usize, unfit: Unfit) -> String {
    match unfit {
        Unfit::Empty => format!("That {what} is empty. Write something."),
        Unfit::Control => format!("That {what} contains a character that cannot be shown. Please write it again."),
        Unfit::LoneMark => format!("That {what} begins with an accent. Write a letter before it."),
        Unfit::TooManyMarks => {
            format!("A letter of that {what} has too many accents to be shown. Please use fewer.")
        }
        Unfit::TooLong { characters } => format!("That {what} has {characters} characters. Keep it to {most}."),
        Unfit::TooManyBytes => format!("That {what} is too long. Please use fewer emoji and accents."),
    }
}

/// The person who hosts a Snug: the first of its owners who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnugHost {
    pub name: String,
    /// The address of the photo (JPEG) or of the drawn face (SVG).
    pub picture: String,
}

/// What anybody may know about a Snug, even without signing in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SnugInfo {
    #[serde(flatten)]
    pub text: SnugText,
    /// `None` until there is an owner who can sign in and has chosen a name and a face.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<SnugHost>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_visible_line_of_at_most_40_characters() {
        let name = |text: &str| SnugName::parse(text).map(|name| name.as_str().to_owned());
        assert_eq!(name("  Ada's \t Snug "), Ok("Ada's Snug".to_owned()));
        assert_eq!(name("👩\u{200D}🚀".repeat(40).as_str()), Ok("👩\u{200D}🚀".repeat(40)));
        assert_eq!(name("\u{200B}"), Err("Write a name for this Snug.".to_owned()));
        assert_eq!(
            name(&"x".repeat(41)),
            Err("That name has 41 characters. Keep it to 40.".to_owned())
        );
        for wrong in ["Ada\nBcc: eve", "\u{202E}Ada", "\u{301}Ada"] {
            assert!(name(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(name(SnugName::default().as_str()), Ok("Snug".to_owned()));
    }

    #[test]
    fn a_line_may_be_empty_and_has_at_most_120_characters() {
        let line = |text: &str| SnugText::parse("Ada's Snug", text).map(|text| text.line);
        assert_eq!(line(" \u{200B} "), Ok(String::new()));
        assert_eq!(line(" Knitting,  and tea. "), Ok("Knitting, and tea.".to_owned()));
        assert_eq!(line(&"x".repeat(120)), Ok("x".repeat(120)));
        assert_eq!(
            line(&"x".repeat(121)),
            Err("That line has 121 characters. Keep it to 120.".to_owned())
        );
        assert!(line("\u{202E}Ada").is_err());
    }
}
