//! Tests which copy of a file a browser gets, and with which headers.

use super::*;

const STYLE: &str = "/pkg/snug.3f.css";

/// A style sheet in three encodings, and two files without compressed copies.
const FILES: &[(&str, &[u8])] = &[
    ("pkg/snug.3f.css", b"p {}"),
    ("pkg/snug.3f.css.br", b"brotli"),
    ("pkg/snug.3f.css.gz", b"gzip"),
    ("pkg/snug.wasm", b"\0asm"),
    ("manifest.webmanifest", b"{}"),
];

fn site() -> Site {
    let names = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    Site::new(names, |wanted| {
        let (name, bytes) = *FILES.iter().find(|(name, _)| *name == wanted)?;
        Some(SiteFile {
            bytes: Cow::Borrowed(bytes),
            hash: format!("hash-of-{name}"),
        })
    })
}

fn ask(path: &str, headers: &[(HeaderName, &str)]) -> Option<Response<Body>> {
    let mut request = HeaderMap::new();
    for (name, value) in headers {
        request.append(name, value.parse().expect("a value"));
    }
    site().answer(path, &request)
}

fn header_of(answer: &Response<Body>, name: HeaderName) -> &str {
    answer
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().expect("text"))
}

fn encoding_for(accepted: &str) -> String {
    let answer = ask(STYLE, &[(header::ACCEPT_ENCODING, accepted)]).expect("the style sheet");
    assert_eq!(header_of(&answer, header::VARY), "accept-encoding");
    header_of(&answer, header::CONTENT_ENCODING).to_owned()
}

#[test]
fn a_browser_gets_the_smallest_copy_that_it_accepts() {
    assert_eq!(encoding_for("gzip, deflate, br, zstd"), "br");
    assert_eq!(encoding_for("BR;q=1.0"), "br");
    assert_eq!(encoding_for("gzip"), "gzip");
    assert_eq!(encoding_for("br;q=0, gzip;q=0.5"), "gzip");
    assert_eq!(encoding_for("br; q=0.000"), "");
    assert_eq!(encoding_for("identity"), "");
}

#[test]
fn each_copy_has_a_tag_of_its_own_and_a_known_tag_gets_no_bytes() {
    let tag_for = |accepted| {
        let answer = ask(STYLE, &[(header::ACCEPT_ENCODING, accepted)]).expect("the style sheet");
        header_of(&answer, header::ETAG).to_owned()
    };
    assert_ne!(tag_for("br"), tag_for("gzip"));
    let (plain, weak) = (tag_for("identity"), format!("\"other\", W/{}", tag_for("identity")));
    for known in [plain.as_str(), weak.as_str(), "*"] {
        let answer = ask(STYLE, &[(header::IF_NONE_MATCH, known)]).expect("an answer");
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(header_of(&answer, header::ETAG), plain);
        assert_eq!(header_of(&answer, header::VARY), "accept-encoding");
    }
    let answer = ask(STYLE, &[(header::IF_NONE_MATCH, "\"other\"")]).expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
}

#[test]
fn only_names_with_a_hash_are_kept_for_ever() {
    let kept = |path| header_of(&ask(path, &[]).expect("a file"), header::CACHE_CONTROL).to_owned();
    assert_eq!(kept(STYLE), FOR_EVER);
    assert_eq!(kept("/pkg/snug.wasm"), FOR_AN_HOUR);
    assert_eq!(kept("/manifest.webmanifest"), FOR_AN_HOUR);
    assert!(!has_hash("pkg/snippets/snug.3f.js") && !has_hash("a.b.c"));
}

#[test]
fn the_type_follows_from_the_name() {
    for (name, kind) in [
        ("a.wasm", "application/wasm"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("a.png", "image/png"),
        ("robots.txt", "text/plain; charset=utf-8"),
        ("a.webmanifest", "application/manifest+json"),
        ("a", "application/octet-stream"),
    ] {
        assert_eq!(content_type(name), kind, "{name}");
    }
}

#[test]
fn other_paths_have_no_file() {
    for path in ["", "/", "/pkg", "/pkg/none.css", "/pkg/snug.3f.css.br", "pkg/snug.wasm"] {
        assert!(ask(path, &[]).is_none(), "{path}");
    }
}

#[test]
fn a_folder_is_read_again_for_each_request_and_nothing_outside_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("site");
    fs::create_dir_all(root.join("pkg")).expect("a folder");
    fs::write(folder.path().join("secret.txt"), "secret").expect("a file");
    fs::write(root.join("robots.txt"), "one").expect("a file");
    let site = Site::in_folder(&root).expect("a site");
    assert_eq!(site.names(), ["robots.txt"]);
    let tag = || {
        let answer = site.answer("/robots.txt", &HeaderMap::new()).expect("a file");
        header_of(&answer, header::ETAG).to_owned()
    };
    let before = tag();
    fs::write(root.join("robots.txt"), "two").expect("a file");
    assert_ne!(tag(), before);
    let absolute = format!("/{}", folder.path().join("secret.txt").display());
    for path in ["/../secret.txt", "/pkg/../../secret.txt", "/pkg", &absolute] {
        assert!(site.answer(path, &HeaderMap::new()).is_none(), "{path}");
    }
    assert!(Site::in_folder(&folder.path().join("none")).is_err());
}
