//! Writes `target/site`, the folder of files that the server serves unchanged: each file with its compressed copies.

use crate::compress::{Effort, brotli, gzip, shrinks};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the site: its path in the site, with `/`, and its content.
pub type BuiltFile = (String, Vec<u8>);

/// Writes `files` and their compressed copies to the folder, and removes every other file from it.
///
/// # Errors
/// If the folder cannot be read or written.
pub fn write(site: &Path, files: &[BuiltFile], effort: impl Fn(&str) -> Effort) -> Result<()> {
    let mut expected = BTreeSet::new();
    for (name, bytes) in files {
        let path = site.join(name);
        let packed = shrinks(name).then(|| [beside(&path, "br"), beside(&path, "gz")]);
        let is_packed = packed.iter().flatten().all(|copy| copy.exists());
        // Compressing takes nearly all of the time, so we skip files that have not changed since last time.
        let is_fresh = write_if_changed(&path, bytes)? && is_packed;
        if let Some([br, gz]) = packed.as_ref().filter(|_| !is_fresh) {
            fs::write(br, brotli(bytes, effort(name))?)?;
            fs::write(gz, gzip(bytes)?)?;
        }
        expected.extend(packed.into_iter().flatten());
        expected.insert(path);
    }
    remove_others(site, &expected)
}

/// The path of a compressed copy: `snug.css.br` for `snug.css`.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Lists the files of a folder as files of the site below `prefix` (empty for the root of the site). If the folder does not
/// exist, the list is empty.
pub fn files_below(folder: &Path, prefix: &str) -> Result<Vec<BuiltFile>> {
    let mut files = Vec::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let within = if prefix.is_empty() {
            name.to_string()
        } else {
            format!("{prefix}/{name}")
        };
        if path.is_dir() {
            files.extend(files_below(&path, &within)?);
        } else {
            files.push((
                within,
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?,
            ));
        }
    }
    Ok(files)
}

/// Writes the file unless it already has these bytes. Returns true if the file already had them.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|last| last == bytes) {
        return Ok(true);
    }
    fs::create_dir_all(path.parent().context("the path has no folder")?)?;
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(false)
}

fn remove_others(folder: &Path, expected: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, expected)?;
        } else if !expected.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{files_below, write};
    use crate::compress::Effort;

    fn names(site: &std::path::Path) -> Vec<String> {
        let mut names: Vec<String> = files_below(site, "")
            .expect("can be read")
            .into_iter()
            .map(|file| file.0)
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_second_build_removes_the_files_of_the_first() {
        let site = std::env::temp_dir().join(format!("snug-site-{}", std::process::id()));
        let best = |_: &str| Effort::Best;
        write(&site, &[("pkg/snug.1.css".into(), b"a{}".to_vec())], best).expect("writes");
        assert_eq!(
            names(&site),
            ["pkg/snug.1.css", "pkg/snug.1.css.br", "pkg/snug.1.css.gz"]
        );
        write(
            &site,
            &[("pkg/snug.2.css".into(), b"b{}".to_vec()), ("face.png".into(), vec![1])],
            best,
        )
        .expect("writes");
        assert_eq!(
            names(&site),
            ["face.png", "pkg/snug.2.css", "pkg/snug.2.css.br", "pkg/snug.2.css.gz"]
        );
        std::fs::remove_dir_all(site).expect("can be removed");
    }
}
