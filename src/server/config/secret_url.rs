//! Addresses that may contain a password, so `Debug` never shows them.

use std::{fmt, path::Path};

/// The address of the database in the form that sqlx reads: `sqlite:<file>` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// # Errors
    /// The rest of a sentence that begins with the key's label.
    pub fn parse(text: &str) -> Result<Self, String> {
        let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control());
        match text.split_once(':') {
            Some(("sqlite", file)) if clean && is_on_disk(file) => Ok(Self(text.into())),
            Some(("postgres" | "postgresql", rest)) if clean && rest.starts_with("//") => Ok(Self(text.into())),
            _ => Err(
                "should be sqlite:/path/to/snug.db or postgres://user:password@host/database (with %20 for a \
                      space)"
                    .into(),
            ),
        }
    }

    /// The address of the SQLite database in the file at `path`.
    pub fn sqlite_file(path: &Path) -> Self {
        let path = path.to_string_lossy();
        Self(format!("sqlite:{}", percent_encoded(&path)))
    }

    /// The whole address with the password, for the database driver only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The database's name and host, without the user, the password and the options. For messages.
    pub fn describe(&self) -> String {
        if self.is_sqlite() {
            return self.0.split('?').next().unwrap_or_default().to_owned();
        }
        let Ok(url) = url::Url::parse(&self.0) else {
            return "on PostgreSQL".into();
        };
        let name = url.path().trim_start_matches('/');
        let name = if name.is_empty() { url.username() } else { name };
        match url.host_str() {
            Some(host) if !host.is_empty() => format!("{name} on {host}"),
            _ => format!("{name} on this machine's PostgreSQL"),
        }
    }

    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }
}

/// Whether SQLite would store the database in a file. A database in memory would lose everything at the next start.
fn is_on_disk(file: &str) -> bool {
    let (file, options) = file.split_once('?').unwrap_or((file, ""));
    let file = file.trim_start_matches('/');
    !file.is_empty() && !file.contains(":memory:") && !options.contains("mode=memory")
}

/// Encodes everything except the unreserved characters of RFC 3986 section 2.3 and the slash.
fn percent_encoded(path: &str) -> String {
    path.bytes().fold(String::new(), |encoded, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            encoded + (byte as char).encode_utf8(&mut [0])
        }
        _ => encoded + &format!("%{byte:02X}"),
    })
}

/// The address of the mail server in the form that lettre reads: `smtps://user:password@host:465`, or `smtp://`,
/// optionally with `?tls=required` or `?tls=opportunistic`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// # Errors
    /// The rest of a sentence that begins with the key's label.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shape = "should be smtps://user:password@host or smtp://user:password@host:587?tls=required (with %40 for \
                     an @ in the user or password)";
        let uri: http::Uri = text.parse().map_err(|_| shape)?;
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        let options_known = uri
            .query()
            .is_none_or(|query| matches!(query, "tls=required" | "tls=opportunistic"));
        let one_at = uri
            .authority()
            .is_some_and(|authority| authority.as_str().matches('@').count() <= 1);
        match uri.scheme_str() {
            Some("smtp" | "smtps") if has_host && options_known && one_at => Ok(Self(text.into())),
            _ => Err(shape.into()),
        }
    }

    /// The whole address with the password, for the mail transport only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether e-mails and the password would cross a network unencrypted.
    pub(super) fn is_readable_in_transit(&self) -> bool {
        let here = ["localhost", "127.0.0.1", "[::1]"];
        let is_here = |uri: http::Uri| uri.host().is_some_and(|host| here.contains(&host));
        self.0.starts_with("smtp:") && !self.0.contains("?tls=") && !self.0.parse().is_ok_and(is_here)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(..)")
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_file_may_have_any_name() {
        let file = DatabaseUrl::sqlite_file(Path::new("/srv/our snug/100%?#.db"));
        assert_eq!(file.expose(), "sqlite:/srv/our%20snug/100%25%3F%23.db");
        assert!(file.is_sqlite());
        let given = DatabaseUrl::parse("sqlite:///srv/snug.db?cache=private").expect("sqlite");
        assert_eq!(given.expose(), "sqlite:///srv/snug.db?cache=private");
    }

    #[test]
    fn a_database_must_be_on_disk_or_on_a_server() {
        let postgres = DatabaseUrl::parse("postgres://snug:secret@localhost/snug").expect("postgres");
        assert!(!postgres.is_sqlite());
        assert!(DatabaseUrl::parse("postgresql:///snug?host=/run/postgresql").is_ok());
        for wrong in [
            "sqlite::memory:",
            "sqlite:",
            "sqlite://",
            "sqlite:x?mode=memory",
            "mysql://h/d",
            "snug.db",
            "postgres:x",
        ] {
            assert!(DatabaseUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_description_of_a_database_has_no_password() {
        for (url, described) in [
            (
                "postgres://snug:secret@db.lan:5433/rooms?password=secret",
                "rooms on db.lan",
            ),
            (
                "postgresql:///snug?host=/run/postgresql",
                "snug on this machine's PostgreSQL",
            ),
            ("sqlite:/srv/snug.db?cache=private", "sqlite:/srv/snug.db"),
        ] {
            assert_eq!(DatabaseUrl::parse(url).expect(url).describe(), described);
        }
    }

    #[test]
    fn a_mail_server_has_a_scheme_and_a_host() {
        let good = [
            "smtps://u:p%40ss@mail.example.org",
            "smtp://localhost:1025",
            "smtp://u:p@mail:587?tls=required",
        ];
        for text in good {
            assert_eq!(SmtpUrl::parse(text).expect(text).expose(), text);
        }
        for wrong in [
            "mail.example.org",
            "smtp:",
            "smtps://",
            "https://mail",
            "smtp://h?tls=maybe",
            "smtp://u@v:p@h",
        ] {
            assert!(SmtpUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn plain_smtp_counts_as_readable_unless_it_stays_on_this_machine() {
        let readable = |text| SmtpUrl::parse(text).expect(text).is_readable_in_transit();
        assert!(readable("smtp://u:p@mail.example.org"));
        assert!(!readable("smtp://localhost:1025"));
        assert!(!readable("smtp://u:p@mail.example.org?tls=required"));
        assert!(!readable("smtps://u:p@mail.example.org"));
    }

    #[test]
    fn debug_does_not_show_secrets() {
        let database = DatabaseUrl::parse("postgres://snug:secret@localhost/snug").expect("postgres");
        let mail = SmtpUrl::parse("smtps://u:secret@mail.example.org").expect("smtp");
        assert_eq!(format!("{database:?} {mail:?}"), "DatabaseUrl(..) SmtpUrl(..)");
    }
}
