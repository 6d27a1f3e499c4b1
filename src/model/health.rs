//! What an examination of a Snug has found: by `snug doctor`, and on the owner's page about its health.

use serde::{Deserialize, Serialize};

/// How good or bad a finding is. The worst comes first in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthVerdict {
    /// People can't use this Snug, or will lose something.
    Bad,
    /// It works, but something should change.
    Warning,
    /// It could not be checked. The message says why.
    Skipped,
    Good,
}

/// What one check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthFinding {
    /// The name of the check, such as `dns`. Programs may rely on it.
    pub check: String,
    pub verdict: HealthVerdict,
    /// What was found, on one line.
    pub message: String,
    /// What to do. Empty if there is nothing to do.
    pub advice: String,
}

impl HealthFinding {
    pub fn good(check: &str, message: impl Into<String>) -> Self {
        Self::new(check, HealthVerdict::Good, message, "")
    }

    /// A check that could not be done. The message says why.
    pub fn skipped(check: &str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, HealthVerdict::Skipped, message, advice)
    }

    pub fn warning(check: &str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, HealthVerdict::Warning, message, advice)
    }

    pub fn bad(check: &str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, HealthVerdict::Bad, message, advice)
    }

    /// What libraries and other programs say can have more than one line, so the lines are joined.
    fn new(check: &str, verdict: HealthVerdict, message: impl Into<String>, advice: impl Into<String>) -> Self {
        let on_one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            check: check.to_owned(),
            verdict,
            message: on_one_line(message.into()),
            advice: on_one_line(advice.into()),
        }
    }
}

/// All findings, the worst first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HealthReport {
    pub findings: Vec<HealthFinding>,
}

impl HealthReport {
    /// Sorts the findings: bad, warning, skipped, good. Findings with the same verdict keep their order, so a cause that is checked
    /// before its consequences comes before them.
    pub fn new(mut findings: Vec<HealthFinding>) -> Self {
        findings.sort_by_key(|finding| finding.verdict);
        Self { findings }
    }

    /// Whether something is bad.
    pub fn has_bad(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.verdict == HealthVerdict::Bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(check: &str, verdict: HealthVerdict) -> HealthFinding {
        HealthFinding {
            check: check.into(),
            verdict,
            message: "It was checked.".into(),
            advice: String::new(),
        }
    }

    #[test]
    fn the_worst_finding_comes_first_and_a_cause_before_its_consequences() {
        let report = HealthReport::new(vec![
            finding("disk", HealthVerdict::Good),
            finding("https_port", HealthVerdict::Skipped),
            finding("dns", HealthVerdict::Bad),
            finding("backup", HealthVerdict::Warning),
            finding("certificate", HealthVerdict::Bad),
        ]);
        let order: Vec<&str> = report.findings.iter().map(|finding| finding.check.as_str()).collect();
        assert_eq!(order, ["dns", "certificate", "backup", "https_port", "disk"]);
        assert!(report.has_bad());
    }

    #[test]
    fn a_report_without_a_bad_finding_is_not_bad() {
        let report = HealthReport::new(vec![
            finding("backup", HealthVerdict::Warning),
            finding("proxy", HealthVerdict::Skipped),
        ]);
        assert!(!report.has_bad() && !HealthReport::default().has_bad());
    }

    #[test]
    fn a_finding_is_on_one_line() {
        let finding = HealthFinding::bad("dns", "The server said:\n  no", "Ask\nagain.");
        assert_eq!(
            (finding.message.as_str(), finding.advice.as_str()),
            ("The server said: no", "Ask again.")
        );
        assert!(HealthFinding::good("dns", "It resolves.").advice.is_empty());
    }

    #[test]
    fn verdicts_are_written_as_words() {
        let text = serde_json::to_string(&finding("dns", HealthVerdict::Skipped)).expect("JSON");
        assert!(text.contains(r#""verdict":"skipped""#), "{text}");
    }
}
