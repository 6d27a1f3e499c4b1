//! One scenario with real requests: it calls every endpoint, with enough data that every optional field is present.

mod accounts;
mod arrival;
mod errors;
mod extract;
mod rooms;

use super::{browser::Browser, record::Record};
use crate::test_app::TestApp;
pub use arrival::profile_fields;
use extract::id_of;

/// The state after the scenario, for the parts of the page about addresses and files.
pub struct Played {
    pub app: TestApp,
    pub record: Record,
    /// The browser of Ada, who owns this Snug.
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
