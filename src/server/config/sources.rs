//! Finds the value of each key, first in the environment and then in the file. Also lists the names that Snug does not know.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use toml::{Table, Value};

use super::all_config_keys::KEYS;
use super::config_key::ConfigKey;

/// Leptos's own variable for the address that the server listens on.
const SITE_ADDR: &str = "LEPTOS_SITE_ADDR";

/// The value of one key, and where it was found.
pub(super) struct Setting {
    pub key: &'static ConfigKey,
    pub value: Value,
    place: &'static str,
}

/// A key, such as `public.domains`, and its value as text, both from the command line. It overrides the file and the environment.
pub type GivenArgument = (&'static str, String);

#[derive(Default)]
pub(super) struct Found {
    pub settings: Vec<Setting>,
    pub site: Option<SocketAddr>,
    pub problems: Vec<String>,
    pub warnings: Vec<String>,
}

impl Setting {
    /// The whole message about a value that was refused. `sentence` is the part after the key's label.
    pub fn problem(&self, sentence: &str) -> String {
        let label = self.key.label();
        match (&self.value, self.key.secret) {
            (_, true) => format!("{label} {sentence}. Its value, from {}, is not shown here.", self.place),
            (value, false) => format!("{label} {sentence}; it is {value}, from {}.", self.place),
        }
    }
}

/// Finds the values of all keys. An empty value counts as not set, both in the file and in the environment.
pub(super) fn find_settings(
    file_text: &str,
    env: impl IntoIterator<Item = (String, String)>,
    arguments: &[GivenArgument],
) -> Found {
    let mut found = Found::default();
    let file = parse_file(file_text, &mut found.problems);
    let snug = file.get("snug").and_then(Value::as_table).cloned().unwrap_or_default();
    let env: BTreeMap<String, String> = env.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
    let find = |key| find_argument(key, arguments).or_else(|| find_setting(key, &snug, &env));
    found.settings = KEYS.iter().filter_map(find).collect();
    found.warnings = [unknown_keys(&file, &snug), unknown_variables(env.keys())].concat();
    match find_site(&file, &env) {
        Ok(site) => found.site = site,
        Err(problem) => found.problems.push(problem),
    }
    found
}

/// For a syntax error, reports only the error's `message()`. The error's `Display` also shows the line of the file, which may
/// contain a password.
fn parse_file(text: &str, problems: &mut Vec<String>) -> Table {
    text.parse().unwrap_or_else(|error: toml::de::Error| {
        let end = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = 1 + text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count();
        problems.push(format!(
            "Leptos.toml, line {line}, cannot be read as TOML: {}.",
            error.message()
        ));
        Table::new()
    })
}

fn find_argument(key: &'static ConfigKey, arguments: &[GivenArgument]) -> Option<Setting> {
    let (_, text) = arguments.iter().find(|(path, _)| *path == key.path)?;
    Some(Setting {
        key,
        value: Value::String(text.clone()),
        place: "the command line",
    })
}

fn find_setting(key: &'static ConfigKey, snug: &Table, env: &BTreeMap<String, String>) -> Option<Setting> {
    if let Some(text) = env.get(&key.variable()) {
        return Some(Setting {
            key,
            value: Value::String(text.clone()),
            place: "the environment",
        });
    }
    let value = snug.get(key.table())?.get(key.name())?;
    let is_set = value.as_str().is_none_or(|text| !text.trim().is_empty());
    is_set.then(|| Setting {
        key,
        value: value.clone(),
        place: "Leptos.toml",
    })
}

fn find_site(file: &Table, env: &BTreeMap<String, String>) -> Result<Option<SocketAddr>, String> {
    let in_file = || {
        let leptos = file.get("package")?.get("metadata")?.get("leptos")?;
        leptos.get("site-addr")?.as_str()
    };
    let Some(text) = env.get(SITE_ADDR).map(String::as_str).or_else(in_file) else {
        return Ok(None);
    };
    match text.trim().parse::<SocketAddr>() {
        Ok(address) => Ok(Some(address)),
        Err(_) => Err(format!(
            "[package.metadata.leptos] site-addr ({SITE_ADDR}) should be an IP address and a port such as \
             127.0.0.1:3000; it is {text:?}."
        )),
    }
}

fn unknown_variables<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let known: Vec<String> = KEYS.iter().map(ConfigKey::variable).collect();
    names
        .filter(|name| name.starts_with("SNUG_") && !known.contains(name))
        .map(|name| format!("Snug does not know the variable {name}.{}", did_you_mean(name, &known)))
        .collect()
}

/// All of Snug's tables are under `snug`; `package` belongs to Leptos.
fn unknown_keys(file: &Table, snug: &Table) -> Vec<String> {
    let known: Vec<String> = KEYS.iter().map(|key| key.path.to_owned()).collect();
    let top = file.keys().filter(|name| !matches!(name.as_str(), "snug" | "package"));
    let top = top.map(|name| {
        let hint = KEYS
            .iter()
            .find(|key| key.table() == name)
            .map(|_| format!(" Did you mean [snug.{name}]?"));
        format!(
            "Snug does not know {name:?} in Leptos.toml.{}",
            hint.unwrap_or_default()
        )
    });
    let below = paths(snug).into_iter().filter(|path| !known.contains(path));
    let below = below.map(|path| {
        format!(
            "Snug does not know snug.{path} in Leptos.toml.{}",
            did_you_mean(&path, &known)
        )
    });
    top.chain(below).collect()
}

/// `table.name` for every key of every table; the bare name for a key outside of a table.
fn paths(snug: &Table) -> Vec<String> {
    let of_table = |(table, value): (&String, &Value)| match value.as_table() {
        Some(keys) => keys.keys().map(|name| format!("{table}.{name}")).collect(),
        None => vec![table.clone()],
    };
    snug.iter().flat_map(of_table).collect()
}

fn did_you_mean(name: &str, known: &[String]) -> String {
    let nearest = known.iter().min_by_key(|known| edits_between(name, known));
    nearest.map_or_else(String::new, |nearest| format!(" The nearest name is {nearest}."))
}

/// The Levenshtein distance: the number of characters to add, remove or change to get from one text to the other.
fn edits_between(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_edits() {
        assert_eq!(edits_between("kitten", "sitting"), 3);
        assert_eq!(edits_between("", "abc"), 3);
        assert_eq!(edits_between("abc", "abc"), 0);
    }
}
