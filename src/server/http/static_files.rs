//! Serves the site's files: the program's own copies of them, or those in a folder. The build has compressed them already, so nobody
//! waits for compression. Browsers may keep files with a hash in their name for ever.

use crate::server::keyring;
use anyhow::Context;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use std::{
    borrow::Cow,
    fs,
    path::{Component, Path},
    sync::Arc,
    time::SystemTime,
};

/// How long browsers may keep a file with a hash in its name: a year.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_AN_HOUR: &str = "public, max-age=3600";

/// The encodings that the build makes, in the order of our preference, and the endings of their files.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// One file of the site, or the compressed copy of one.
pub struct SiteFile {
    pub bytes: Cow<'static, [u8]>,
    /// A hash of the bytes, in hexadecimal. Two files with different bytes must have different hashes.
    pub hash: String,
}

/// In the extensions of an answer: its body is a part of the program, so it takes no memory of its own.
#[derive(Clone, Copy, Debug)]
pub struct PartOfProgram;

/// Finds a file of the site by its path.
type ReadFile = Arc<dyn Fn(&str) -> Option<SiteFile> + Send + Sync>;

/// All files of the site by their paths, such as `pkg/snug.3f….wasm`. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    names: Arc<[String]>,
    read: ReadFile,
}

impl Site {
    /// A site with these files, which `read` finds by name. Compressed copies are files of their own: `robots.txt.br`.
    pub fn new(names: Vec<String>, read: impl Fn(&str) -> Option<SiteFile> + Send + Sync + 'static) -> Self {
        Self {
            names: names.into(),
            read: Arc::new(read),
        }
    }

    /// The site in a folder, for development and tests. It reads a file again for each request, so that changes are seen at once.
    /// The oldest files come first in the list of names.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn in_folder(root: &Path) -> anyhow::Result<Self> {
        let mut found = vec![];
        collect(root, root, &mut found)
            .with_context(|| format!("the site's files can't be read from {}", root.display()))?;
        found.sort();
        let root = root.to_owned();
        let names = found.into_iter().map(|(_, name)| name).collect();
        Ok(Self::new(names, move |name| read(&root, name)))
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The answer for the path of a request; `None` if the site has no such file.
    pub fn answer(&self, path: &str, request: &HeaderMap) -> Option<Response<Body>> {
        let name = path.strip_prefix('/')?;
        let (file, encoding) = self.find(name, request)?;
        let tag = format!("\"{}\"", file.hash);
        let mut response = Response::new(Body::empty());
        put(&mut response, header::VARY, "accept-encoding");
        put(&mut response, header::ETAG, &tag);
        put(
            &mut response,
            header::CACHE_CONTROL,
            if has_hash(name) { FOR_EVER } else { FOR_AN_HOUR },
        );
        if is_known(request, &tag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Some(response);
        }
        put(&mut response, header::CONTENT_TYPE, &content_type(name));
        if let Some(encoding) = encoding {
            put(&mut response, header::CONTENT_ENCODING, encoding);
        }
        if matches!(file.bytes, Cow::Borrowed(_)) {
            response.extensions_mut().insert(PartOfProgram);
        }
        *response.body_mut() = Body::from(file.bytes);
        Some(response)
    }

    /// The smallest copy of a file that the browser can read, and the encoding of that copy.
    fn find(&self, name: &str, request: &HeaderMap) -> Option<(SiteFile, Option<&'static str>)> {
        // A compressed copy has no address of its own.
        if ENCODINGS.iter().any(|(_, ending)| name.ends_with(ending)) {
            return None;
        }
        for (encoding, ending) in ENCODINGS.into_iter().filter(|(encoding, _)| accepts(request, encoding)) {
            if let Some(copy) = (self.read)(&format!("{name}{ending}")) {
                return Some((copy, Some(encoding)));
            }
        }
        Some(((self.read)(name)?, None))
    }
}

fn put(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Whether a browser accepts an encoding (RFC 9110 section 12.5.3). A weight of 0 refuses it.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    entries(request, header::ACCEPT_ENCODING).any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let is_refused = parts.any(|part| part.strip_prefix("q=").is_some_and(is_zero));
        is_named && !is_refused
    })
}

fn is_zero(weight: &str) -> bool {
    weight.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0)
}

/// Whether the browser has these bytes already (RFC 9110 section 13.1.2). Proxies may have weakened the tag with `W/`.
fn is_known(request: &HeaderMap, tag: &str) -> bool {
    entries(request, header::IF_NONE_MATCH).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// The entries of a header that is a list, possibly on several lines.
fn entries(request: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = request.get_all(name).into_iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// Whether the build has put a hash into the name, as in `pkg/snug.3f….css`. The bytes behind such a name never change.
fn has_hash(name: &str) -> bool {
    let file = name.strip_prefix("pkg/").filter(|file| !file.contains('/'));
    file.is_some_and(|file| file.split('.').count() == 3)
}

fn content_type(name: &str) -> String {
    let kind = mime_guess::from_path(name).first_raw();
    match kind.unwrap_or("application/octet-stream") {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    }
}

fn read(root: &Path, name: &str) -> Option<SiteFile> {
    // Otherwise a path such as `/../keyring.json` would lead out of the folder.
    let stays_inside = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let bytes = stays_inside.then(|| fs::read(root.join(name)).ok())??;
    Some(SiteFile {
        hash: keyring::sha256_hex(&bytes)[..24].to_owned(),
        bytes: bytes.into(),
    })
}

/// Lists the files below `folder`, each with the time at which it was written.
fn collect(root: &Path, folder: &Path, found: &mut Vec<(SystemTime, String)>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, about) = (entry.path(), entry.metadata()?);
        if about.is_dir() {
            collect(root, &path, found)?;
        } else if let Some(name) = path.strip_prefix(root)?.to_str() {
            found.push((about.modified()?, name.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
