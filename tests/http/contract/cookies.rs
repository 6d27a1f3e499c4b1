//! Cookies: their names and flags, on localhost and behind https.

use super::{
    browser::Browser,
    document::{code, section, table},
    letter,
};
use crate::{contract_scene::owner_token, database::On, test_app::TestApp};
use snug::server::config::Config;
use std::collections::BTreeSet;

const HTTPS: &str = r#"
[snug.public]
url = "https://snug.example.org"
[snug.mail]
backend = "smtp"
smtp_url = "smtps://user:password@mail.example.org"
"#;

pub async fn describe() -> String {
    let local = TestApp::start().await;
    let url = Config::load(HTTPS, []).expect("a good configuration").config.public_url;
    let public = TestApp::with(On::Sqlite, |config| config.public_url = url).await;
    let rows = [cookies_of(&local).await, cookies_of(&public).await];
    section(
        "Cookies",
        "Browsers keep these cookies when Snug is upgraded. The first table is for `http://localhost`, the second for an\n`https://` \
         address. `Max-Age=0` removes a cookie.",
    ) + &rows.map(|rows| table(["Cookie", "Flags"], rows)).concat()
}

/// Signs in, renews the session, becomes the owner, and signs out.
async fn cookies_of(app: &TestApp) -> BTreeSet<[String; 2]> {
    let (browser, email) = (Browser::new(app), "ada@example.org");
    let mut cookies = BTreeSet::new();
    cookies.extend(errors_of_a_form(&browser).await);
    cookies.extend(call(&browser, "auth/request_code", &[("email", email)]).await);
    let code = letter::code(&app.outbox(), email);
    cookies.extend(call(&browser, "auth/verify_code", &[("code", &code)]).await);
    cookies.extend(call(&browser, "auth/refresh", &[]).await);
    cookies.extend(call(&browser, "theme/choose", &[("theme", "dark")]).await);
    let token = owner_token(app).await;
    cookies.extend(call(&browser, "auth/use_owner_link", &[("token", &token)]).await);
    cookies.extend(call(&browser, "auth/sign_out", &[]).await);
    cookies
}

async fn call(browser: &Browser, endpoint: &str, fields: &[(&str, &str)]) -> Vec<[String; 2]> {
    let reply = browser.call(endpoint, fields).await.must(200);
    reply
        .set_cookies()
        .iter()
        .map(|cookie| name_and_flags(cookie))
        .collect()
}

/// Sends a form without scripts that is refused, and opens its page, which shows the error.
async fn errors_of_a_form(browser: &Browser) -> Vec<[String; 2]> {
    let request = browser
        .request("POST", "/api/auth/request_code")
        .header("accept", "text/html");
    let refused = browser.send(request.form(&[("email", "x")])).await.must(302);
    let page = refused.header("location").expect("a redirect").to_owned();
    let page = browser
        .send(browser.request("GET", &page).header("accept", "text/html"))
        .await;
    let cookies = [refused.set_cookies(), page.set_cookies()].concat();
    cookies.iter().map(|cookie| name_and_flags(cookie)).collect()
}

fn name_and_flags(set_cookie: &str) -> [String; 2] {
    let (pair, flags) = set_cookie.split_once("; ").expect("flags");
    let (name, _) = pair.split_once('=').expect("a name");
    // The cookie of an error ends in a hash of its page's address.
    let name = match name.split_once("form-error-") {
        Some((prefix, _)) => format!("{prefix}form-error-{{page}}"),
        None => name.to_owned(),
    };
    [code(&name), code(flags)]
}
