//! The commands `snug backup` and `snug restore` of the real program.

use crate::real_program::RealProgram;
use std::{fs, os::unix::fs::PermissionsExt, process::Output};

fn output(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(error))
}

#[tokio::test]
async fn a_snug_is_backed_up_while_it_runs_and_restored_after_its_data_is_gone() {
    let mut program = RealProgram::start(&[]);
    let ada = program.visitor();
    ada.sign_up("ada@example.org").await;
    ada.come_in("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("backup.tar");
    let path = file.to_str().expect("UTF-8");

    let made = program.run(&["backup", path]);
    assert_eq!(made.status.code(), Some(0), "{}", output(&made));
    assert!(
        output(&made).contains("It was read again and is whole."),
        "{}",
        output(&made)
    );
    let mode = fs::metadata(&file).expect("the backup").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = program.run(&["backup", path]);
    assert_eq!(again.status.code(), Some(1));
    assert!(output(&again).contains("--overwrite"), "{}", output(&again));
    let again = program.run(&["backup", "--overwrite", "--without-keys", path]);
    assert_eq!(again.status.code(), Some(0), "{}", output(&again));
    let made = program.run(&["backup", "--overwrite", path]);
    assert_eq!(made.status.code(), Some(0), "{}", output(&made));

    let refused = program.run(&["restore", path]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(output(&refused).contains("is not empty"), "{}", output(&refused));
    ada.find_room(room.id.as_str()).await.must(200);

    program.signal("TERM");
    program.wait_for_end();
    fs::rename(program.data_dir(), folder.path().join("old")).expect("moved away");
    let restored = program.run(&["restore", path]);
    assert_eq!(restored.status.code(), Some(0), "{}", output(&restored));
    assert!(output(&restored).contains("Start Snug now."), "{}", output(&restored));
    program.start_again();
    let ada = program.visitor();
    let user = ada.sign_up("ada@example.org").await;
    assert_eq!(user.person.name, "Ada");
    ada.find_room(room.id.as_str()).await.must(200);
}

#[tokio::test]
async fn commands_that_fail_say_why_with_exit_code_1() {
    let mut program = RealProgram::start(&[]);
    program.signal("TERM");
    program.wait_for_end();
    for (arguments, wanted) in [
        (&["backup", "missing/backup.tar"][..], "there is no folder"),
        (&["backup", "data"][..], "is a folder"),
        (&["restore", "missing.tar"][..], "can't open missing.tar"),
        (&["restore", "log"][..], "is not empty"),
    ] {
        let failed = program.run(arguments);
        assert_eq!(failed.status.code(), Some(1), "{}", output(&failed));
        assert!(output(&failed).contains(wanted), "{}", output(&failed));
    }
    for command in ["backup", "restore"] {
        let help = program.run(&[command, "--help"]);
        assert_eq!(help.status.code(), Some(0));
        assert!(output(&help).contains("<FILE>"), "{}", output(&help));
    }
}
