//! The page for the code: only the browser of the owner reads the code there, and only while no mail leaves the machine.

use crate::{
    database::On,
    owner_link::{claim, link},
    test_app::TestApp,
    visitor::Visitor,
};
use snug::server::config::{MailBackend, SmtpUrl};

/// What the code page gets from the server.
async fn pending_code(visitor: &Visitor) -> serde_json::Value {
    visitor.post("/api/auth/pending_code", &[]).await.must(200).json()
}

#[tokio::test]
async fn the_owners_browser_reads_its_own_code_on_the_code_page() {
    let app = TestApp::start().await;
    let (host, ada) = (app.visitor(), app.visitor());
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    host.request_code("host@example.org").await.must(200);
    let code = host.read_code();
    // A newer letter to the same address belongs to another browser.
    ada.request_code("host@example.org").await.must(200);
    ada.request_code("ada@example.org").await.must(200);
    assert_eq!(pending_code(&host).await["code"], code);
    let page = host.page("/sign-in").await.must(200).text();
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert!(page.contains("Your code is") && page.contains(&spaced), "{page}");
    host.verify_code(&code).await.must(200);
    assert_eq!(pending_code(&host).await, serde_json::Value::Null);
}

#[tokio::test]
async fn an_owner_who_is_signed_in_reads_their_codes_in_any_browser() {
    let app = TestApp::start().await;
    let host = app.person("Host").await;
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let email: String = app.ask("select email from users where owner_at is not null").await;
    let phone = app.newcomer(&email).await;
    phone.request_code("elsewhere@example.org").await.must(200);
    assert_eq!(pending_code(&phone).await["code"], phone.read_code());
    phone
        .post("/api/auth/request_email_change", &[("email", "new@example.org")])
        .await
        .must(200);
    let letter = crate::letters::find_newest(&app.outbox(), "new@example.org").expect("a letter");
    let address: serde_json::Value = phone.post("/api/auth/email", &[]).await.must(200).json();
    assert_eq!(
        address["pending"]["code"],
        crate::letters::code_in(&letter).expect("a code")
    );
    // Signed out, this browser is like any other. The browser that used the link still reads its codes.
    phone.sign_out().await.must(200);
    phone.request_code("third@example.org").await.must(200);
    let pending = pending_code(&phone).await;
    assert!(
        pending["email"] == "third@example.org" && pending.get("code").is_none(),
        "{pending}"
    );
    host.sign_out().await.must(200);
    host.request_code("fourth@example.org").await.must(200);
    assert_eq!(pending_code(&host).await["code"], host.read_code());
}

#[tokio::test]
async fn nobody_else_reads_a_code_on_the_code_page() {
    let app = TestApp::start().await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let (stranger, member, forger) = (app.visitor(), app.person("Member").await, app.visitor());
    forger.jar.set("owner", "guess");
    for (visitor, email) in [
        (&stranger, "one@example.org"),
        (&member, "two@example.org"),
        (&forger, "three@example.org"),
    ] {
        visitor.request_code(email).await.must(200);
        let pending = pending_code(visitor).await;
        assert!(
            pending["stays_here"] == true && pending.get("code").is_none(),
            "{pending}"
        );
        let code = visitor.read_code();
        let page = visitor.page("/sign-in").await.text();
        assert!(!page.contains(&code) && !page.contains("Your code is"), "{page}");
    }
    let page = stranger.page("/sign-in").await.must(200).text();
    assert!(
        page.contains("Find your code in the terminal, or in the outbox."),
        "{page}"
    );
}

#[tokio::test]
async fn a_code_that_was_mailed_is_not_on_the_code_page() {
    let mail_server = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = mail_server.local_addr().expect("an address");
    let url = SmtpUrl::parse(&format!("smtp://{address}")).expect("an address");
    let app = TestApp::with(On::Sqlite, |config| config.mail.backend = MailBackend::Smtp { url }).await;
    let host = app.visitor();
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    host.request_code("host@example.org").await.must(200);
    let pending = pending_code(&host).await;
    assert!(
        pending["stays_here"] == false && pending.get("code").is_none(),
        "{pending}"
    );
}
