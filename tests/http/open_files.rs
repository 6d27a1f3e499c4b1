//! The limit on open files of the real program.

use crate::real_program::RealProgram;

/// The soft and the hard limit of a process.
fn limits(process: u32) -> (String, String) {
    let text = std::fs::read_to_string(format!("/proc/{process}/limits")).expect("the limits of the process");
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"));
    let mut words = line.expect("open files are limited").split_whitespace();
    let mut next = || words.next().expect("a number").to_owned();
    (next(), next())
}

#[test]
fn the_soft_limit_is_raised_to_the_hard_one_and_the_log_says_how_many_connections_fit() {
    let program = RealProgram::start_after("ulimit -S -n 256", &[]);
    let (soft, hard) = limits(program.child.id());
    assert_eq!(soft, hard);
    let log = program.log();
    assert!(log.contains(&format!("open files from 256 to {hard}")), "{log}");
    assert!(log.contains("connections fit at the same time"), "{log}");
}

#[test]
fn a_hard_limit_of_1024_leaves_824_connections() {
    let program = RealProgram::start_after("ulimit -n 1024", &[]);
    assert_eq!(limits(program.child.id()), ("1024".into(), "1024".into()));
    let log = program.log();
    assert!(log.contains("up to 760 connections fit"), "{log}");
}
