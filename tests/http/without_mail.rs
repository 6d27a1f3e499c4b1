//! A Snug that sends no e-mails: the sign-in page says whom to ask, and what needs a letter is refused with a sentence or not offered.

use crate::{
    database::On,
    invites::token_of,
    owner_link::{claim, command_link, new_owner, return_as},
    test_app::TestApp,
    visitor::Visitor,
};
use snug::{model::user::User, server::config::MailBackend};

on_both_databases! {
    nobody_gets_a_code_and_the_page_says_whom_to_ask,
    guests_come_in_by_links_and_are_offered_nothing_that_needs_a_letter,
    what_needs_a_letter_is_refused_and_notices_are_left_out,
    a_guest_becomes_an_owner_only_after_mail_is_set_up,
    an_owner_with_an_address_comes_back_by_the_owner_link,
    everybody_who_wants_to_leave_can_do_what_the_page_says,
}

async fn without_mail(on: On) -> TestApp {
    TestApp::with(on, |config| config.mail.backend = MailBackend::None).await
}

/// The page, without the marks that Leptos writes behind each text.
async fn page(visitor: &Visitor, path: &str) -> String {
    visitor.page(path).await.must(200).text().replace("<!>", "")
}

async fn nobody_gets_a_code_and_the_page_says_whom_to_ask(on: On) {
    let app = without_mail(on).await;
    let stranger = app.visitor();
    let shown = page(&stranger, "/sign-in").await;
    assert!(
        shown.contains("This Snug sends no e-mails yet") && !shown.contains("Send code"),
        "{shown}"
    );
    assert!(
        shown.contains("Ask the person who runs it for a link into a room"),
        "{shown}"
    );
    let refused = stranger.request_code("ada@example.org").await;
    let refused = refused.must_fail(403, "forbidden");
    assert!(refused.detail().contains("sends no e-mails"), "{}", refused.detail());
    // Without scripts, the same page comes back.
    let fields = [("email", "ada@example.org")];
    let back = stranger
        .submit("/sign-in", "/api/auth/request_code", &fields)
        .await
        .must(302)
        .location();
    assert!(page(&stranger, &back).await.contains("This Snug sends no e-mails yet"));
    assert_eq!(app.ask::<i64>("select count(*) from codes").await, 0);

    let _host = new_owner(&app, "Host").await;
    let shown = page(&stranger, "/sign-in").await;
    assert!(
        shown.contains("Ask Host, who runs it, for a link into a room"),
        "{shown}"
    );
}

async fn guests_come_in_by_links_and_are_offered_nothing_that_needs_a_letter(on: On) {
    let app = without_mail(on).await;
    let host = new_owner(&app, "Host").await;
    let room = host.open_room("Tea", "open").await;
    let _inside = host.enter(&room).await;
    let (invite, members_only) = (host.make_guest_link(&room).await, host.make_invite(&room).await);
    let shown = page(&app.visitor(), &format!("/invite/{}", token_of(&invite))).await;
    assert!(
        shown.contains("Your name") && !shown.contains("I have an account"),
        "{shown}"
    );
    let shown = page(&app.visitor(), &format!("/invite/{}", token_of(&members_only))).await;
    assert!(
        shown.contains("one that admits guests") && !shown.contains("Sign in to come in"),
        "{shown}"
    );

    let gus = app.guest(&invite, "Gus").await;
    let _socket = gus.enter(&room).await;
    let rooms = page(&gus, "/rooms").await;
    assert!(
        rooms.contains("You are here as a guest.") && !rooms.contains("Keep your seat"),
        "{rooms}"
    );
    let settings = page(&gus, "/settings").await;
    assert!(
        settings.contains("so you can't add an e-mail address") && !settings.contains("Send a code there"),
        "{settings}"
    );
    let fields = [("topic", "Chess"), ("kind", "open")];
    let refused = gus.post("/api/rooms/open", &fields).await.must_fail(403, "forbidden");
    assert!(
        refused.detail().contains("sends no e-mails yet"),
        "{}",
        refused.detail()
    );
}

async fn what_needs_a_letter_is_refused_and_notices_are_left_out(on: On) {
    let app = without_mail(on).await;
    let host = new_owner(&app, "Host").await;
    app.tamper("update users set email = 'host@example.org'").await;
    for (endpoint, field, value) in [
        ("request_email_change", "email", "host@example.net"),
        ("confirm_email_change", "code", "123456"),
    ] {
        let refused = host.post(&format!("/api/auth/{endpoint}"), &[(field, value)]).await;
        let refused = refused.must_fail(403, "forbidden");
        assert!(refused.detail().contains("sends no e-mails"), "{}", refused.detail());
    }
    let settings = page(&host, "/settings").await;
    assert!(settings.contains("so the address can't be changed"), "{settings}");

    let other = app.visitor();
    claim(&other, &command_link(&app).await).await.must(302);
    other.come_in("Other").await;
    let id = host.id().await;
    let fields = [("user", id.as_str()), ("email", "host@example.org")];
    host.post("/api/account/delete", &fields).await.must(200);
    assert_eq!(app.ask::<String>("select name from users").await, "Other");
    assert!(!app.outbox().exists(), "no letter is stored");
}

async fn a_guest_becomes_an_owner_only_after_mail_is_set_up(on: On) {
    let app = without_mail(on).await;
    let host = new_owner(&app, "Host").await;
    let room = host.open_room("Tea", "open").await;
    let _inside = host.enter(&room).await;
    let gus = app.guest(&host.make_guest_link(&room).await, "Gus").await;
    let refused = host
        .action("make_owner", &gus.id().await)
        .await
        .must_fail(409, "conflict");
    // An owner link could also sign in as the host, who gets no codes, so the sentence must not tell the host to give one away.
    assert!(
        refused.detail().contains("SNUG_MAIL_SMTP_URL") && !refused.detail().contains("owner-link"),
        "{}",
        refused.detail()
    );
}

async fn an_owner_with_an_address_comes_back_by_the_owner_link(on: On) {
    let app = without_mail(on).await;
    let host = new_owner(&app, "Host").await;
    app.tamper("update users set email = 'host@example.org'").await;
    let id = host.id().await;
    host.sign_out().await.must(200);
    let link = command_link(&app).await;
    assert!(page(&host, &link).await.contains("Sign in as Host"));
    return_as(&host, &link, id.as_str()).await.must(200);
    let back: User = host.me().await.must(200).json();
    assert!(back.owner && back.person.id == id);
}

async fn everybody_who_wants_to_leave_can_do_what_the_page_says(on: On) {
    let mut app = without_mail(on).await;
    let host = new_owner(&app, "Host").await;
    let room = host.open_room("Tea", "open").await;
    let _inside = host.enter(&room).await;
    let gus = app.guest(&host.make_guest_link(&room).await, "Gus").await;
    app.tamper("update users set email = 'host@example.org' where name = 'Host'")
        .await;
    app.tamper("update users set email = 'gus@example.org' where name = 'Gus'")
        .await;
    let (host_id, gus_id) = (host.id().await, gus.id().await);
    app.pass_s(3_600);
    host.refresh().await.must(200);
    gus.refresh().await.must(200);

    // The only owner.
    let shown = page(&host, "/settings/leave").await;
    assert!(shown.contains("snug owner-link"), "{shown}");
    let fields = [("user", host_id.as_str()), ("email", "host@example.org")];
    let refused = host.post("/api/account/delete", &fields).await;
    // The owner can sign in again by a link, so the ten minutes hold.
    refused.must_fail(403, "forbidden");
    return_as(&host, &command_link(&app).await, host_id.as_str())
        .await
        .must(200);
    let refused = host
        .post("/api/account/delete", &fields)
        .await
        .must_fail(409, "conflict");
    assert!(refused.detail().contains("snug owner-link"), "{}", refused.detail());

    // One of two owners, who signed in long ago.
    let other = app.visitor();
    claim(&other, &command_link(&app).await).await.must(302);
    other.come_in("Other").await;
    app.pass_s(601);
    host.refresh().await.must(200);
    let shown = page(&host, "/settings/leave").await;
    assert!(
        shown.contains("snug owner-link") && !shown.contains("again=1"),
        "{shown}"
    );

    // Somebody who can't sign in again leaves at any time.
    gus.refresh().await.must(200);
    let shown = page(&gus, "/settings/leave").await;
    assert!(shown.contains("Delete my account"), "{shown}");
    let fields = [("user", gus_id.as_str()), ("email", "gus@example.org")];
    gus.post("/api/account/delete", &fields).await.must(200);
    // The sign-in page has no form.
    let shown = page(&gus, "/sign-in?left=1").await;
    assert!(
        shown.contains("Your account is deleted") && !shown.contains("start here again"),
        "{shown}"
    );
}
