//! The SQL of each store, run once on both databases.

mod auth;
mod profile;
mod rooms;
mod sessions;

use snug::{
    model::{
        id::{SessionId, UserId},
        profile::{ProfileDetails, ProfileForm},
        user::EmailAddress,
    },
    server::{
        auth::{
            email,
            store::{self, NewSession},
        },
        database::Database,
    },
};

fn user_id(text: &str) -> UserId {
    UserId::parse(text).expect("an id")
}

fn session_id(text: &str) -> SessionId {
    SessionId::parse(text).expect("an id")
}

fn details(name: &str) -> ProfileDetails {
    let form = ProfileForm {
        name: name.into(),
        ..ProfileForm::default()
    };
    form.parse().expect("a profile")
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

async fn insert_user(database: &Database, id: &str, email: &str) -> UserId {
    let address = self::email(email);
    let mut transaction = database.begin().await.expect("begun");
    let id = email::store::find_or_insert_user(&mut transaction, &address, id, 100)
        .await
        .expect("a user");
    transaction.commit().await.expect("committed");
    user_id(&id)
}

async fn insert_session(database: &Database, id: &str, user: &UserId) -> SessionId {
    let id = session_id(id);
    let session = NewSession {
        id: &id,
        user,
        hash: "hash-1",
        kid: "kid",
        now_s: 1_000,
        idle_expires_at: 5_000,
        abs_expires_at: 9_000,
        user_agent: "Lynx",
        ip_prefix: "127.0.0.0/24",
    };
    let mut transaction = database.begin().await.expect("begun");
    store::insert_session(&mut transaction, &session)
        .await
        .expect("inserted");
    transaction.commit().await.expect("committed");
    id
}
