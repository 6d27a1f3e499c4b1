//! The command `snug owner-link`, also while the server runs.

use crate::{
    database::{On, start_program},
    owner_link::{claim, claim_with_scripts, command_link, link, me, page},
    real_program,
    test_app::TestApp,
};

on_both_databases! {
    the_command_makes_a_link_that_works_although_there_is_an_owner,
    the_program_prints_a_new_owner_link_beside_the_running_server,
}

async fn the_command_makes_a_link_that_works_although_there_is_an_owner(on: On) {
    let app = TestApp::on(on).await;
    let host = app.person("Host").await;
    claim(&host, &link(&app).await.expect("a link")).await.must(302);
    let (first, second) = (command_link(&app).await, command_link(&app).await);
    assert_eq!(
        link(&app).await,
        None,
        "a start prints no link, because there is an owner"
    );
    claim_with_scripts(&app.visitor(), &first)
        .await
        .must_fail(404, "not_found");
    // Somebody else becomes an owner too.
    let again = app.visitor();
    let shown = page(&again, &second).await;
    assert!(!shown.contains("Sign in as"), "the host gets codes: {shown}");
    claim_with_scripts(&again, &second).await.must(200);
    again.come_in("Host again").await;
    assert!(me(&again).await.owner && me(&host).await.owner);
    claim_with_scripts(&app.visitor(), &second)
        .await
        .must_fail(404, "not_found");
    again.sign_out().await.must(200);
    assert!(
        !again.sign_up("eve@example.org").await.owner,
        "the link makes one owner"
    );
}

async fn the_program_prints_a_new_owner_link_beside_the_running_server(on: On) {
    let program = start_program(on, &[]).await;
    let output = program.run(&["owner-link"]);
    let (said, log) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{log}");
    let path = said.trim().split_once("/owner/").expect("a link").1;
    let host = program.visitor();
    claim_with_scripts(&host, path).await.must(200);
    assert!(host.come_in("Host").await.owner);
    // The link that the server printed at its start no longer works.
    let printed = program.said();
    let (_, printed) = printed.split_once("/owner/").expect("a link");
    let printed = printed.split_whitespace().next().expect("a token");
    claim_with_scripts(&program.visitor(), printed)
        .await
        .must_fail(404, "not_found");
}

#[tokio::test]
async fn the_link_leads_to_the_domain_that_the_command_line_names() {
    let program = start_program(On::Sqlite, &[]).await;
    let mut command = program.command(&["owner-link", "--domain", "talk.example.org"]);
    let output = command
        .env_remove("SNUG_PUBLIC_URL")
        .env_remove("SNUG_LIMITS_ENFORCED")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.starts_with("https://talk.example.org/owner/"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_command_fails_with_a_hint_if_snug_has_never_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(real_program::built());
    let output = command
        .arg("owner-link")
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("start Snug once"), "{log}");
    assert!(!folder.path().join("data").exists(), "it creates nothing");
}
