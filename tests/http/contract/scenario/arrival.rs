//! How a person arrives: they sign in with a code and choose a name and a picture.

use super::extract::id_of;
use crate::{
    contract::{browser::Browser, letter, record::Record},
    test_app::TestApp,
};
use serde_json::Value;

/// A value for every field of a profile. Add a sample here for a new field.
pub fn profile_fields<'a>(name: &'a str, picture: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("name", name), ("picture", picture)]
}

/// Signs in with a code and chooses a name and a drawn picture. Returns the browser and the id of the user.
pub async fn arrive(app: &TestApp, record: &mut Record, name: &str) -> (Browser, String) {
    let browser = Browser::new(app);
    let email = format!("{}@example.org", name.to_lowercase());
    sign_in(app, record, &browser, &email).await;
    let mut fields = profile_fields(name, "face:tea");
    fields.push(("next", "/settings"));
    let user = record.call(&browser, "profile/activate", &fields).await;
    (browser, id_of(&user))
}

/// Signs in with a code. The first sign-in creates the account.
pub async fn sign_in(app: &TestApp, record: &mut Record, browser: &Browser, email: &str) -> Value {
    record.call(browser, "auth/request_code", &[("email", email)]).await;
    let code = letter::code(&app.outbox(), email);
    record.call(browser, "auth/verify_code", &[("code", &code)]).await
}
