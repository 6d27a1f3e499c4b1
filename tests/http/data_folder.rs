//! The modes of the files in the data folder, and the rows that housekeeping deletes.

use crate::{database::On, email_change::change, real_program::RealProgram, test_app::TestApp};
use snug::server::housekeeping;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

on_both_databases! {
    housekeeping_deletes_expired_codes_and_changes_of_addresses_that_can_not_be_undone_any_more,
}

/// Everything in the folder, and the folder itself, with its mode.
fn modes(folder: &Path) -> Vec<(PathBuf, bool, u32)> {
    let metadata = fs::metadata(folder).expect("there");
    let mut found = vec![(folder.to_owned(), true, metadata.permissions().mode() & 0o777)];
    for entry in fs::read_dir(folder).expect("the folder").flatten() {
        let metadata = entry.metadata().expect("there");
        match metadata.is_dir() {
            true => found.extend(modes(&entry.path())),
            false => found.push((entry.path(), false, metadata.permissions().mode() & 0o777)),
        }
    }
    found
}

fn assert_private(program: &RealProgram) {
    let found = modes(&program.data_dir());
    assert!(found.len() > 6, "the program has files: {found:?}");
    for (path, is_folder, mode) in found {
        let wanted = if is_folder { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{}: {mode:o}\n{}", path.display(), program.log());
    }
}

#[tokio::test]
async fn a_new_data_folder_is_private_whatever_the_umask_was() {
    let program = RealProgram::start_after("umask 000", &[]);
    program.visitor().sign_up("ada@example.org").await;
    assert_private(&program);
    assert!(!program.log().contains("now only this user can"), "{}", program.log());
}

#[tokio::test]
async fn an_old_data_folder_that_everybody_could_read_is_tightened_at_the_start_with_a_line_in_the_log() {
    let mut program = RealProgram::start(&[]);
    program.visitor().sign_up("ada@example.org").await;
    program.signal("TERM");
    assert_eq!(program.wait_for_end(), Some(0), "{}", program.log());
    for (path, is_folder, _) in modes(&program.data_dir()) {
        let mode = if is_folder { 0o755 } else { 0o644 };
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    }
    let changed = modes(&program.data_dir()).len();
    program.start_again();
    assert_private(&program);
    let log = program.log();
    assert!(
        log.contains(&format!("other users could read or change {changed} files and folders")),
        "{log}"
    );
}

async fn count(app: &TestApp, sql: &'static str) -> i64 {
    app.ask(sql).await
}

async fn housekeeping_deletes_expired_codes_and_changes_of_addresses_that_can_not_be_undone_any_more(on: On) {
    const CODES: &str = "select count(*) from codes";
    const CHANGES: &str = "select count(*) from email_changes";
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    change(&app, &ada, "countess@example.org").await;
    app.visitor().request_code("ben@example.org").await.must(200);
    assert!(count(&app, CODES).await >= 1);
    housekeeping::tidy(&app.state).await;
    assert!(count(&app, CODES).await >= 1, "the code can still be used");

    app.pass_s(6 * 86_400);
    housekeeping::tidy(&app.state).await;
    assert_eq!(count(&app, CODES).await, 0);
    assert_eq!(count(&app, CHANGES).await, 1, "the change can still be undone");
    app.pass_s(86_400 + 1);
    housekeeping::tidy(&app.state).await;
    assert_eq!(count(&app, CHANGES).await, 0);

    // A change that was never confirmed is deleted an hour after its code has expired.
    let request = [("email", "benedict@example.org")];
    let ben = app.person("Ben").await;
    ben.post("/api/auth/request_email_change", &request).await.must(200);
    assert_eq!(count(&app, CHANGES).await, 1);
    housekeeping::tidy(&app.state).await;
    assert_eq!(count(&app, CHANGES).await, 1, "its code can still be used");
    app.pass_s(600 + 3_600);
    housekeeping::tidy(&app.state).await;
    assert_eq!(count(&app, CHANGES).await, 0);
}
