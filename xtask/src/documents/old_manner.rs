//! Counts sentences in the old manner, whose grammar makes a reader stop: a sentence that begins with "who" but is not a
//! question, "anew", "so many" for a number, or "one" for a person.

/// Phrases that are hardly ever plain English, in lower case. A space at the start or the end of a
/// phrase means that a word begins or ends there.
const PHRASES: [&str; 15] = [
    " anew ",
    " so many ",
    " so-many",
    " oneself ",
    " one's ",
    " where one ",
    " if one ",
    " when one ",
    " what one ",
    " how one ",
    " whom one ",
    " one may ",
    " one can ",
    " one must ",
    " one hears ",
];
/// If one of these follows a phrase, the phrase is plain English after all, as in "if one of them fails".
const PLAIN_AFTER: [&str; 6] = ["of ", "is missing", "fails", "ends", "exists", "is set"];

/// The number of words that were read, and the sentences in the old manner that were found in them.
#[derive(Default)]
pub struct Prose {
    pub words: usize,
    pub found: Vec<String>,
}

impl Prose {
    pub fn add(&mut self, other: Self) {
        self.words += other.words;
        self.found.extend(other.found);
    }

    pub fn per_10_000_words(&self) -> f64 {
        self.found.len() as f64 * 10_000.0 / self.words.max(1) as f64
    }
}

/// Reads the prose of a file: the whole text of a document, or the comments and strings of a source file.
pub fn count_old_manner(name: &str, text: &str) -> Prose {
    let mut prose = Prose::default();
    let mut before = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        let words = prose_of_line(name, line);
        prose.words += words.split_whitespace().count();
        let next = text
            .lines()
            .nth(number)
            .map(|next| prose_of_line(name, next))
            .unwrap_or_default();
        if is_old_manner(&before, &words, &next) {
            prose.found.push(format!("{name}:{number}: {}", words.trim()));
        }
        before = words;
    }
    prose
}

fn prose_of_line(name: &str, line: &str) -> String {
    let (_, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let trimmed = line.trim_start();
    match ending {
        "md" => line.to_owned(),
        "rs" | "ts" | "mjs" | "css" => match comment(trimmed) {
            Some(comment) => comment.to_owned(),
            None => strings(trimmed, if ending == "rs" { &['"'] } else { &['"', '\'', '`'] }),
        },
        "toml" | "sh" | "Makefile" => trimmed.strip_prefix('#').unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

fn comment(line: &str) -> Option<&str> {
    ["//!", "///", "//", "/**", "/*", "* "]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
}

/// The text between quotes on a line. If a string spans several lines, only a part of it is found.
fn strings(line: &str, quotes: &[char]) -> String {
    let quoted = line.split(quotes).skip(1).step_by(2);
    quoted
        .filter(|words| words.contains(' '))
        .collect::<Vec<_>>()
        .join(". ")
}

/// Whether a line has a sentence in the old manner. The sentence may begin on the line before and end on the next.
fn is_old_manner(before: &str, line: &str, next: &str) -> bool {
    let spaced = format!(
        " {} ",
        line.trim()
            .to_lowercase()
            .replace([',', '.', ':', ';', '(', ')', '"', '`'], " ")
    );
    let has_phrase = PHRASES.iter().any(|phrase| {
        spaced.match_indices(phrase).any(|(at, _)| {
            let after = spaced[at + phrase.len()..].trim_start();
            !PLAIN_AFTER.iter().any(|plain| after.starts_with(plain))
        })
    });
    has_phrase || has_headless_who(before, line, next)
}

/// Whether a sentence begins with "Who" or "Whoever" and is not a question: "Who has no microphone listens."
fn has_headless_who(before: &str, line: &str, next: &str) -> bool {
    let begins_sentence = |at: usize| {
        let ahead = line[..at].trim_end();
        let ahead = if ahead.is_empty() { before.trim_end() } else { ahead };
        ahead.is_empty() || ahead.ends_with(['.', '!', '?', '>', '*', '"'])
    };
    ["Who ", "Whoever "].iter().any(|who| {
        line.match_indices(who).any(|(at, _)| {
            let sentence = format!("{} {next}", &line[at..]);
            let end = sentence.find(['.', '?', '!']);
            let asks = end.is_some_and(|end| sentence[end..].starts_with('?'));
            // "Who may enter a room" is the title of a section, not a sentence.
            let is_title = sentence.starts_with("Who may ")
                || line.trim_start().starts_with('#')
                || line.trim_start().starts_with('|');
            begins_sentence(at) && !asks && !is_title
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> usize {
        count_old_manner(name, text).found.len()
    }

    #[test]
    fn the_old_manner_is_found_in_documents_comments_and_strings() {
        assert_eq!(found("a.md", "Who has no microphone listens."), 1);
        assert_eq!(found("a.rs", "    // Whoever comes late waits.\n    let x = 1;"), 1);
        assert_eq!(found("a.rs", "    refuse(\"Ask anew in a minute.\");"), 1);
        assert_eq!(found("a.ts", "    // At most so many seconds."), 1);
        assert_eq!(found("a.sh", "# Where one is signed out.\necho anew"), 1);
        assert_eq!(found("a.md", "It is done.\nWho asks twice is refused."), 1);
    }

    #[test]
    fn plain_english_passes() {
        assert_eq!(
            found(
                "a.md",
                "Who asked? If one of them fails, try again. People who come late wait."
            ),
            0
        );
        assert_eq!(found("a.md", "## Who hears whom\n\nThe person\nWho is a band."), 0);
        assert_eq!(found("a.rs", "let anew = 1; // anew is a name here"), 0);
    }

    #[test]
    fn words_are_counted_where_prose_is() {
        assert_eq!(
            count_old_manner("a.rs", "/// Two words.\nlet a = b;\nsay(\"three more words\");").words,
            5
        );
    }
}
