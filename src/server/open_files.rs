//! The limit on open files of this process. Each connection is an open file, so the limit decides how many connections
//! fit.

use nix::{
    errno::Errno,
    sys::resource::{Resource, getrlimit, setrlimit},
};

/// Raises the limit as far as the system allows without more rights: sets the soft limit to the hard limit. Most systems start
/// programs with a soft limit of only 1,024, because some old programs fail with more open files. Logs the change.
pub fn raise_limit() {
    match soft_to_hard() {
        Ok(Some((before, now))) => tracing::info!("raised the limit on open files from {before} to {now}"),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the limit on open files stays as it is, because it can't be raised"),
    }
}

/// How many files may be open at the same time.
pub fn limit() -> usize {
    let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((USUAL_LIMIT, USUAL_LIMIT));
    usize::try_from(soft).unwrap_or(usize::MAX)
}

/// How many files may be open after [`raise_limit`].
pub fn highest_limit() -> usize {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((USUAL_LIMIT, USUAL_LIMIT));
    usize::try_from(hard).unwrap_or(usize::MAX)
}

/// How many of `files` open files are for TCP connections of voices. Most people's voices come by UDP, which needs no file for each.
pub fn for_voices(files: usize) -> usize {
    (files / 16).min(VOICES_MAX)
}

/// The most TCP connections of voices, even if more files may be open.
const VOICES_MAX: usize = 4_096;
/// The soft limit of most systems.
const USUAL_LIMIT: u64 = 1_024;

/// Sets the soft limit to the hard limit. Returns the soft limit before and after, if that changed anything.
fn soft_to_hard() -> Result<Option<(u64, u64)>, Errno> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= hard {
        return Ok(None);
    }
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(Some((soft, hard)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        raise_limit();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("asked");
        assert_eq!(soft, hard);
        assert_eq!(soft_to_hard(), Ok(None));
        assert_eq!(limit() as u64, hard);
    }
}
