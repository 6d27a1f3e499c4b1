//! Checks that each type name is defined only once in the workspace, so that a search for it finds one thing.

use super::source::{Word, words};
use std::collections::BTreeMap;

/// Names that may be defined more than once, each with the reason. At most five.
const ALLOWED: &[(&str, &str)] = &[];

/// Where a type is defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    pub name: String,
    pub file: String,
    /// Counted from 1.
    pub line: usize,
}

/// Lists the structs, enums, traits, unions and type aliases that `source` defines. Associated types do not count.
pub fn definitions(file: &str, source: &str) -> Vec<Definition> {
    let words = words(source);
    let mut scopes: Vec<bool> = vec![];
    let mut in_implementation = false;
    let mut found = vec![];
    for (at, word) in words.iter().enumerate() {
        match word.text.as_str() {
            "impl" | "trait" if begins_item(&words, at) => in_implementation = true,
            "{" => scopes.push(std::mem::take(&mut in_implementation)),
            "}" => drop(scopes.pop()),
            ";" if scopes.last() != Some(&true) => in_implementation = false,
            _ => {}
        }
        let is_associated = word.text == "type" && scopes.contains(&true);
        if is_definition(&words, at) && !is_associated {
            let name = &words[at + 1];
            found.push(Definition {
                name: name.text.clone(),
                file: file.to_owned(),
                line: name.line,
            });
        }
    }
    found
}

/// One sentence for each definition after the first one of the same name.
pub fn find_repeated(all: &[Definition]) -> Vec<String> {
    let mut by_name: BTreeMap<&str, Vec<&Definition>> = BTreeMap::new();
    for definition in all {
        by_name.entry(&definition.name).or_default().push(definition);
    }
    by_name
        .into_iter()
        .filter(|(name, places)| places.len() > 1 && !ALLOWED.iter().any(|(allowed, _)| allowed == name))
        .flat_map(|(name, places)| {
            let first = places[0];
            let again = move |one: &&Definition| {
                let (file, line) = (&one.file, one.line);
                format!(
                    "{file}:{line}: the type `{name}` is also defined in {}: give each type its own name",
                    first.file
                )
            };
            places[1..].iter().map(again).collect::<Vec<_>>()
        })
        .collect()
}

fn is_definition(words: &[Word], at: usize) -> bool {
    let is_keyword = matches!(words[at].text.as_str(), "struct" | "enum" | "trait" | "type" | "union");
    let named = words.get(at + 1).and_then(|word| word.text.chars().next());
    is_keyword && named.is_some_and(char::is_uppercase) && begins_item(words, at)
}

/// Whether an item begins here: the word before it is its visibility, the end of an attribute, or the end of the
/// previous item.
fn begins_item(words: &[Word], at: usize) -> bool {
    at == 0
        || matches!(
            words[at - 1].text.as_str(),
            "}" | ";" | "{" | "]" | ")" | "pub" | "unsafe" | "default"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<String> {
        let found = definitions("src/a.rs", source);
        found.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn every_kind_of_type_is_found_in_every_place() {
        let source = "pub struct A; enum B {} pub(super) trait C {} type D = u8;\n#[derive(Debug)]\nstruct E(u8);\nmod tests { struct F; }";
        assert_eq!(names(source), ["A", "B", "C", "D", "E", "F"]);
    }

    #[test]
    fn associated_types_and_uses_of_types_define_nothing() {
        let source =
            "impl Iterator for A { type Item = u8; fn f(&self) -> B { B } }\ntrait T { type X; }\nfn f(x: &dyn T) {}";
        assert_eq!(names(source), ["T"]);
    }

    #[test]
    fn a_name_that_is_defined_again_is_refused_with_both_places() {
        let mut all = definitions("src/a.rs", "struct A;\nstruct B;");
        all.extend(definitions("src/b.rs", "\nenum A {}"));
        let found = find_repeated(&all);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("src/b.rs:2:") && found[0].contains("src/a.rs"),
            "{found:?}"
        );
    }

    #[test]
    fn at_most_five_names_are_exempt() {
        assert!(ALLOWED.len() <= 5);
        assert!(ALLOWED.iter().all(|(_, reason)| !reason.is_empty()));
    }
}
