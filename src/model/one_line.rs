//! The rules for a line of text that other people will read: a person's name, a room's topic.

use super::invisible::{is_direction_override, is_ignorable};
use std::iter::Peekable;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

/// The longest line, in bytes of UTF-8. A limit on characters alone is not enough, because a character on screen can be made of any
/// number of code points.
pub const BYTES_MAX: usize = 2_048;

/// The most marks (accents, vowel signs, stacked letters) on one letter. Burmese needs five: `လျှို့`.
const MARKS_MAX: usize = 5;
/// A character on screen (a grapheme cluster, UAX #29) may be made of this many code points. The longest emoji has eleven. A
/// cluster with more counts as several characters, because no font draws it as one.
const CLUSTER_CODE_POINTS: usize = 16;

const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';
const ZERO_WIDTH_JOINER: char = '\u{200D}';
/// The flags of England, Scotland and Wales consist of this character and of tag characters, which draw nothing (UTS #51 section
/// 3.7).
const BLACK_FLAG: char = '\u{1F3F4}';

/// Why a text can't be shown to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing in the text is visible.
    Empty,
    /// The text contains a control character or a character that changes the direction of other text.
    Control,
    /// The text begins with a mark, which would be drawn on the last letter of whatever is in front of the text.
    LoneMark,
    /// A letter has more than [`MARKS_MAX`] marks, which would be drawn over the lines above and below.
    TooManyMarks,
    /// The text has this number of characters on screen, which is too many.
    TooLong { characters: usize },
    /// The text has more than [`BYTES_MAX`] bytes.
    TooManyBytes,
}

/// The text in the form in which it is stored and shown: trimmed, with each run of white space replaced by one space, in Unicode's
/// normal form C, and without characters that draw nothing, except for those that emoji and some scripts need. A text in this form
/// is returned unchanged.
///
/// # Errors
/// Why the text can't be shown to others: for example, it has more than `characters_max` characters on screen (grapheme clusters).
pub fn parse(text: &str, characters_max: usize) -> Result<String, Unfit> {
    let trimmed = text.trim();
    // Nobody types so much. Without this limit, a form full of joiners would keep the server busy.
    if trimmed.len() > 4 * BYTES_MAX {
        return Err(Unfit::TooManyBytes);
    }
    // A tab is white space, like a space. Other control characters would break the line or change how a terminal shows the log.
    if trimmed
        .chars()
        .any(|c| (c.is_control() && c != '\t') || is_direction_override(c))
    {
        return Err(Unfit::Control);
    }
    let spaced = trimmed.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = without_useless(&spaced).nfc().collect::<String>();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if !line.chars().any(is_visible) {
        return Err(Unfit::Empty);
    }
    check_marks(&line)?;
    if line.len() > BYTES_MAX {
        return Err(Unfit::TooManyBytes);
    }
    match count_characters(&line) {
        characters if characters > characters_max => Err(Unfit::TooLong { characters }),
        _ => Ok(line),
    }
}

/// The first `characters` characters on screen of a line, followed by "…" if the line has more.
pub fn shortened(line: &str, characters: usize) -> String {
    let mut clusters = line.graphemes(true);
    let mut short: String = clusters.by_ref().take(characters).collect();
    if clusters.next().is_some() {
        short.push('…');
    }
    short
}

/// The beginning of a line, with at most `bytes` bytes. If the line has more, it is cut between two characters on screen, and "…"
/// follows.
pub fn clipped(line: &str, bytes: usize) -> String {
    if line.len() <= bytes {
        return line.to_owned();
    }
    let left = bytes.saturating_sub('…'.len_utf8());
    let ends = line
        .grapheme_indices(true)
        .map(|(start, cluster)| start + cluster.len());
    let end = ends.take_while(|end| *end <= left).last().unwrap_or(0);
    format!("{}…", line[..end].trim_end())
}

/// The number of characters that a person sees.
fn count_characters(line: &str) -> usize {
    let clusters = line.graphemes(true);
    clusters
        .map(|cluster| cluster.chars().count().div_ceil(CLUSTER_CODE_POINTS))
        .sum()
}

/// The text without characters that draw nothing and have no effect on their neighbours.
fn without_useless(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == BLACK_FLAG {
            kept.push(c);
            push_tags(&mut kept, &mut rest);
        } else if !is_ignorable(c) || selects(&kept, c) || (is_joiner(c) && joins(&kept, rest.clone())) {
            kept.push(c);
        }
    }
    kept
}

/// Moves the tag characters of a flag from `rest` to `kept`.
fn push_tags(kept: &mut String, rest: &mut Peekable<std::str::Chars<'_>>) {
    while let Some(tag) = rest.next_if(|c| matches!(c, '\u{E0020}'..='\u{E007F}')) {
        kept.push(tag);
    }
}

/// Whether a joiner has something to join: a character before it (not a space, not a joiner) and a character after it (not a
/// space).
fn joins(before: &str, mut after: impl Iterator<Item = char>) -> bool {
    let has_before = before.chars().next_back().is_some_and(|c| c != ' ' && !is_joiner(c));
    has_before && after.find(|c| !is_ignorable(*c)).is_some_and(|c| c != ' ')
}

/// Whether this is a variation selector with a character before it that is not a space. Only such a selector has an effect.
fn selects(before: &str, c: char) -> bool {
    is_variation_selector(c) && before.chars().next_back().is_some_and(|last| last != ' ')
}

fn is_joiner(c: char) -> bool {
    matches!(c, ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER)
}

/// Whether this chooses among the forms of the character before it, such as between a black heart and a red one.
fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn check_marks(line: &str) -> Result<(), Unfit> {
    let mut marks = 0;
    for (index, c) in line.chars().enumerate() {
        match is_mark(c) {
            true if index == 0 => return Err(Unfit::LoneMark),
            true => marks += 1,
            // A joiner does not begin another letter, so marks before and after it are on the same letter.
            false if is_joiner(c) => {}
            false => marks = 0,
        }
        if marks > MARKS_MAX {
            return Err(Unfit::TooManyMarks);
        }
    }
    Ok(())
}

fn is_mark(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
    )
}

/// Whether this character draws something by itself.
fn is_visible(c: char) -> bool {
    let is_unseen = is_ignorable(c) || c.is_whitespace() || is_mark(c) || is_blank(c);
    !is_unseen && !matches!(c.general_category(), GeneralCategory::Control | GeneralCategory::Format)
}

/// Whether this is a letter or a symbol that looks like a space, or no character at all.
pub fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{2800}' | '\u{FFFC}' | '\u{13441}' | '\u{13442}' | '\u{1D159}' | '\u{FDD0}'..='\u{FDEF}'
    ) || u32::from(c) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests;
