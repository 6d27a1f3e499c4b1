//! Reads the parts of a Markdown document that can be checked: its code, its links and its headings.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The parts of a document that can be wrong, each with its line, counted from 1.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub name: String,
    /// Spans of code within a sentence.
    pub code: Vec<(usize, String)>,
    /// Lines of fenced blocks in the language `sh`.
    pub commands: Vec<(usize, String)>,
    /// The targets of links and pictures.
    pub links: Vec<(usize, String)>,
}

impl Document {
    /// Reads the Markdown `text` of the file `name`.
    pub fn parse(name: &str, text: &str) -> Self {
        let mut document = Self {
            name: name.to_owned(),
            ..Self::default()
        };
        let mut in_shell = false;
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            let line = text[..range.start].matches('\n').count() + 1;
            match event {
                Event::Code(code) => document.code.push((line, code.into_string())),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => in_shell = language.as_ref() == "sh",
                Event::End(TagEnd::CodeBlock) => in_shell = false,
                Event::Text(block) if in_shell => {
                    let lines = block.lines().enumerate();
                    document
                        .commands
                        .extend(lines.map(|(after, command)| (line + after, command.to_owned())));
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    document.links.push((line, dest_url.into_string()));
                }
                _ => {}
            }
        }
        document
    }
}

/// The anchors of a document's headings, as GitHub makes them: lower case, no punctuation, and `-` in place of
/// a space.
pub fn anchors(text: &str) -> Vec<String> {
    let mut found = vec![];
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => found.extend(heading.take().map(|heading| anchor(&heading))),
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            _ => {}
        }
    }
    found
}

fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_commands_and_links_are_found_with_their_lines() {
        let text = "# A\n\nSee `src/main.rs` and [b](b.md#c).\n\n```sh\nmake run # first\n```\n\n```\nnot a command\n```\n| a |\n|---|\n| `x` |\n";
        let document = Document::parse("a.md", text);
        assert_eq!(document.code, [(3, "src/main.rs".to_owned()), (14, "x".to_owned())]);
        assert_eq!(document.commands, [(6, "make run # first".to_owned())]);
        assert_eq!(document.links, [(3, "b.md#c".to_owned())]);
    }

    #[test]
    fn anchors_are_the_same_as_on_github() {
        assert_eq!(
            anchors("## Who may ask what?\n\n### `POST /api/x`"),
            ["who-may-ask-what", "post-apix"]
        );
    }
}
