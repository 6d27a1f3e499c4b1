//! A guest's photo. The guest card sends it with scripts, and the form of the card sends it without them.

use crate::{
    answer::Answer,
    database::On,
    guests::{ada_with_guest_link, me},
    invites::{invites, token_of},
    photos,
    test_app::TestApp,
    visitor::Visitor,
};
use image::ImageFormat;
use reqwest::multipart::{Form, Part};
use snug::model::invite::Invite;

on_both_databases! { a_guests_photo_is_checked_and_stored_like_any_other }

async fn by_script(visitor: &Visitor, invite: &Invite, photo: &[u8]) -> Answer {
    let photo = photos::data_url("png", photo);
    visitor.come_as_guest_with(invite, "Gus", &photo).await
}

async fn by_form(visitor: &Visitor, invite: &Invite, photo: &[u8]) -> Answer {
    let part = Part::bytes(photo.to_vec()).file_name("me.png");
    let form = Form::new().text("token", token_of(invite).to_owned());
    let form = form.part("photo", part).text("name", "Gus");
    let request = visitor.raw_post("/api/invites/come_as_guest_form");
    visitor.send(request.multipart(form)).await
}

async fn a_guests_photo_is_checked_and_stored_like_any_other(on: On) {
    let app = TestApp::on(on).await;
    let (ada, room, _socket, invite) = ada_with_guest_link(&app).await;
    let photo = photos::photo(64, 64, ImageFormat::Png);
    let (half, bomb) = (&photo[..photo.len() / 2], photos::png_that_says(9_000, 9_000));
    for (wrong, status, kind) in [
        (&b"<svg>"[..], 415, "unsupported"),
        (&b"no picture"[..], 415, "unsupported"),
        (&bomb[..], 413, "too_large"),
        (half, 422, "invalid"),
    ] {
        let stranger = app.visitor();
        for answer in [
            by_script(&stranger, &invite, wrong).await,
            by_form(&stranger, &invite, wrong).await,
        ] {
            let refused = answer.must_fail(status, kind);
            assert!(refused.set_cookies().is_empty(), "{kind}");
        }
    }
    assert_eq!(
        invites(&ada, &room).await[0].uses,
        0,
        "refused attempts do not count as uses of the link"
    );
    let (gus, other) = (app.visitor(), app.visitor());
    by_script(&gus, &invite, &photo).await.must(200);
    by_form(&other, &invite, &photo).await.must(200);
    for guest in [gus, other] {
        let picture = me(&guest).await.person.picture;
        assert!(picture.starts_with("/pictures/"), "{picture}");
        guest.get(&picture).await.must(200);
    }
    assert_eq!(invites(&ada, &room).await[0].uses, 2);
}
