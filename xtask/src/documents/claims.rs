//! Checks the claims of a document: that the paths, commands, variables, addresses and names in it
//! exist.

use super::{
    markdown::{Document, anchors},
    project::Project,
};

/// Paths that need not exist in the project: a build, a run or a test creates them, or they are on
/// an operator's machine.
const MADE_LATER: [&str; 9] = [
    "target/",
    "dist/",
    "data/",
    "end2end/screenshots",
    "node_modules",
    "/proc",
    "/etc/",
    "/opt/",
    "/var/",
];
/// The endings by which we recognize that a document names a file.
const ENDINGS: [&str; 11] = [
    ".rs", ".md", ".toml", ".sh", ".ts", ".mjs", ".sql", ".css", ".png", ".json", ".txt",
];
/// Programs that are not part of Snug but that the commands in a document can start. We do not
/// check their arguments.
const OF_OTHERS: [&str; 20] = [
    "chown",
    "echo",
    "docker",
    "curl",
    "sqlite3",
    "pg_dump",
    "pg_restore",
    "psql",
    "systemctl",
    "journalctl",
    "sudo",
    "cp",
    "mv",
    "mkdir",
    "scp",
    "tar",
    "git",
    "cd",
    "npx",
    "rustup",
];

/// Lists the false claims of the document, each with its line and a sentence that says what is
/// wrong.
pub fn false_claims(document: &Document, project: &Project) -> Vec<(usize, String)> {
    let code = document
        .code
        .iter()
        .filter_map(|(line, code)| Some((*line, false_code(code, project)?)));
    let commands = document
        .commands
        .iter()
        .filter_map(|(line, command)| Some((*line, false_command(command, project)?)));
    let links = document
        .links
        .iter()
        .filter_map(|(line, link)| Some((*line, false_link(&document.name, link, project)?)));
    code.chain(commands).chain(links).collect()
}

/// Why the claim of a code span is false. `None` if the claim is true, or if we cannot check it.
fn false_code(code: &str, project: &Project) -> Option<String> {
    let first = code.split_whitespace().next().unwrap_or_default();
    if matches!(first, "make" | "cargo" | "snug" | "./snug") || first.starts_with("scripts/") {
        return false_command(code, project);
    }
    if code.contains(char::is_whitespace) {
        return None;
    }
    if is_variable(code) {
        return false_variable(code, project);
    }
    if code.starts_with("/api/") || code.starts_with("/ws/") {
        return false_address(code, project);
    }
    if is_path(code) {
        return (!project.has_path(code)).then(|| format!("there is no `{code}`"));
    }
    false_name(code, project)
}

/// Why a shell command would not work. `None` if we find no reason.
fn false_command(line: &str, project: &Project) -> Option<String> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    let mut words = line.split_whitespace().peekable();
    while let Some((variable, _)) = words.peek().and_then(|word| word.split_once('=')) {
        if !is_variable(variable) {
            break;
        }
        if let Some(sentence) = false_variable(variable, project) {
            return Some(sentence);
        }
        words.next();
    }
    let program = words.next()?;
    let arguments: Vec<&str> = words.take_while(|word| !matches!(*word, "&&" | "|" | ";")).collect();
    match program {
        "make" => false_recipe(arguments.first()?, project),
        "cargo" => false_cargo(&arguments, project),
        "snug" | "./snug" => false_task(&arguments, project),
        script if script.starts_with("scripts/") => {
            (!project.has_path(script)).then(|| format!("there is no {script}"))
        }
        comment if comment.starts_with('#') => None,
        other if OF_OTHERS.contains(&other) => None,
        other => Some(format!(
            "this check does not know the command `{other}`: use another command, or add it to `OF_OTHERS`"
        )),
    }
}

fn false_recipe(recipe: &str, project: &Project) -> Option<String> {
    let line = format!("\n{recipe}:");
    (!project.text("Makefile").contains(&line)).then(|| format!("the Makefile has no recipe `{recipe}`"))
}

fn false_cargo(arguments: &[&str], project: &Project) -> Option<String> {
    match arguments {
        ["xtask", task, ..] => {
            let known = project
                .text("xtask/src/main.rs")
                .contains(&format!("\ncargo xtask {task} "));
            (!known).then(|| format!("there is no `cargo xtask {task}`"))
        }
        _ => {
            let package = arguments
                .windows(2)
                .find_map(|pair| matches!(pair[0], "--package" | "-p").then_some(pair[1]))?;
            let known = project
                .files()
                .any(|(name, text)| name.ends_with("Cargo.toml") && text.contains(&format!("name = \"{package}\"")));
            (!known).then(|| format!("there is no package `{package}`"))
        }
    }
}

/// Checks that docs/protocol.md lists a command of the program `snug`. A test makes sure that this
/// list is the same as in the program.
fn false_task(arguments: &[&str], project: &Project) -> Option<String> {
    // What follows the words of the command is an option, a file or a placeholder.
    let is_word = |word: &&&str| word.starts_with(char::is_lowercase) && !word.contains(['/', '.']);
    let words: Vec<&str> = arguments.iter().take_while(is_word).copied().collect();
    let command = format!("snug {}", words.join(" "));
    let known = words.is_empty() || project.text("docs/protocol.md").contains(&command);
    (!known).then(|| format!("docs/protocol.md has no command `{command}`"))
}

fn is_variable(word: &str) -> bool {
    let is_ours = word.starts_with("SNUG_") || word.starts_with("LEPTOS_");
    is_ours
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Checks that a variable exists. The generated page docs/configuration.md lists the variables of
/// the configuration; all others must occur in a script or a test.
fn false_variable(variable: &str, project: &Project) -> Option<String> {
    let known = project.text("docs/configuration.md").contains(variable) || project.has_identifier(variable);
    (!known).then(|| format!("nothing reads the variable {variable}"))
}

fn false_address(address: &str, project: &Project) -> Option<String> {
    let fixed = address.split(['{', '<', '*', '?']).next().unwrap_or_default();
    // The documents also mention an endpoint that exists only in a test.
    let known = ["docs/protocol.md", "tests/http/guard.rs"].map(|file| project.text(file).contains(fixed));
    (!known.contains(&true)).then(|| format!("docs/protocol.md has no address {address}"))
}

fn is_path(code: &str) -> bool {
    if MADE_LATER.iter().any(|made| code.starts_with(made))
        || code.starts_with('/')
        || code.contains("://")
        || code.contains('@')
    {
        return false;
    }
    let plain = code.chars().all(|c| c.is_alphanumeric() || "_-./*<>".contains(c));
    plain && code.contains('/') && (code.ends_with('/') || ENDINGS.iter().any(|ending| code.ends_with(ending)))
}

/// Checks the path of a type, a function or a module: each part must occur as a word in the
/// program.
fn false_name(code: &str, project: &Project) -> Option<String> {
    let name = code.trim_end_matches("()").trim_end_matches('!');
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    let parts: Vec<&str> = name.split("::").flat_map(|part| part.split('.')).collect();
    if !parts.iter().all(|part| is_name(part)) {
        return None;
    }
    // In examples, a word in capitals is a placeholder for a value.
    let is_placeholder = !name.chars().any(char::is_lowercase);
    let looks_ours = code.contains("::") || code.ends_with("()") || name.chars().next().is_some_and(char::is_uppercase);
    let missing = parts.iter().find(|part| !project.has_identifier(part))?;
    (looks_ours && !is_placeholder).then(|| format!("`{code}`: there is no `{missing}` in the program"))
}

/// Why a link leads nowhere. Links to other sites are not checked.
fn false_link(document: &str, link: &str, project: &Project) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link
        .split_once('#')
        .map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = match path {
        "" => document.to_owned(),
        path => resolve(document, path),
    };
    if !project.has_path(&target) {
        return Some(format!("the link {link} leads nowhere"));
    }
    let anchor = anchor?;
    let known = anchors(project.text(&target)).iter().any(|own| own == anchor);
    (!known).then(|| format!("{target} has no heading for #{anchor}"))
}

/// The target of a link, as a path from the root of the project.
fn resolve(document: &str, path: &str) -> String {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Project {
        Project::of(&[
            ("Makefile", ".PHONY: run\n\nrun: ## serve\n"),
            (
                "src/server/auth/token.rs",
                "pub struct Claims; fn sign_token() {} // SNUG_TEST_X",
            ),
            ("scripts/fuzz.sh", ""),
            ("tests/http/Cargo.toml", "name = \"http-tests\""),
            ("xtask/src/main.rs", "HELP = \"\ncargo xtask house   check"),
            (
                "docs/protocol.md",
                "# Protocol\n\n- `snug config print`\n- `/api/rooms/open`\n",
            ),
            ("docs/configuration.md", "SNUG_DATA_DIR"),
        ])
    }

    #[test]
    fn true_claims_pass() {
        let text = "`src/server/auth/token.rs` `auth/token.rs` `make run` `snug config print` `snug config print FILE` `SNUG_DATA_DIR` `SNUG_TEST_X` \
            `/api/rooms/open` `Claims` `sign_token()` `data/outbox/` `cargo xtask house` [a](docs/protocol.md#protocol) \
            `text/html` `__Host-access`\n\n```sh\nSNUG_DATA_DIR=x make run   # serve\ncargo test --package http-tests NAME\n```\n";
        assert_eq!(false_claims(&Document::parse("README.md", text), &project()), []);
    }

    #[test]
    fn false_claims_are_found() {
        for claim in [
            "`src/server/auth/tokens.rs`",
            "`auth/old/`",
            "`make fly`",
            "`snug config fly`",
            "`SNUG_NOTHING`",
            "`/api/rooms/fly`",
            "`Claim`",
            "`token::verify`",
            "`cargo xtask fly`",
            "`cargo test --package fly`",
            "`scripts/fly.sh`",
            "[a](docs/fly.md)",
            "[a](docs/protocol.md#fly)",
            "```sh\nmake fly\n```",
            "```sh\nfly away\n```",
        ] {
            assert_eq!(
                false_claims(&Document::parse("README.md", claim), &project()).len(),
                1,
                "{claim}"
            );
        }
    }

    #[test]
    fn a_link_is_resolved_from_its_document() {
        assert_eq!(resolve("docs/decisions/0002.md", "../voice.md"), "docs/voice.md");
        assert_eq!(resolve("README.md", "docs/voice.md"), "docs/voice.md");
    }
}
