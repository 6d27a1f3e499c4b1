//! Renders the reference of all keys as a TOML file, for `snug config print`.

use super::all_config_keys::KEYS;
use super::config_key::{ConfigKey, DefaultValue};

const INTRODUCTION: &str = "\
# Every key of Snug's configuration. Each value is the default.
#
# Snug reads these tables from Leptos.toml in the folder where it starts, or from the file that `--config` names. An
# environment variable overrides its key. In a variable, separate the entries of a list with commas. `snug config check`
# reports all problems of a configuration.
";

/// The greatest width of a comment, in characters.
const WIDTH: usize = 110;

pub(super) fn render() -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut table = "";
    for key in KEYS {
        text.push('\n');
        if key.table() != table {
            table = key.table();
            text += &format!("[snug.{table}]\n");
        }
        text += &render_key(key);
    }
    text
}

fn render_key(key: &ConfigKey) -> String {
    let (about, line) = match key.default {
        DefaultValue::Is(value) => (key.doc.to_owned(), format!("{} = {value}", key.name())),
        DefaultValue::Unset { means, example } => (
            format!("{} If it is not set: {means}.", key.doc),
            format!("# {} = {example}", key.name()),
        ),
    };
    format!("{}# Variable: {}\n{line}\n", comment(&about), key.variable())
}

/// Wraps the text into lines that begin with `#` and have at most [`WIDTH`] characters.
fn comment(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines += &line;
            lines.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line += word;
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::draft::Draft;
    use super::*;
    use toml::{Table, Value};

    fn keys_of(text: &str) -> Vec<String> {
        let file: Table = text.parse().expect("TOML");
        let tables = file["snug"].as_table().expect("a table");
        let keys = |(table, keys): (&String, &Value)| {
            let keys = keys.as_table().expect("a table");
            keys.keys().map(|key| format!("{table}.{key}")).collect::<Vec<_>>()
        };
        tables.iter().flat_map(keys).collect()
    }

    #[test]
    fn the_reference_sets_every_key_that_has_a_default() {
        let mut wanted: Vec<String> = KEYS
            .iter()
            .filter(|key| matches!(key.default, DefaultValue::Is(_)))
            .map(|key| key.path.to_owned())
            .collect();
        wanted.sort();
        assert_eq!(keys_of(&render()), wanted);
    }

    #[test]
    fn the_reference_shows_every_key_with_its_variable() {
        let text = render();
        for key in KEYS {
            let set = format!("\n# Variable: {}\n{} = ", key.variable(), key.name());
            let unset = format!("\n# Variable: {}\n# {} = ", key.variable(), key.name());
            assert!(text.contains(&set) || text.contains(&unset), "{}", key.label());
        }
    }

    #[test]
    fn examples_can_be_read() {
        for key in KEYS {
            if let DefaultValue::Unset { example, .. } = key.default {
                let file: Table = format!("value = {example}").parse().expect("TOML");
                assert_eq!((key.set)(&mut Draft::default(), &file["value"]), Ok(()), "{}", key.path);
            }
        }
    }

    #[test]
    fn comments_are_wrapped() {
        assert_eq!(comment("one two"), "# one two\n");
        let long = comment(&"word ".repeat(60));
        assert!(long.lines().count() > 1 && long.lines().all(|line| line.starts_with("# ") && line.len() <= WIDTH));
    }
}
