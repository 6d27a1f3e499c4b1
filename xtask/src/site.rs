//! `target/site`: what the server serves as it is, each file beside its packed copies, and nothing from last time.

use crate::compress::{Effort, brotli, gzip, shrinks};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the site: its path below the top, with `/`, and its content.
pub type BuiltFile = (String, Vec<u8>);

/// Makes the folder hold `files` and their packed copies, and no other file.
///
/// # Errors
/// If the disk refuses.
pub fn write(site: &Path, files: &[BuiltFile], effort: impl Fn(&str) -> Effort) -> Result<()> {
    let mut expected = BTreeSet::new();
    for (name, bytes) in files {
        let path = site.join(name);
        let packed = shrinks(name).then(|| [beside(&path, "br"), beside(&path, "gz")]);
        let is_packed = packed.iter().flatten().all(|copy| copy.exists());
        // What has not changed was packed last time, and packing is what takes the time.
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

/// The path of a packed copy: `snug.css` has `snug.css.br` beside it.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Lists the files of a folder, if it exists, as files of the site below `prefix` (empty for its top).
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

/// True if the file already held these bytes.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|last| last == bytes) {
        return Ok(true);
    }
    fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
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
    fn a_second_build_leaves_nothing_of_the_first() {
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
