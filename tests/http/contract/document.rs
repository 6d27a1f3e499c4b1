//! Helpers that write Markdown for `docs/protocol.md`, and the comparison of that golden file with the program.

use std::path::{Path, PathBuf};

const PAGE: &str = "docs/protocol.md";
const REGENERATE: &str = "UPDATE_GOLDEN=1 cargo test --release --package http-tests contract";

/// The path of a file of the repository.
pub fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A heading and sentences below it.
pub fn section(title: &str, text: &str) -> String {
    format!("\n## {title}\n\n{text}\n")
}

/// A table with a head and rows.
pub fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(N));
    let rows: String = rows
        .into_iter()
        .map(|cells| line(&cells.map(|cell| cell.replace('|', "\\|"))))
        .collect();
    format!("\n{head}{rows}")
}

pub fn code(text: impl AsRef<str>) -> String {
    format!("`{}`", text.as_ref())
}

/// Asserts that the page is equal to the stored file. If `UPDATE_GOLDEN` is set, writes the file first.
pub fn compare(page: &str) {
    let path = in_repository(PAGE);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, page).expect("docs/protocol.md can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differences = differences(&written, page);
    assert!(
        written == page,
        "{PAGE} does not describe the program:\n{differences}\nThe protocol must not change by accident. If you mean \
         to change it, run {REGENERATE} and read the difference."
    );
}

/// The lines that only one of the two texts has: `-` marks the lines of `written`, and `+` those of `page`.
fn differences(written: &str, page: &str) -> String {
    let only = |mark: &str, of: &str, other: &str| {
        let lines = of.lines().filter(|line| !other.lines().any(|known| known == *line));
        lines.map(|line| format!("{mark} {line}\n")).collect::<String>()
    };
    only("-", written, page) + &only("+", page, written)
}
