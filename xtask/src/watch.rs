//! `cargo xtask dev`: builds Snug, starts the server, and does both again whenever a file changes.

use crate::compile::cargo;
use crate::front::{self, Build};
use crate::places::{NAME, Places};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// The files to watch, and the folders to watch with everything in them.
const WATCHED: [&str; 7] = [
    "src",
    "style",
    "public",
    "migrations",
    "Cargo.toml",
    "Cargo.lock",
    "Leptos.toml",
];
/// The time between two looks at all files. Looking costs almost nothing, and needs no file-watching API of the system.
const PAUSE: Duration = Duration::from_millis(500);

type FileTimes = BTreeMap<PathBuf, SystemTime>;

/// Runs until it is stopped with Ctrl-C. If a build fails, this prints the error, and the server of the last good build keeps
/// running.
///
/// # Errors
/// If the sources cannot be read.
pub fn develop(places: &Places) -> Result<()> {
    let mut server = None;
    let mut seen = FileTimes::new();
    loop {
        let now = times(places)?;
        if now != seen {
            let only_looks = !seen.is_empty() && changed(&seen, &now).all(|path| is_looks(places, path));
            seen = now;
            match build(places, only_looks) {
                Ok(()) => restart(places, &mut server)?,
                Err(error) => eprintln!("error: {error:#}. Waiting for the next change."),
            }
        }
        sleep(PAUSE);
    }
}

fn build(places: &Places, only_looks: bool) -> Result<()> {
    if only_looks {
        return front::restyle(places);
    }
    front::build(places, &Build::Quick)?;
    if !cargo(places)
        .args(["build", "--release", "--features", "ssr"])
        .status()?
        .success()
    {
        bail!("the server does not compile");
    }
    Ok(())
}

/// Stops the server and starts it again. The server reads the site from its folder, so that a change of style needs no new program. It
/// still has to start again, because pages name their files by hashes that it reads at the start.
fn restart(places: &Places, server: &mut Option<Child>) -> Result<()> {
    if let Some(mut last) = server.take() {
        // SIGTERM lets the server close its sockets properly. The standard library can only send SIGKILL.
        let asked = Command::new("kill")
            .arg(last.id().to_string())
            .status()
            .is_ok_and(|status| status.success());
        if !asked {
            last.kill()?;
        }
        last.wait()?;
    }
    let program = places.target.join("release").join(NAME);
    let started = Command::new(&program)
        .current_dir(&places.root)
        .env("LEPTOS_SITE_ROOT", places.site())
        .spawn();
    *server = Some(started.with_context(|| format!("cannot start {}", program.display()))?);
    Ok(())
}

fn times(places: &Places) -> Result<FileTimes> {
    let mut times = FileTimes::new();
    for name in WATCHED {
        add_times(&places.root.join(name), &mut times)?;
    }
    Ok(times)
}

/// Adds the times of a file, or of all files in a folder. A file that an editor is replacing may be missing for a moment;
/// that counts as a change.
fn add_times(path: &Path, times: &mut FileTimes) -> Result<()> {
    let Ok(about) = path.metadata() else { return Ok(()) };
    if about.is_dir() {
        for entry in std::fs::read_dir(path)? {
            add_times(&entry?.path(), times)?;
        }
    } else {
        times.insert(path.to_owned(), about.modified()?);
    }
    Ok(())
}

/// The files that were added, removed or written between `before` and `after`. A file can occur twice.
fn changed<'a>(before: &'a FileTimes, after: &'a FileTimes) -> impl Iterator<Item = &'a PathBuf> {
    let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
    before.keys().chain(after.keys()).filter(differs)
}

fn is_looks(places: &Places, path: &Path) -> bool {
    ["style", "public"]
        .iter()
        .any(|folder| path.starts_with(places.root.join(folder)))
}

#[cfg(test)]
mod tests {
    use super::{FileTimes, changed};
    use std::time::{Duration, SystemTime};

    #[test]
    fn added_removed_and_written_files_have_changed() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let before = FileTimes::from([
            ("same".into(), at(1)),
            ("gone".into(), at(1)),
            ("written".into(), at(1)),
        ]);
        let after = FileTimes::from([("same".into(), at(1)), ("written".into(), at(2)), ("new".into(), at(1))]);
        let mut names: Vec<_> = changed(&before, &after)
            .map(|path| path.display().to_string())
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(names, ["gone", "new", "written"]);
    }
}
