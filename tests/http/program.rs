//! The program on the command line: its help, its check of the configuration, files of settings, and configurations that it refuses.

use crate::real_program::built;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Runs the built program in an empty folder with these variables.
fn snug(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    snug_in(folder.path(), arguments, variables)
}

fn snug_in(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(built());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SNUG_")) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(folder);
    command.output().expect("the program runs")
}

fn message(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn help_names_the_commands() {
    let help = message(&snug(&["--help"], &[]));
    for command in ["serve", "config", "owner-link"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
    }
    // The old name still works, but nobody should begin to use it.
    assert!(!help.contains("check-config"), "{help}");
}

#[test]
fn every_command_explains_itself_and_changes_nothing() {
    for (words, says) in [
        (&[][..], "Drop-in voice rooms"),
        (&["serve"][..], "Run the server"),
        (&["config"][..], "Print all settings, or check"),
        (&["config", "print"][..], "Print all settings"),
        (&["config", "check"][..], "Check your configuration"),
        (&["owner-link"][..], "Print a new owner link"),
    ] {
        // A configuration that can't be read is no reason to refuse help.
        let output = snug(&[words, &["--help"]].concat(), &[("SNUG_MAIL_BACKEND", "pigeon")]);
        let help = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{}",
            message(&output)
        );
        assert!(help.starts_with(says), "{words:?}: {help}");
        let usage = ["Usage: snug", &words.join(" ")].join(if words.is_empty() { "" } else { " " });
        assert!(
            help.contains(&usage) && help.contains("--config <FILE>"),
            "{words:?}: {help}"
        );
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let output = snug(&["--version"], &[]);
    let manifest = include_str!("../../Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = "));
    let version = version.expect("a version").trim_matches('"');
    assert_eq!(message(&output), format!("snug {version}\n"));
}

#[test]
fn an_unknown_command_is_refused_with_a_hint() {
    let output = snug(&["sreve"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(message(&output).contains("serve"), "{}", message(&output));
}

#[test]
fn the_defaults_are_a_valid_configuration() {
    let output = snug(&["check-config"], &[]);
    assert!(output.status.success(), "{}", message(&output));
    assert!(
        message(&output).contains("http://localhost:3000"),
        "{}",
        message(&output)
    );
}

#[test]
fn both_names_of_the_check_give_the_same_answer() {
    for variables in [&[][..], &[("SNUG_MAIL_BACKEND", "pigeon")]] {
        let (short, long) = (
            snug(&["check-config"], variables),
            snug(&["config", "check"], variables),
        );
        assert_eq!(message(&short), message(&long));
        assert_eq!(short.status.code(), long.status.code());
    }
}

#[test]
fn the_reference_is_printed_without_values_even_if_the_configuration_is_invalid() {
    let url = "smtps://user:hunter2@mail.example.org";
    let wrong = [("SNUG_MAIL_BACKEND", "pigeon"), ("SNUG_MAIL_SMTP_URL", url)];
    let output = snug(&["config", "print"], &wrong);
    assert!(output.status.success(), "{}", message(&output));
    assert_eq!(message(&output), message(&snug(&["config", "print"], &[])));
    for words in ["[snug.data]", "# Variable: SNUG_DATA_DIR", "dir = \"data\""] {
        assert!(message(&output).contains(words), "{words}: {}", message(&output));
    }
    assert!(!message(&output).contains("pigeon") && !message(&output).contains("hunter2"));
}

#[test]
fn all_invalid_values_are_listed_at_once_with_exit_code_1() {
    let wrong = [
        ("SNUG_PUBLIC_URL", "http://snug.example.org"),
        ("SNUG_AUTH_CONFIRM_SECONDS", "900"),
        ("SNUG_MAIL_BACKEND", "pigeon"),
        ("SNUG_VOICE_UDP_PORT", "70000"),
        ("SNUG_VOICE_ADVERTISE", "0.0.0.0"),
    ];
    for command in [&["check-config"][..], &["config", "check"], &["serve"], &[]] {
        let output = snug(command, &wrong);
        assert_eq!(output.status.code(), Some(1));
        for (name, _) in wrong {
            assert!(
                message(&output).contains(name),
                "{name} is not named in: {}",
                message(&output)
            );
        }
    }
}

#[test]
fn outbox_mail_with_a_public_url_is_refused_and_the_error_says_what_to_set() {
    let public = ("SNUG_PUBLIC_URL", "https://snug.example.org");
    let output = snug(&["serve"], &[public, ("SNUG_MAIL_BACKEND", "outbox")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        message(&output).contains("SNUG_MAIL_BACKEND=smtp"),
        "{}",
        message(&output)
    );
}

#[test]
fn a_public_snug_without_mail_settings_has_a_valid_configuration() {
    let public = ("SNUG_PUBLIC_URL", "https://snug.example.org");
    let output = snug(&["config", "check"], &[public]);
    assert!(output.status.success(), "{}", message(&output));
}

#[test]
fn an_unknown_variable_is_only_a_warning() {
    let output = snug(&["check-config"], &[("SNUG_DATA_DRI", "elsewhere")]);
    assert!(output.status.success());
    assert!(message(&output).contains("SNUG_DATA_DRI"), "{}", message(&output));
}

#[test]
fn a_data_folder_that_can_not_be_written_is_refused_at_the_start_and_the_error_says_what_to_set() {
    let output = snug(
        &["serve"],
        &[("SNUG_DATA_DIR", "/proc/snug"), ("SNUG_VOICE_UDP_PORT", "0")],
    );
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    for words in ["can't write to the data folder /proc/snug", "SNUG_DATA_DIR"] {
        assert!(message(&output).contains(words), "{}", message(&output));
    }
}

#[test]
fn settings_come_from_the_file_in_the_folder_or_from_the_one_that_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let says = |arguments: &[&str]| message(&snug_in(folder.path(), arguments, &[]));
    // A few lines are a whole file: the program has the other settings.
    fs::write(
        folder.path().join("Leptos.toml"),
        "[snug.public]\nurl = \"http://localhost:4000\"\n",
    )
    .expect("a file");
    fs::write(
        folder.path().join("other.toml"),
        "[package.metadata.leptos]\nsite-addr = \"127.0.0.1:5000\"\n",
    )
    .expect("a file");
    assert!(says(&["config", "check"]).contains("at http://localhost:4000."));
    assert!(says(&["config", "check", "--config", "other.toml"]).contains("at http://localhost:5000."));
    let none = snug_in(folder.path(), &["--config", "none.toml", "serve"], &[]);
    assert_eq!(none.status.code(), Some(1));
    assert!(
        message(&none).contains("there is no file none.toml"),
        "{}",
        message(&none)
    );
}

#[test]
fn the_printed_settings_are_a_file_that_can_be_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = snug_in(folder.path(), &["config", "print"], &[]).stdout;
    fs::write(folder.path().join("Leptos.toml"), printed).expect("a file");
    let output = snug_in(folder.path(), &["config", "check"], &[]);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        message(&output)
    );
}

#[test]
fn a_folder_without_a_site_is_refused_by_the_name_of_its_variable() {
    let output = snug(&["serve"], &[("LEPTOS_SITE_ROOT", "nowhere")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(message(&output).contains("LEPTOS_SITE_ROOT"), "{}", message(&output));
}
