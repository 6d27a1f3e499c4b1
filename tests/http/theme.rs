//! Light or dark pages: the choice is in the document that the server sends, so nothing is painted in other colours first.

use crate::test_app::TestApp;

#[tokio::test]
async fn the_chosen_theme_is_in_every_document_without_scripts() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let page = ada.page("/settings").await.must(200).text();
    assert!(!page.contains("data-theme"), "the system decides");
    assert!(page.contains("content=\"light dark\""));
    for (theme, other) in [("dark", "#fbf6ee"), ("light", "#19130f")] {
        let answer = ada.submit("/settings", "/api/theme/choose", &[("theme", theme)]).await;
        assert_eq!(answer.must(302).location(), "/settings");
        for path in ["/settings", "/rooms", "/", "/nowhere"] {
            let page = ada.page(path).await.text();
            assert!(page.contains(&format!("data-theme=\"{theme}\"")), "{theme} {path}");
            assert!(!page.contains(other), "{theme} {path}");
        }
    }
    // Text that is no theme is not written into a document.
    for nothing in ["system", "\"><script>"] {
        ada.submit("/settings", "/api/theme/choose", &[("theme", nothing)])
            .await
            .must(302);
        assert!(!ada.page("/settings").await.must(200).text().contains("data-theme"));
    }
}
