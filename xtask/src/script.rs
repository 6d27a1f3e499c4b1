//! Makes the script of wasm-bindgen, with what we add to it, smaller.

use anyhow::{Result, bail};

/// Removes the lines that are only comments, and the indentation. This makes the packed script 2 kB smaller. Names stay as they are,
/// because no well-kept minifier of JavaScript is small enough for this build.
///
/// # Errors
/// If the script has something behind a comment on the same line, or a text in backticks over several lines, in which spaces could have
/// a meaning.
pub fn without_comments(script: &str) -> Result<String> {
    let mut is_in_comment = false;
    let mut kept = String::new();
    for line in script.lines().map(str::trim) {
        if is_in_comment || line.starts_with("/*") {
            is_in_comment = !line.ends_with("*/");
            if is_in_comment && line.contains("*/") {
                bail!("the script has something behind a comment, in {line}");
            }
            continue;
        }
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        if line.matches('`').count() % 2 == 1 {
            bail!("the script has a text in backticks over several lines, near {line}");
        }
        kept.push_str(line);
        kept.push('\n');
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn lines_that_are_only_comments_go_and_all_others_stay() {
        let script = "/**\n * @returns {number}\n */\n  get a() { // why\n\n    return '/* b */';\n  }\n/* c */\n// d\nlet e = `f`;";
        let expected = "get a() { // why\nreturn '/* b */';\n}\nlet e = `f`;\n";
        assert_eq!(without_comments(script).expect("it is simple"), expected);
    }

    #[test]
    fn what_could_be_code_in_a_comment_or_a_text_over_several_lines_is_refused() {
        assert!(without_comments("/* a */ b();").is_err());
        assert!(without_comments("a(`b\n  c`);").is_err());
    }
}
