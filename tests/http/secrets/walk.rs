//! A walk through every part of the program that handles a secret. It collects the secrets on the way.

use super::collected::Secrets;
use crate::{invites::token_of, letters, owner_link, photos, real_program::RealProgram, visitor::Visitor};
use snug::model::{invite::Invite, room::RoomInfo};
use std::time::Duration;

const WAIT_MAX: Duration = Duration::from_secs(20);

/// Ada signs in with a wrong and a right code, chooses a photo, enters a room, invites a guest, refreshes, is robbed of her
/// cookies, and signs in and out again. Others send a forged token and change their address.
pub async fn everywhere(program: &RealProgram, secrets: &mut Secrets) {
    let ada = program.visitor();
    owns(&ada, program, secrets).await;
    sign_in(&ada, "ada.lovelace@example.org", secrets).await;
    ada.activate("Ada", &photos::small_photo()).await.must(200);
    let room = ada.open_room("Tea", "private").await;
    let sockets = (ada.watch_rooms().await.expect("a socket"), ada.enter(&room).await);
    for page in ["/", "/rooms", "/settings", &format!("/rooms/{}", room.id)] {
        ada.page(page).await.must(200);
    }
    invites(&ada, &room, program, secrets).await;
    drop(sockets);
    is_robbed(&ada, program, secrets).await;
    sign_in(&ada, "ada.lovelace@example.org", secrets).await;
    ada.sign_out().await.must(200);
    let ben = program.visitor();
    sign_in(&ben, "ben.bitdiddle@example.org", secrets).await;
    ben.jar.set("refresh", "v1.none.none.none.none");
    ben.refresh().await.must_fail(401, "signed_out");
    moves(program, secrets).await;
}

/// Uses the owner link that the program printed.
async fn owns(host: &Visitor, program: &RealProgram, secrets: &mut Secrets) {
    let said = program.said();
    let (_, rest) = said.split_once("/owner/").expect("a link is printed");
    let token = rest.split_whitespace().next().expect("a token");
    let link = format!("/owner/{token}");
    host.page(&link).await.must(200);
    owner_link::claim(host, &link).await.must(302);
    secrets.keep(token);
    secrets.keep_cookies(host);
    assert!(host.jar.get("owner").is_some());
}

/// Makes a link. A guest comes in by the link, refreshes the session and signs out.
async fn invites(host: &Visitor, room: &RoomInfo, program: &RealProgram, secrets: &mut Secrets) {
    let invite: Invite = host.make_guest_link(room).await;
    secrets.keep(token_of(&invite));
    let guest = program.visitor();
    guest.page(&format!("/invite/{}", token_of(&invite))).await.must(200);
    guest.come_as_guest(&invite, "Gus").await.must(200);
    secrets.keep_cookies(&guest);
    drop(guest.enter(room).await);
    guest.refresh().await.must(200);
    secrets.keep_cookies(&guest);
    guest.sign_out().await.must(200);
}

/// Cara signs in by the link in a letter, lists her devices, changes her address, and undoes the change by the link in the
/// letter to her old address.
async fn moves(program: &RealProgram, secrets: &mut Secrets) {
    let (cara, elsewhere) = (program.visitor(), program.visitor());
    let origin = format!("http://localhost:{}", program.address.port());
    let outbox = program.data_dir().join("outbox");
    let (old, new) = ("cara.carroll@example.org", "cara.moved@example.net");
    secrets.addresses.extend([old.to_owned(), new.to_owned()]);
    let link = |letter: &str| letters::sign_in_link(letter, &origin).expect("a link");
    let token = |link: &str| link.split_once("token=").expect("a token").1.to_owned();

    cara.request_code(old).await.must(200);
    secrets.codes.insert(cara.read_code());
    let address = link(&cara.read_letter());
    secrets.keep(&token(&address));
    elsewhere.page(&address).await.must(200);
    elsewhere
        .post("/api/auth/verify_link", &[("token", &token(&address))])
        .await
        .must(200);
    secrets.keep_cookies(&elsewhere);
    elsewhere.activate("Cara", "").await.must(200);
    elsewhere.post("/api/auth/devices", &[]).await.must(200);
    elsewhere.post("/api/auth/sign_out_others", &[]).await.must(200);

    elsewhere
        .post("/api/auth/request_email_change", &[("email", new)])
        .await
        .must(200);
    let letter = letters::find_newest(&outbox, new).expect("a letter");
    let code = letters::code_in(&letter).expect("a code");
    elsewhere
        .post("/api/auth/confirm_email_change", &[("code", &code)])
        .await
        .must(200);
    secrets.codes.insert(code);
    let address = link(&letters::find_newest(&outbox, old).expect("a letter"));
    secrets.keep(&token(&address));
    elsewhere.page(&address).await.must(200);
    elsewhere
        .post("/api/auth/undo_email_change", &[("token", &token(&address))])
        .await
        .must(200);
}

async fn sign_in(visitor: &Visitor, email: &str, secrets: &mut Secrets) {
    secrets.addresses.insert(email.to_owned());
    visitor.request_code(email).await.must(200);
    secrets.keep_cookies(visitor);
    secrets.codes.insert(visitor.read_code());
    secrets.codes.insert(visitor.wrong_code());
    visitor.verify_code(&visitor.wrong_code()).await.must(422);
    visitor.verify_code(&visitor.read_code()).await.must(200);
    secrets.keep_cookies(visitor);
}

/// A thief has a copy of Ada's cookies. Ada refreshes until her own cookies are newer than the copy. When the thief then uses
/// the copy, the session ends.
async fn is_robbed(ada: &Visitor, program: &RealProgram, secrets: &mut Secrets) {
    let (thief, stolen) = (program.visitor(), ada.jar.copy());
    let caught = async {
        loop {
            let superseded = ada.jar.get("refresh") != stolen.get("refresh").cloned();
            if !superseded {
                ada.refresh().await.must(200);
                secrets.keep_cookies(ada);
            }
            // This request confirms Ada's new token.
            ada.me().await.must(200);
            thief.jar.restore(stolen.clone());
            if superseded && thief.refresh().await.status == 401 {
                break;
            }
            secrets.keep_cookies(&thief);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(WAIT_MAX, caught)
        .await
        .expect("the thief is caught");
    ada.refresh().await.must_fail(401, "session_ended");
}
