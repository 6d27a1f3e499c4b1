//! The keyring: the secrets that live in a file beside the database, and what is done with them.
//!
//! A leaked database alone yields no token, no code and no owner link: each needs a key from here.

use anyhow::{Context, bail};
use aws_lc_rs::{digest, hmac, rand, signature::Ed25519KeyPair, signature::KeyPair, signature::Signature};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::{fmt, fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// The keys, by purpose. `kid` names this generation of them in every token.
pub struct Keyring {
    pub kid: String,
    tag: hmac::Key,
    refresh: hmac::Key,
    code: hmac::Key,
    limit: hmac::Key,
    owner: hmac::Key,
    link: hmac::Key,
    invite: hmac::Key,
    /// For access tokens.
    access: Ed25519KeyPair,
    /// Ed25519 public key, 32 octets.
    pub access_public: Vec<u8>,
}

/// What a keyed hash is for; keys are never shared between purposes.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Recognising our own old refresh tokens.
    Tag,
    /// Deriving a refresh token's successor.
    Refresh,
    /// E-mail codes at rest.
    Code,
    /// Keys of limits.
    Limit,
    /// The owner link.
    Owner,
    /// Links in letters.
    Link,
    /// Links into rooms.
    Invite,
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
    /// Opens the keyring in `path`, or makes it (mode 0600) where `may_create`.
    ///
    /// # Errors
    /// Where it is missing and may not be created (a database with sessions and no keyring would sign everybody out),
    /// unreadable, or malformed.
    pub fn open(path: &Path, may_create: bool) -> anyhow::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => serde_json::from_str::<Stored>(&text)
                .map_err(anyhow::Error::from)
                .and_then(Self::from_stored)
                .with_context(|| {
                    format!(
                        "the keyring {} can't be read: put back the copy that belongs to this database",
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
                "the database has sessions, but its keyring {} is missing: put the file back from your backup \
                 (or delete the rows of the table sessions to sign everybody out and begin anew)",
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
            // Derived from another: keyrings of before have none of its own.
            link: derived(&key(&stored.owner)?, b"links in letters"),
            invite: derived(&key(&stored.owner)?, b"links into rooms"),
            owner: key(&stored.owner)?,
            access_public: access.public_key().as_ref().to_vec(),
            access,
            kid: stored.kid,
        })
    }

    /// The Ed25519 signature of `message` by the key of access tokens (RFC 8032).
    pub fn sign(&self, message: &[u8]) -> Signature {
        self.access.sign(message)
    }

    /// A keyed hash of `parts` (HMAC-SHA256); each part's length is hashed too, so that parts cannot run together.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let key = match purpose {
            Purpose::Tag => &self.tag,
            Purpose::Refresh => &self.refresh,
            Purpose::Code => &self.code,
            Purpose::Limit => &self.limit,
            Purpose::Owner => &self.owner,
            Purpose::Invite => &self.invite,
            Purpose::Link => &self.link,
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
        let pair = Ed25519KeyPair::generate().map_err(|_| anyhow::anyhow!("no Ed25519 key could be made"))?;
        let pkcs8 = pair
            .to_pkcs8()
            .map_err(|_| anyhow::anyhow!("no Ed25519 key could be written"))?;
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

/// `N` octets from the system's generator.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness nothing here may go on")]
    rand::fill(&mut bytes).expect("the system gives random numbers");
    bytes
}

/// A random id of `length` characters out of 32 (no look-alikes): 5 bits each.
pub fn random_id(length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes: [u8; 64] = random();
    bytes
        .iter()
        .take(length)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

/// SHA-256 as 64 hexadecimal digits.
pub fn sha256_hex(data: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, data))
}

/// Whether two secrets are equal, in time that does not tell where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

fn derived(key: &hmac::Key, purpose: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(key, purpose).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyring_is_made_once_and_private() {
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
    fn a_missing_keyring_is_an_error_where_there_are_sessions() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Keyring::open(&folder.path().join("keyring.json"), false).expect_err("missing");
        assert!(error.to_string().contains("put the file back"), "{error}");
    }
}
