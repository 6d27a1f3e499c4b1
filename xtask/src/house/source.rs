//! Splits a Rust file into words with their lines, without comments and the content of strings.
//!
//! This is not a parser. The house rules only need to know which names and paths a file contains, and words are enough for
//! that.

/// One word of a source file: an identifier, `::`, or a single other character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// Counted from 1.
    pub line: usize,
}

/// Splits `source` into words. Comments are left out. Each string, character or lifetime becomes the word `"`.
pub fn words(source: &str) -> Vec<Word> {
    WordReader {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        words: Vec::new(),
    }
    .read()
}

struct WordReader {
    chars: Vec<char>,
    at: usize,
    line: usize,
    words: Vec<Word>,
}

impl WordReader {
    fn read(mut self) -> Vec<Word> {
        while let Some(c) = self.peek(0) {
            match c {
                '/' if self.peek(1) == Some('/') => self.skip_while(|c| c != '\n'),
                '/' if self.peek(1) == Some('*') => self.skip_block_comment(),
                '"' => self.skip_string(),
                '\'' => self.skip_character_or_lifetime(),
                ':' if self.peek(1) == Some(':') => self.push("::", 2),
                c if c.is_alphanumeric() || c == '_' => self.read_identifier(),
                c if c.is_whitespace() => self.advance(1),
                c => self.push(&c.to_string(), 1),
            }
        }
        self.words
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn advance(&mut self, count: usize) {
        for _ in 0..count {
            if self.peek(0) == Some('\n') {
                self.line += 1;
            }
            self.at += 1;
        }
    }

    fn push(&mut self, text: &str, width: usize) {
        self.words.push(Word {
            text: text.to_owned(),
            line: self.line,
        });
        self.advance(width);
    }

    fn skip_while(&mut self, keep_going: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&keep_going) {
            self.advance(1);
        }
    }

    /// Block comments nest in Rust.
    fn skip_block_comment(&mut self) {
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => {
                    self.advance(1);
                    continue;
                }
            }
            self.advance(2);
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_string(&mut self) {
        self.push("\"", 1);
        while let Some(c) = self.peek(0) {
            self.advance(if c == '\\' { 2 } else { 1 });
            if c == '"' {
                return;
            }
        }
    }

    /// `r#"…"#`: the string ends at a quote that is followed by as many hashes as it began with.
    fn skip_raw_string(&mut self, hashes: usize) {
        self.push("\"", hashes + 1);
        while let Some(c) = self.peek(0) {
            self.advance(1);
            if c == '"' && (0..hashes).all(|n| self.peek(n) == Some('#')) {
                self.advance(hashes);
                return;
            }
        }
    }

    /// `'a'` and `'\n'` are characters, `'a` without a closing quote is a lifetime.
    fn skip_character_or_lifetime(&mut self) {
        let escaped = self.peek(1) == Some('\\');
        let closed = self.peek(2) == Some('\'');
        self.push("\"", 1);
        if escaped {
            self.advance(2);
            self.skip_while(|c| c != '\'');
            self.advance(1);
        } else if closed {
            self.advance(2);
        } else {
            self.skip_while(|c| c.is_alphanumeric() || c == '_');
        }
    }

    fn read_identifier(&mut self) {
        let (start, line) = (self.at, self.line);
        self.skip_while(|c| c.is_alphanumeric() || c == '_');
        let text: String = self.chars[start..self.at].iter().collect();
        let hashes = (0..).take_while(|n| self.peek(*n) == Some('#')).count();
        let opens_raw_string = matches!(text.as_str(), "r" | "br" | "cr") && self.peek(hashes) == Some('"');
        if opens_raw_string {
            self.skip_raw_string(hashes);
        } else if text == "r" && hashes == 1 {
            // `r#type`: skip the `#`; the next round reads the identifier after it.
            self.advance(1);
        } else {
            self.words.push(Word { text, line });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    fn texts(source: &str) -> Vec<String> {
        words(source).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn comments_and_the_content_of_strings_are_skipped() {
        let source = "a // sqlx::x\n/* b /* c */ d */ \"sqlx::y \\\" z\" r#\"sqlx \" w\"# b\"q\" e";
        assert_eq!(texts(source), ["a", "\"", "\"", "b", "\"", "e"]);
    }

    #[test]
    fn a_lifetime_does_not_open_a_string() {
        assert_eq!(
            texts("&'a str 'x' '\\'' b'\"' c"),
            ["&", "\"", "str", "\"", "\"", "b", "\"", "c"]
        );
    }

    #[test]
    fn lines_are_counted_through_comments_and_strings() {
        let last = words("/* \n */ \"\n\" r\"\n\"\n z").pop().expect("there is a word");
        assert_eq!((last.text.as_str(), last.line), ("z", 5));
    }
}
