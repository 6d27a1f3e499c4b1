//! Owner links: where they come from, and what a visitor does with them.

use crate::{answer::Answer, test_app::TestApp, visitor::Visitor};
use snug::{model::user::User, server::auth::owner_link};

/// The endpoint of the button on the page of an owner link.
pub const USE: &str = "/api/auth/use_owner_link";

/// The path of the owner link that the program prints when it starts.
pub async fn link(app: &TestApp) -> Option<String> {
    let link = owner_link::link(&app.state).await.expect("asked")?;
    Some(link.strip_prefix(&app.origin()).expect("a link to here").to_owned())
}

/// The path of a link that the command `snug owner-link` prints.
pub async fn command_link(app: &TestApp) -> String {
    let link = owner_link::command::make_link(&app.state.config).await.expect("a link");
    link.strip_prefix(&app.origin()).expect("a link to here").to_owned()
}

/// Presses the button on the page of an owner link, without scripts.
pub async fn claim(visitor: &Visitor, link: &str) -> Answer {
    let token = token_of(link);
    visitor.submit(link, USE, &[("token", token)]).await
}

/// Presses the button that signs in as the owner with this id.
pub async fn return_as(visitor: &Visitor, link: &str, owner: &str) -> Answer {
    let fields = [("token", token_of(link)), ("owner", owner)];
    visitor.post(USE, &fields).await
}

/// Presses the button with scripts, which get a status and no redirect.
pub async fn claim_with_scripts(visitor: &Visitor, link: &str) -> Answer {
    visitor.post(USE, &[("token", token_of(link))]).await
}

pub fn token_of(link: &str) -> &str {
    link.rsplit('/').next().expect("a token")
}

pub async fn read_outbox(visitor: &Visitor) -> Answer {
    visitor.post("/api/mail/outbox", &[]).await
}

/// An owner who came by the owner link and has no e-mail address.
pub async fn new_owner(app: &TestApp, name: &str) -> Visitor {
    let owner = app.visitor();
    claim(&owner, &link(app).await.expect("a link")).await.must(302);
    owner.come_in(name).await;
    owner
}

/// The account of a visitor.
pub async fn me(visitor: &Visitor) -> User {
    visitor.me().await.must(200).json()
}

/// The text of a page, without the marks that Leptos puts between texts.
pub async fn page(visitor: &Visitor, link: &str) -> String {
    visitor.page(link).await.must(200).text().replace("<!>", "")
}
