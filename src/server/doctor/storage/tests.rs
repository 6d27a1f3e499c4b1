//! Checks what is said about the data folder, its keys and its disk.

use super::*;
use crate::model::health::HealthVerdict;

const GOOD: PathRights = PathRights {
    owner: 7,
    is_folder: true,
    is_readable: true,
    is_writable: true,
};

fn facts(rights: Result<PathRights, ErrorKind>, contents: &[(&str, PathRights)]) -> StorageFacts<'static> {
    StorageFacts {
        folder: Path::new("/srv/snug/data"),
        rights,
        above: Some(("/srv/snug".into(), GOOD)),
        user: 7,
        contents: contents.iter().map(|(path, file)| (path.into(), *file)).collect(),
    }
}

#[test]
fn a_folder_that_can_t_be_written_is_bad_and_the_advice_names_the_user() {
    let of_root = PathRights {
        owner: 0,
        is_writable: false,
        ..GOOD
    };
    let finding = judge_folder(&facts(Ok(of_root), &[]));
    assert_eq!(finding.verdict, HealthVerdict::Bad);
    assert!(
        finding
            .message
            .contains("belongs to the user 0, and this is the user 7"),
        "{finding:?}"
    );
    assert!(finding.advice.contains("chown -R 7 /srv/snug/data"), "{finding:?}");
    let hidden = judge_folder(&facts(Err(ErrorKind::PermissionDenied), &[]));
    assert_eq!(hidden.verdict, HealthVerdict::Bad);
}

#[test]
fn a_file_of_another_user_is_named() {
    let of_root = PathRights {
        owner: 0,
        is_folder: false,
        is_writable: false,
        ..GOOD
    };
    let finding = judge_folder(&facts(Ok(GOOD), &[("/srv/snug/data/snug.db", of_root)]));
    assert_eq!(finding.verdict, HealthVerdict::Bad);
    assert!(
        finding.message.starts_with("/srv/snug/data/snug.db can't be written"),
        "{finding:?}"
    );
    let for_superuser = PathRights {
        is_writable: true,
        ..of_root
    };
    let finding = judge_folder(&facts(Ok(GOOD), &[("/srv/snug/data/snug.db", for_superuser)]));
    assert_eq!(
        finding.verdict,
        HealthVerdict::Bad,
        "the superuser sees it by the owners"
    );
    assert!(finding.advice.contains("chown -R 7"), "{finding:?}");
}

#[test]
fn a_missing_folder_is_good_only_if_it_can_be_made() {
    let mut missing = facts(Err(ErrorKind::NotFound), &[]);
    assert_eq!(judge_folder(&missing).verdict, HealthVerdict::Good);
    missing.above = Some((
        "/srv".into(),
        PathRights {
            is_writable: false,
            ..GOOD
        },
    ));
    assert_eq!(judge_folder(&missing).verdict, HealthVerdict::Bad);
}

#[test]
fn a_look_at_the_data_folder_creates_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config::for_tests(&folder.path().join("data"));
    let findings = check(&config);
    assert!(
        findings
            .iter()
            .all(|finding| finding.check != FOLDER || finding.verdict == HealthVerdict::Good)
    );
    let (keyring, finding) = open_keyring(&config);
    assert!(keyring.is_none() && finding.is_none());
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn keys_that_are_missing_beside_a_database_are_bad() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config::for_tests(folder.path());
    let database = sqlite_file(&config.database_url).expect("SQLite");
    std::fs::write(database, "").expect("written");
    let (_, finding) = open_keyring(&config);
    let finding = finding.expect("a finding");
    assert_eq!(finding.verdict, HealthVerdict::Bad);
    assert!(finding.message.contains("are missing"), "{finding:?}");
}

#[test]
fn a_disk_is_bad_before_it_is_full() {
    let verdict = |free| judge_disk(Path::new("/srv"), free).verdict;
    assert_eq!(verdict(Some(0)), HealthVerdict::Bad);
    assert_eq!(verdict(Some(FREE_MIN_BYTES)), HealthVerdict::Warning);
    assert_eq!(verdict(Some(FREE_GOOD_BYTES)), HealthVerdict::Good);
    assert_eq!(verdict(None), HealthVerdict::Skipped);
}
