//! Serves the site's files from memory. The build has compressed them already, so that nobody waits for the disk or for
//! compression. Browsers may keep files with a hash in their name for ever.

use anyhow::Context;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use leptos::config::LeptosOptions;
use std::{collections::HashMap, fs, path::Path, sync::Arc};

/// Every file of the site by its path (`/pkg/snug.3f….wasm`).
#[derive(Clone, Default)]
pub struct Site(Arc<HashMap<String, File>>);

struct File {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    content_type: &'static str,
    etag: String,
    immutable: bool,
}

impl Site {
    /// Reads all files under the site root.
    ///
    /// # Errors
    /// If the folder can't be read: the site was not built, or the server was started in another folder.
    pub fn load(options: &LeptosOptions) -> anyhow::Result<Self> {
        let root = Path::new(&*options.site_root);
        let mut files = HashMap::new();
        collect(
            root,
            root,
            &format!("/{}/", options.site_pkg_dir),
            options.hash_files,
            &mut files,
        )
        .with_context(|| {
            format!(
                "the site's files can't be read from {} (run `make build`, and start snug in that folder)",
                root.display()
            )
        })?;
        Ok(Self(Arc::new(files)))
    }

    /// The answer for `path`; `None` if the site has no such file.
    pub fn answer(&self, path: &str, request: &HeaderMap) -> Option<Response<Body>> {
        let file = self.0.get(path)?;
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        let put = |headers: &mut HeaderMap, name, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        put(headers, header::ETAG, &file.etag);
        put(headers, header::VARY, "accept-encoding");
        put(
            headers,
            header::CACHE_CONTROL,
            if file.immutable {
                "public, max-age=31536000, immutable"
            } else {
                "public, max-age=3600"
            },
        );
        if request
            .get(header::IF_NONE_MATCH)
            .is_some_and(|tag| tag.as_bytes() == file.etag.as_bytes())
        {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Some(response);
        }
        put(headers, header::CONTENT_TYPE, file.content_type);
        let (body, encoding) = file.encoded_for(request);
        if let Some(encoding) = encoding {
            put(headers, header::CONTENT_ENCODING, encoding);
        }
        *response.body_mut() = Body::from(body);
        Some(response)
    }
}

impl File {
    fn encoded_for(&self, request: &HeaderMap) -> (Bytes, Option<&'static str>) {
        let accepted = request
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let accepts = |wanted| {
            accepted
                .split(',')
                .any(|one| one.split(';').next().is_some_and(|name| name.trim() == wanted))
        };
        match (&self.brotli, &self.gzip) {
            (Some(brotli), _) if accepts("br") => (brotli.clone(), Some("br")),
            (_, Some(gzip)) if accepts("gzip") => (gzip.clone(), Some("gzip")),
            _ => (self.plain.clone(), None),
        }
    }
}

fn collect(
    root: &Path,
    folder: &Path,
    pkg: &str,
    hashed: bool,
    files: &mut HashMap<String, File>,
) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, pkg, hashed, files)?;
        } else if let Some(name) = path
            .strip_prefix(root)?
            .to_str()
            .filter(|name| !name.ends_with(".br") && !name.ends_with(".gz"))
        {
            let url = format!("/{name}");
            let immutable = hashed && url.starts_with(pkg);
            files.insert(url, read(&path, immutable)?);
        }
    }
    Ok(())
}

fn read(path: &Path, immutable: bool) -> anyhow::Result<File> {
    let beside = |ending: &str| fs::read(format!("{}{ending}", path.display())).ok().map(Bytes::from);
    let plain = fs::read(path)?;
    Ok(File {
        etag: format!("\"{}\"", &crate::server::keyring::sha256_hex(&plain)[..24]),
        content_type: content_type(path),
        brotli: beside(".br"),
        gzip: beside(".gz"),
        plain: plain.into(),
        immutable,
    })
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("wasm") => "application/wasm",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
