//! What people type: the commands and options of the program, and the recipes of `make`.

use super::document::{code, in_repository, section, table};
use crate::real_program;
use std::{fs, process::Command};

pub fn describe() -> String {
    let commands = [&[][..], &["config"]].map(|command| (command, words_of_help(command)));
    let name = |command: &[&str]| [&["snug"][..], command].concat().join(" ");
    let rows = commands
        .iter()
        .flat_map(|(command, words)| words.iter().map(|word| [code(format!("{} {word}", name(command)))]));
    section(
        "Commands",
        "These are the commands and options that `snug --help` and `snug config --help` list.",
    ) + &table(["Command"], rows)
        + &describe_exit_codes()
        + &section("Recipes", "These are the targets of the Makefile.")
        + &table(
            ["Recipe"],
            recipes().iter().map(|recipe| [code(format!("make {recipe}"))]),
        )
}

/// Checks a valid and an invalid configuration with each of the two names of the command.
fn describe_exit_codes() -> String {
    for check in [&["check-config"][..], &["config", "check"]] {
        assert_eq!(exit_code(check, &[]), Some(0));
        assert_eq!(exit_code(check, &[("SNUG_MAIL_BACKEND", "pigeon")]), Some(1));
    }
    assert_eq!(exit_code(&["config", "print"], &[]), Some(0));
    "\n`snug config check` and `snug check-config` exit with status 0 if the configuration is valid, and with status 1 if it \
     is not.\n"
        .to_owned()
}

/// The names in the lists of commands and options that the help prints.
fn words_of_help(command: &[&str]) -> Vec<String> {
    let output = program(&[command, &["--help"]].concat(), &[]);
    let help = String::from_utf8(output.stdout).expect("text");
    let lists = help.lines().skip_while(|line| !line.starts_with("Commands:"));
    // An entry is indented by two spaces, or by six if it has no short form. Two spaces separate its name from its description.
    let entries = lists.filter(|line| line.starts_with("  ")).map(str::trim_start);
    let names = entries.filter(|line| line.starts_with('-') || line.starts_with(char::is_lowercase));
    let names = names.map(|line| line.split("  ").next().unwrap_or(line).to_owned());
    let names: Vec<String> = names.filter(|name| name != "help").collect();
    assert!(names.len() > 3, "{help}");
    names
}

fn recipes() -> Vec<String> {
    let makefile = fs::read_to_string(in_repository("Makefile")).expect("the Makefile");
    let is_name = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let names = makefile
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name);
    names
        .filter(|name| !name.is_empty() && is_name(name))
        .map(str::to_owned)
        .collect()
}

fn exit_code(arguments: &[&str], variables: &[(&str, &str)]) -> Option<i32> {
    program(arguments, variables).status.code()
}

fn program(arguments: &[&str], variables: &[(&str, &str)]) -> std::process::Output {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(real_program::built());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SNUG_")) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(folder.path());
    command.output().expect("the program runs")
}
