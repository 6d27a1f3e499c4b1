//! `snug doctor`: examines this Snug, and says what is wrong and what to do.

use super::{configuration, serve::ServeArguments};
use snug::{
    model::health::{HealthFinding, HealthReport, HealthVerdict},
    server::{
        doctor::{ExamineOptions, examine, report_problems, with_warnings},
        typed_address,
    },
};
use std::{io::Write, path::Path, process::ExitCode};

/// The arguments of `snug doctor`.
#[derive(clap::Args)]
pub struct DoctorArguments {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// Send a test letter to this address
    #[arg(long, value_name = "ADDRESS")]
    mail: Option<String>,
    /// A domain, as you give it to snug serve
    #[arg(long = "domain", value_name = "NAME")]
    domains: Vec<String>,
    /// If you start snug serve with --lan
    #[arg(long)]
    lan: bool,
}

/// Examines the Snug with the configuration in `file`. The exit status is 1 if something is bad.
pub async fn run(file: Option<&Path>, arguments: DoctorArguments) -> ExitCode {
    let mail_to = match arguments.mail.as_deref().map(typed_address::parse).transpose() {
        Ok(mail_to) => mail_to,
        Err(sentence) => {
            eprintln!("--mail: {sentence}");
            return ExitCode::FAILURE;
        }
    };
    let said = ServeArguments {
        domains: arguments.domains,
        lan: arguments.lan,
    };
    let report = match said.said().and_then(|said| configuration::load(file, said)) {
        Ok(loaded) => {
            let options = ExamineOptions { mail_to };
            with_warnings(examine(&loaded.config, &options).await, &loaded.warnings)
        }
        Err(problems) => report_problems(&problems.0),
    };
    // Not `println!`, which panics if the reader closes the pipe early, as `head` does.
    let printed = std::io::stdout().write_all(print(&report, arguments.json).as_bytes());
    match printed.is_ok() && !report.has_bad() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn print(report: &HealthReport, as_json: bool) -> String {
    match as_json {
        true => serde_json::to_string_pretty(report).unwrap_or_default() + "\n",
        false => report.findings.iter().map(describe).collect(),
    }
}

/// A line with what was found, and one with what to do.
fn describe(finding: &HealthFinding) -> String {
    let HealthFinding {
        check, message, advice, ..
    } = finding;
    let mark = match finding.verdict {
        HealthVerdict::Bad => "bad",
        HealthVerdict::Warning => "warning",
        HealthVerdict::Skipped => "skipped",
        HealthVerdict::Good => "ok",
    };
    let advice = match advice.as_str() {
        "" => String::new(),
        advice => format!("         {advice}\n"),
    };
    format!("{mark:<8} {check}: {message}\n{advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> HealthReport {
        HealthReport::new(vec![
            HealthFinding::good("disk", "The disk has 34.1 GB free."),
            HealthFinding::bad("dns", "The name does not resolve.", "Add a record."),
        ])
    }

    #[test]
    fn the_first_line_names_the_fault_and_the_next_one_says_what_to_do() {
        let lines = "bad      dns: The name does not resolve.\n         Add a record.\nok       disk: The disk has 34.1 GB free.\n";
        assert_eq!(print(&report(), false), lines);
    }

    #[test]
    fn the_report_is_also_json() {
        let read: HealthReport = serde_json::from_str(&print(&report(), true)).expect("JSON");
        assert_eq!(read, report());
    }
}
