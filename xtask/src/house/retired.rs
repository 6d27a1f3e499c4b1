//! Finds names that contain a retired word, which is a word that we have replaced by a clearer one.

use super::source::words;

/// A retired word.
pub struct Retired {
    /// The word with its plural and verb forms, in lower case.
    pub forms: &'static [&'static str],
    /// The name to use instead.
    pub instead: &'static str,
}

/// One entry for each word; `docs/decisions/0001-names.md` maps every old name to the new one.
pub const RETIRED: &[Retired] = &[
    Retired {
        forms: &["hall", "halls"],
        instead: "RoomRegistry, registry",
    },
    Retired {
        forms: &["crowd", "crowds", "crowded", "crowding"],
        instead: "ConnectionLimiter",
    },
    Retired {
        forms: &["wish", "wishes", "wished", "wishing"],
        instead: "StageRequest",
    },
    Retired {
        forms: &["convoy", "convoys"],
        instead: "rotation_batch",
    },
    Retired {
        forms: &["keeper", "keepers"],
        instead: "RoomOwner, owner",
    },
    Retired {
        forms: &["patience", "patiences", "patient", "impatient", "patiently"],
        instead: "SignalLimiter or RetryPolicy",
    },
    Retired {
        forms: &["easel", "easels"],
        instead: "PictureWorkers",
    },
    Retired {
        forms: &["gallery", "galleries"],
        instead: "AvatarStore",
    },
    Retired {
        forms: &["hang", "hangs", "hung", "hanging", "hanger", "hangings"],
        instead: "AvatarStore::put",
    },
    Retired {
        forms: &["worn", "wear", "wears", "wearing", "wearer", "wearers"],
        instead: "current",
    },
    Retired {
        forms: &["lane", "lanes"],
        instead: "RtpRewriter",
    },
    Retired {
        forms: &["bury", "buries", "buried", "burial", "burials", "burying"],
        instead: "mark_revoked, RevokedSessions",
    },
    Retired {
        forms: &["dressed", "dress", "dresses", "dressing"],
        instead: "HeaderInjector",
    },
];

/// Pairs of words that are allowed although the first word is retired, because a call or a socket can hang up.
const ALLOWED: &[[&str; 2]] = &[["hang", "up"], ["hangs", "up"], ["hung", "up"]];

/// Lists the names of one file that contain a retired word, with their lines. Names are the parts of its path, the
/// identifiers of Rust, and the names in a style sheet. Comments and strings do not count.
pub fn find_retired(file: &str, source: &str, retired: &[Retired]) -> Vec<(usize, String)> {
    let in_path = file.split(['/', '.']).map(|part| (1, part.to_owned()));
    let in_source = match file.ends_with(".css") {
        true => names_of_style(source),
        false => words(source).into_iter().map(|word| (word.line, word.text)).collect(),
    };
    let mut found: Vec<(usize, String)> = in_path
        .chain(in_source)
        .filter_map(|(line, name)| Some((line, refusal(&name, retired)?)))
        .collect();
    found.sort();
    found.dedup();
    found
}

fn refusal(name: &str, retired: &[Retired]) -> Option<String> {
    let parts = parts_of(name);
    let is_allowed = |at: usize| {
        parts
            .get(at + 1)
            .is_some_and(|next| ALLOWED.iter().any(|pair| pair[0] == parts[at] && pair[1] == next))
    };
    let entry = (0..parts.len())
        .filter(|at| !is_allowed(*at))
        .find_map(|at| retired.iter().find(|entry| entry.forms.contains(&parts[at].as_str())))?;
    Some(format!(
        "`{name}` contains a retired word: use {} (docs/decisions/0001-names.md)",
        entry.instead
    ))
}

/// The words in a name, in lower case: `EaselPlace`, `EASEL_PLACE` and `easel-place` each have two
/// words.
pub fn parts_of(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![];
    let mut before = '_';
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let next_is_lower = rest.peek().is_some_and(|next| next.is_lowercase());
        let begins = c.is_alphanumeric()
            && (!before.is_alphanumeric() || (c.is_uppercase() && (before.is_lowercase() || next_is_lower)));
        match (begins, c.is_alphanumeric(), parts.last_mut()) {
            (true, ..) | (_, true, None) => parts.push(c.to_lowercase().collect()),
            (false, true, Some(last)) => last.extend(c.to_lowercase()),
            (false, false, _) => {}
        }
        before = c;
    }
    parts
}

/// The names in a style sheet (classes, attributes, custom properties, keyframes), with their lines.
fn names_of_style(source: &str) -> Vec<(usize, String)> {
    let mut in_comment = false;
    let mut names = vec![];
    for (number, line) in source.lines().enumerate() {
        let mut text = String::new();
        let mut rest = line;
        while !rest.is_empty() {
            let mark = if in_comment { "*/" } else { "/*" };
            let (part, after) = rest.split_once(mark).unwrap_or((rest, ""));
            if !in_comment {
                text.push_str(part);
            }
            in_comment ^= rest.contains(mark);
            rest = after;
        }
        let is_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let found = text.split(|c| !is_name(c)).filter(|name| !name.is_empty());
        names.extend(found.map(|name| (number + 1, name.to_owned())));
    }
    names
}

#[cfg(test)]
#[path = "retired_tests.rs"]
mod tests;
