//! The content security policy of pages: which scripts may run and what may load.

use crate::{cross_site::pages, test_app::TestApp};
use std::collections::HashSet;

#[tokio::test]
async fn a_page_runs_only_the_scripts_of_its_own_render() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let newcomer = app.newcomer("new@example.org").await;
    let (mut nonces, mut scripts) = (HashSet::new(), 0);
    for path in pages(room.id.as_str()) {
        for visitor in [&ada, &newcomer, &app.visitor()] {
            let page = visitor.page(&path).await;
            // A redirect runs no scripts.
            if (300..400).contains(&page.status) {
                continue;
            }
            let policy = page.header("content-security-policy").expect("a policy");
            for part in [
                "'strict-dynamic' 'wasm-unsafe-eval';",
                "img-src 'self' data: blob:;",
                "frame-ancestors 'none'",
                "form-action 'self'",
                "base-uri 'none'",
            ] {
                assert!(policy.contains(part), "{path}: {part} in {policy}");
            }
            let (_, rest) = policy.split_once("script-src 'nonce-").expect("a nonce");
            let (nonce, _) = rest.split_once('\'').expect("its end");
            for script in page.text().split("<script").skip(1) {
                let tag = script.split('>').next().expect("a tag");
                assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{path}: <script{tag}>");
                scripts += 1;
            }
            assert!(nonces.insert(nonce.to_owned()), "{path}: a nonce was used twice");
        }
    }
    assert!(
        nonces.len() > 10 && scripts > 3,
        "{} pages, {scripts} scripts",
        nonces.len()
    );
}
