//! The process that uses a data folder or a database. Another process that can't use them names this holder in its error message.

use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// A process that holds a lock, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockHolder {
    /// Such as `process 4711 on snug.example.org`.
    pub process: String,
    /// Unix time in seconds: by this machine's clock for a lock on a file, by the database's clock for a lease.
    pub since_s: i64,
}

/// The number of this process and the name of its machine. In a container, both are those that the container shows.
pub fn this_process() -> String {
    let name = nix::unistd::gethostname().unwrap_or_default();
    // Only the characters of host names (RFC 1123 section 2.1), so that the text is harmless in SQL and on a terminal.
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = name.to_string_lossy().chars().filter(is_plain).collect();
    match name.as_str() {
        "" => format!("process {}", std::process::id()),
        name => format!("process {} on {name}", std::process::id()),
    }
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = OffsetDateTime::from_unix_timestamp(self.since_s).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute, second) = at.to_hms();
        let process = &self.process;
        write!(
            f,
            "{process} has used it since {year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_named_with_the_time_in_utc() {
        let holder = LockHolder {
            process: "process 4711 on snug.example.org".into(),
            since_s: 1_795_996_805,
        };
        assert_eq!(
            holder.to_string(),
            "process 4711 on snug.example.org has used it since 2026-11-30 00:00:05 UTC"
        );
    }

    #[test]
    fn this_process_is_named_by_its_number() {
        assert!(this_process().starts_with(&format!("process {}", std::process::id())));
    }
}
