//! Bundles `style/main.css` and everything it imports into one minified sheet.

use crate::places::Places;
use anyhow::{Result, anyhow, bail};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions};
use lightningcss::targets::Targets;

/// Follows every `@import` and returns the minified sheet.
///
/// Nothing is rewritten for older browsers: `oklch()`, `light-dark()` and nesting stay as they are.
///
/// # Errors
/// If a sheet is missing or does not parse. The error names the file and the line.
pub fn bundle(places: &Places) -> Result<String> {
    let main = places.root.join("style/main.css");
    if !main.exists() {
        bail!("there is no style/main.css");
    }
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler
        .bundle(&main)
        .map_err(|error| anyhow!("the styles do not build: {error}"))?;
    sheet
        .minify(MinifyOptions::default())
        .map_err(|error| anyhow!("the styles cannot be minified: {error}"))?;
    let printed = sheet.to_css(PrinterOptions {
        minify: true,
        targets: Targets::default(),
        ..PrinterOptions::default()
    });
    Ok(printed
        .map_err(|error| anyhow!("the styles cannot be printed: {error}"))?
        .code)
}

#[cfg(test)]
mod tests {
    use super::bundle;
    use crate::places::Places;
    use std::fs;
    use std::path::PathBuf;

    /// Writes `files` to a temporary folder and bundles them.
    fn bundled(name: &str, files: &[(&str, &str)]) -> anyhow::Result<String> {
        let root: PathBuf = std::env::temp_dir().join(format!("snug-style-{name}-{}", std::process::id()));
        fs::create_dir_all(root.join("style/components"))?;
        for (path, text) in files {
            fs::write(root.join("style").join(path), text)?;
        }
        let sheet = bundle(&Places {
            target: root.join("target"),
            root: root.clone(),
        });
        fs::remove_dir_all(root)?;
        sheet
    }

    #[test]
    fn imports_are_followed_into_their_layers() {
        let main = "@layer base, components;\n@import \"components/face.css\" layer(components);";
        let sheet = bundled(
            "imports",
            &[("main.css", main), ("components/face.css", ".face { gap: 0.50rem; }")],
        );
        assert_eq!(
            sheet.expect("it builds"),
            "@layer base;@layer components{.face{gap:.5rem}}"
        );
    }

    #[test]
    fn modern_css_is_not_rewritten() {
        let main = ":root { color: light-dark(oklch(0.2 0.1 50), oklch(0.9 0.1 50)); & .a { inset-inline: 1px; } }";
        let sheet = bundled("modern", &[("main.css", main)]).expect("it builds");
        for kept in ["light-dark(", "oklch(", "& .a{", "inset-inline:"] {
            assert!(sheet.contains(kept), "{kept} is not in {sheet}");
        }
    }

    #[test]
    fn an_error_names_its_file() {
        let fault = bundled("fault", &[("main.css", "@import \"components/gone.css\";")]).expect_err("it is gone");
        assert!(fault.to_string().contains("main.css"), "{fault}");
    }
}
