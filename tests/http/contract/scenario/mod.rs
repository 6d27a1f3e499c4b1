//! One scenario with real requests: it calls every endpoint, with enough data that optional fields are there.

mod accounts;
mod errors;
mod rooms;

use super::{browser::Browser, letter, record::Record};
use crate::{contract_scene::owner_token, database::On, test_app::TestApp};
use serde_json::Value;

/// What the scenario left behind, for the tests of addresses and files.
pub struct Played {
    pub app: TestApp,
    pub record: Record,
    /// Somebody who is signed in and owns this Snug.
    pub ada: Browser,
    pub ada_id: String,
    /// The address of her photo.
    pub photo: String,
    pub room: String,
    /// The token of a link into the room that admits guests.
    pub invite: String,
}

pub async fn play() -> Played {
    let app = TestApp::start().await;
    let mut record = Record::default();
    let (ada, photo) = accounts::found_the_snug(&app, &mut record).await;
    let ada_id = id_of(&record.call(&ada, "auth/me", &[]).await);
    let (room, invite) = rooms::fill_rooms(&app, &mut record, &ada).await;
    accounts::use_devices_and_addresses(&app, &mut record).await;
    accounts::run_the_snug(&app, &mut record, &ada).await;
    errors::refuse_everything(&app, &mut record, &ada, &ada_id, &invite).await;
    Played {
        app,
        record,
        ada,
        ada_id,
        photo,
        room,
        invite,
    }
}

/// A Snug with the default limits.
pub async fn limited_app() -> TestApp {
    TestApp::with(On::Sqlite, |config| config.limits.enforced = true).await
}

/// Signs in with a code and chooses a name and a drawn picture.
async fn arrive(app: &TestApp, record: &mut Record, name: &str) -> (Browser, String) {
    let browser = Browser::new(app);
    let email = format!("{}@example.org", name.to_lowercase());
    sign_in(app, record, &browser, &email).await;
    let fields = [("name", name), ("picture", "face:tea"), ("next", "/settings")];
    let user = record.call(&browser, "profile/activate", &fields).await;
    (browser, id_of(&user))
}

async fn sign_in(app: &TestApp, record: &mut Record, browser: &Browser, email: &str) -> Value {
    record.call(browser, "auth/request_code", &[("email", email)]).await;
    let code = letter::code(&app.outbox(), email);
    record.call(browser, "auth/verify_code", &[("code", &code)]).await
}

#[track_caller]
fn id_of(value: &Value) -> String {
    text(&value["id"])
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text, not {value}")).to_owned()
}

fn token_of(link: &str) -> String {
    let token = link.split_once("token=").map_or(link, |(_, token)| token);
    let token = token.split('&').next().unwrap_or(token);
    token.rsplit('/').next().unwrap_or(token).to_owned()
}
