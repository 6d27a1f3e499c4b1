//! `cargo xtask dev`: builds, serves, and does both again whenever a file changes.

use crate::compile::cargo;
use crate::front::{self, Build};
use crate::places::{NAME, Places};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// What is looked at: folders with all below them, and single files.
const WATCHED: [&str; 7] = [
    "src",
    "style",
    "public",
    "migrations",
    "Cargo.toml",
    "Cargo.lock",
    "Leptos.toml",
];
/// Asking the disk twice a second costs next to nothing and needs no tool of the system's.
const PAUSE: Duration = Duration::from_millis(500);

type FileTimes = BTreeMap<PathBuf, SystemTime>;

/// Runs until it is stopped with Ctrl-C. What does not build is said, and the last good server goes on.
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

/// The server holds the site in memory, so it starts anew also for a style.
fn restart(places: &Places, server: &mut Option<Child>) -> Result<()> {
    if let Some(mut last) = server.take() {
        // Asked, not killed, so that it can say goodbye to open sockets; std itself can only kill.
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
    let started = Command::new(&program).current_dir(&places.root).spawn();
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

/// A file that an editor is just replacing may be gone for a moment: that is a change like any other.
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

/// The files that came, went or were written between the two.
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
    fn what_came_went_or_was_written_has_changed() {
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
