//! The keyring: the secret keys, in a file beside the database, and the cryptography that uses them.
//!
//! A leaked database alone reveals no token, no code and no owner link, because each of them needs a key of the keyring.

use anyhow::{Context, bail};
use aws_lc_rs::{digest, hmac, rand, signature::Ed25519KeyPair, signature::KeyPair, signature::Signature};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::{fmt, fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// The keys, one for each purpose.
pub struct Keyring {
    /// The id of these keys. Every token contains the id, so that we recognize tokens that were made with another keyring.
    pub kid: String,
    tag: hmac::Key,
    refresh: hmac::Key,
    code: hmac::Key,
    limit: hmac::Key,
    owner: hmac::Key,
    link: hmac::Key,
    invite: hmac::Key,
    browser: hmac::Key,
    form_error: hmac::Key,
    turn: hmac::Key,
    probe: hmac::Key,
    /// Signs access tokens.
    access: Ed25519KeyPair,
    /// The public key of `access`, 32 bytes.
    pub access_public: Vec<u8>,
}

/// What a keyed hash is for. No two purposes share a key.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Recognizing the refresh tokens that we made.
    Tag,
    /// Deriving a refresh token's successor.
    Refresh,
    /// E-mail codes, as the database stores them.
    Code,
    /// The keys under which limits count.
    Limit,
    /// The owner link.
    Owner,
    /// Links in e-mails.
    Link,
    /// Links into rooms.
    Invite,
    /// Marks in browsers that were signed in before.
    Browser,
    /// The cookie with the error of a form without scripts.
    FormError,
    /// The names of people for TURN servers.
    Turn,
    /// What `snug doctor` asks a running Snug.
    Probe,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    kid: String,
    tag: String,
    refresh: String,
    code: String,
    limit: String,
    owner: String,
    access_pkcs8: String,
}

impl Keyring {
    /// Opens the keyring at `path`. If the file is missing and `may_create` is true, creates it with mode 0600. `may_create` must be
    /// false if the database has sessions, because new keys would sign everybody out.
    ///
    /// # Errors
    /// If the file is missing and must not be created, or if it can't be read or is malformed.
    pub fn open(path: &Path, may_create: bool) -> anyhow::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => serde_json::from_str::<Stored>(&text)
                .map_err(anyhow::Error::from)
                .and_then(Self::from_stored)
                .with_context(|| {
                    format!(
                        "the keyring {} can't be read: restore the copy that belongs to this database",
                        path.display()
                    )
                }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_create => {
                let stored = Stored::generate()?;
                write_private(path, &serde_json::to_string_pretty(&stored)?)
                    .with_context(|| format!("can't write {}", path.display()))?;
                Self::from_stored(stored)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
                "the database has sessions, but its keyring {} is missing: restore the file from your backup \
                 (or delete all rows of the table sessions, which signs everybody out, and start again)",
                path.display()
            ),
            Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
        }
    }

    fn from_stored(stored: Stored) -> anyhow::Result<Self> {
        let key = |text: &str| anyhow::Ok(hmac::Key::new(hmac::HMAC_SHA256, &URL_SAFE_NO_PAD.decode(text)?));
        let access = Ed25519KeyPair::from_pkcs8(&URL_SAFE_NO_PAD.decode(&stored.access_pkcs8)?)
            .map_err(|_| anyhow::anyhow!("the access key is not Ed25519"))?;
        Ok(Self {
            tag: key(&stored.tag)?,
            refresh: key(&stored.refresh)?,
            code: key(&stored.code)?,
            limit: key(&stored.limit)?,
            // These six are derived from another key, because keyrings made by older versions have no keys for them.
            link: derived(&key(&stored.owner)?, b"links in letters"),
            invite: derived(&key(&stored.owner)?, b"links into rooms"),
            browser: derived(&key(&stored.owner)?, b"browsers that were signed in"),
            form_error: derived(&key(&stored.owner)?, b"errors of forms"),
            turn: derived(&key(&stored.owner)?, b"names for TURN servers"),
            probe: derived(&key(&stored.owner)?, b"questions of the doctor"),
            owner: key(&stored.owner)?,
            access_public: access.public_key().as_ref().to_vec(),
            access,
            kid: stored.kid,
        })
    }

    /// Signs `message` with the key for access tokens (Ed25519, RFC 8032).
    pub fn sign(&self, message: &[u8]) -> Signature {
        self.access.sign(message)
    }

    /// The keyed hash of `parts` (HMAC-SHA256). The length of each part is hashed too, so that "ab", "c" and "a", "bc" differ.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let key = match purpose {
            Purpose::Tag => &self.tag,
            Purpose::Refresh => &self.refresh,
            Purpose::Code => &self.code,
            Purpose::Limit => &self.limit,
            Purpose::Owner => &self.owner,
            Purpose::Invite => &self.invite,
            Purpose::Browser => &self.browser,
            Purpose::Link => &self.link,
            Purpose::FormError => &self.form_error,
            Purpose::Turn => &self.turn,
            Purpose::Probe => &self.probe,
        };
        let mut context = hmac::Context::with_key(key);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({})", self.kid)
    }
}

impl Stored {
    fn generate() -> anyhow::Result<Self> {
        let key = || URL_SAFE_NO_PAD.encode(random::<32>());
        let pair = Ed25519KeyPair::generate().map_err(|_| anyhow::anyhow!("could not make an Ed25519 key"))?;
        let pkcs8 = pair
            .to_pkcs8()
            .map_err(|_| anyhow::anyhow!("could not encode the Ed25519 key"))?;
        Ok(Self {
            kid: random_id(6),
            tag: key(),
            refresh: key(),
            code: key(),
            limit: key(),
            owner: key(),
            access_pkcs8: URL_SAFE_NO_PAD.encode(pkcs8.as_ref()),
        })
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// `N` random bytes from the system's generator.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without random numbers no secret would be safe")]
    rand::fill(&mut bytes).expect("the system gives random numbers");
    bytes
}

/// The characters of ids. None of them look alike.
pub const ID_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A random id of `length` characters of [`ID_ALPHABET`], at most 64, with 5 random bits each.
pub fn random_id(length: usize) -> String {
    let bytes: [u8; 64] = random();
    bytes
        .iter()
        .take(length)
        .map(|byte| char::from(ID_ALPHABET[usize::from(byte % 32)]))
        .collect()
}

/// SHA-256 as 64 hexadecimal digits.
pub fn sha256_hex(data: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, data))
}

/// Whether two secrets are equal. The time that this takes does not reveal where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

fn derived(key: &hmac::Key, purpose: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(key, purpose).as_ref())
}

#[cfg(test)]
impl Keyring {
    /// New keys for a test. They stay in memory, so their file may go at once.
    pub fn for_tests() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::open(&folder.path().join("keyring.json"), true).expect("a keyring")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyring_is_created_once_and_only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keyring.json");
        let made = Keyring::open(&path, true).expect("made");
        let read = Keyring::open(&path, false).expect("read");
        assert_eq!(made.mac(Purpose::Tag, &[b"a"]), read.mac(Purpose::Tag, &[b"a"]));
        assert_ne!(made.mac(Purpose::Tag, &[b"a"]), made.mac(Purpose::Code, &[b"a"]));
        assert_ne!(
            made.mac(Purpose::Tag, &[b"ab", b"c"]),
            made.mac(Purpose::Tag, &[b"a", b"bc"])
        );
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_missing_keyring_is_an_error_if_there_are_sessions() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Keyring::open(&folder.path().join("keyring.json"), false).expect_err("missing");
        assert!(error.to_string().contains("restore the file"), "{error}");
    }
}
