//! Names that pages use in browsers. They appear only in the source, so this test reads the source.

use super::document::{code, in_repository, section, table};
use std::{collections::BTreeSet, fs, path::Path};

/// The header with the id of the user for whom a page acts. `docs/protocol.md` describes this header under "Headers of requests".
pub const FOR_USER: &str = "snug-for-user";

/// Pieces of code, each with a use. If a file contains the piece of code, the `snug-` names in that file have this use.
const USES: [(&str, &str); 4] = [
    ("\"locks\"", "Web Lock"),
    ("BroadcastChannel::new(", "Broadcast channel"),
    ("page::remember(", "Local storage"),
    ("tab::remember(", "Session storage"),
];

pub fn describe() -> String {
    section(
        "Names in browsers",
        "All tabs of a browser share these names, including tabs that were loaded from an older version of Snug. Only the \
         session\nstorage belongs to one tab. The attribute tells tests and other programs that a page reacts to clicks.",
    ) + &table(
        ["Name", "Use"],
        names().into_iter().map(|(name, used)| [code(name), used]),
    )
}

/// Every Rust file of the program: its path, and its text before the first `#[cfg(test)]`.
pub fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    read_folder(&in_repository("src"), &mut found);
    found.sort();
    found
}

fn names() -> BTreeSet<(String, String)> {
    let sources = sources();
    let mut names = BTreeSet::new();
    // The server uses other names with this beginning, such as those of files.
    let in_browsers = sources.iter().filter(|(path, _)| !path.contains("/src/server/"));
    for (path, text) in in_browsers {
        for name in literals(text).filter(|name| *name != FOR_USER) {
            let used = USES.iter().find(|(mark, _)| text.contains(mark)).map(|(_, used)| *used);
            let used = used.unwrap_or_else(|| panic!("no known use for {name} in {path}"));
            names.insert((name.to_owned(), used.to_owned()));
        }
    }
    let mark = sources
        .iter()
        .any(|(_, text)| text.contains("set_attribute(\"data-hydrated\""));
    assert!(mark, "nothing sets data-hydrated");
    names.insert((
        "data-hydrated".to_owned(),
        "Attribute of `body`, set once the page is ready. Its value is `mounted` if the program made the page again"
            .to_owned(),
    ));
    names
}

/// The string literals that begin with `snug-`.
fn literals(text: &str) -> impl Iterator<Item = &str> {
    let rests = text.split("\"snug-").skip(1).zip(text.match_indices("\"snug-"));
    rests.filter_map(move |(rest, (at, _))| {
        let end = rest.find('"')?;
        let name = &text[at + 1..at + 6 + end];
        let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_name.then_some(name)
    })
}

fn read_folder(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("the sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_folder(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            found.push((path.display().to_string(), text.to_owned()));
        }
    }
}
