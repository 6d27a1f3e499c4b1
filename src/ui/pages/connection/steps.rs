//! The steps of the connection check: what each found, in words, and the report of all steps. The code is pure.

/// A step, in the order in which the page shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStep {
    Server,
    Socket,
    Udp,
    Tcp,
    Relay,
    Microphone,
    Loopback,
    Speaker,
}

impl CheckStep {
    pub const ALL: [CheckStep; 8] = [
        CheckStep::Server,
        CheckStep::Socket,
        CheckStep::Udp,
        CheckStep::Tcp,
        CheckStep::Relay,
        CheckStep::Microphone,
        CheckStep::Loopback,
        CheckStep::Speaker,
    ];

    /// The name in `data-check` and in the report.
    pub fn name(self) -> &'static str {
        match self {
            CheckStep::Server => "server",
            CheckStep::Socket => "socket",
            CheckStep::Udp => "udp",
            CheckStep::Tcp => "tcp",
            CheckStep::Relay => "relay",
            CheckStep::Microphone => "microphone",
            CheckStep::Loopback => "loopback",
            CheckStep::Speaker => "speaker",
        }
    }

    /// The heading on the screen.
    pub fn title(self) -> &'static str {
        match self {
            CheckStep::Server => "Snug answers",
            CheckStep::Socket => "Live connection",
            CheckStep::Udp => "Voices by UDP",
            CheckStep::Tcp => "Voices by TCP",
            CheckStep::Relay => "Voices through a relay",
            CheckStep::Microphone => "Your microphone",
            CheckStep::Loopback => "Your voice comes back",
            CheckStep::Speaker => "Your loudspeaker",
        }
    }
}

/// How a step ended, or that it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepResult {
    Running,
    Good,
    Bad,
    Skipped,
}

impl StepResult {
    /// The value of `data-result`, and the word in the report.
    pub fn name(self) -> &'static str {
        match self {
            StepResult::Running => "running",
            StepResult::Good => "good",
            StepResult::Bad => "bad",
            StepResult::Skipped => "skipped",
        }
    }

    /// The word on the screen.
    pub fn label(self) -> &'static str {
        match self {
            StepResult::Running => "Checking…",
            StepResult::Good => "Good",
            StepResult::Bad => "Problem",
            StepResult::Skipped => "Skipped",
        }
    }
}

/// From this share of lost packets on, people notice the gaps in voices, although each packet carries a copy of the one before it.
const MUCH_LOST_PERCENT: u64 = 20;

/// What a step has found so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepState {
    /// `None` if the step has not begun.
    pub result: Option<StepResult>,
    /// What was tried, and what came back. Without addresses and names, because it is in the report.
    pub facts: String,
    /// The one thing to do, if the step found a problem.
    pub advice: String,
}

impl StepState {
    pub fn running(facts: impl Into<String>) -> Self {
        Self::of(StepResult::Running, facts)
    }

    pub fn good(facts: impl Into<String>) -> Self {
        Self::of(StepResult::Good, facts)
    }

    pub fn skipped(facts: impl Into<String>) -> Self {
        Self::of(StepResult::Skipped, facts)
    }

    pub fn bad(facts: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            advice: advice.into(),
            ..Self::of(StepResult::Bad, facts)
        }
    }

    /// The result for a way on which this share of the packets of sound gets lost, if that is known.
    pub fn of_way(facts: impl Into<String>, lost_percent: Option<u64>) -> Self {
        match lost_percent {
            Some(MUCH_LOST_PERCENT..) => Self::bad(
                facts,
                "So many packets get lost on this way that voices have gaps. Go nearer to your Wi-Fi, use a cable, or try another network.",
            ),
            _ => Self::good(facts),
        }
    }

    /// Whether the step has ended.
    pub fn is_done(&self) -> bool {
        self.result.is_some_and(|result| result != StepResult::Running)
    }

    /// The sentence for screen readers.
    pub fn sentence(&self, step: CheckStep) -> String {
        let label = self.result.map_or("", StepResult::label);
        let sentence = format!("{}: {label}. {} {}", step.title(), self.facts, self.advice);
        sentence.trim_end().to_owned()
    }

    fn of(result: StepResult, facts: impl Into<String>) -> Self {
        Self {
            result: Some(result),
            facts: facts.into(),
            advice: String::new(),
        }
    }
}

/// The text that "Copy report" copies. It has no addresses and no names.
pub fn report<'a>(steps: impl IntoIterator<Item = (CheckStep, &'a StepState)>) -> String {
    let mut lines = vec!["Connection check of Snug".to_owned()];
    for (step, state) in steps {
        let result = state.result.map_or("not begun", StepResult::name);
        let line = format!("{}: {result}. {} {}", step.name(), state.facts, state.advice);
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_has_one_line_for_each_step() {
        let states = [
            StepState::good("Answered in 12 ms."),
            StepState::default(),
            StepState::bad("Nothing came back in 6 seconds.", "Try another network."),
            StepState::skipped("No relay is set up."),
        ];
        let steps = [CheckStep::Server, CheckStep::Socket, CheckStep::Udp, CheckStep::Relay];
        let text = report(steps.into_iter().zip(&states));
        assert_eq!(
            text,
            "Connection check of Snug\nserver: good. Answered in 12 ms.\nsocket: not begun.\n\
             udp: bad. Nothing came back in 6 seconds. Try another network.\nrelay: skipped. No relay is set up."
        );
    }

    #[test]
    fn a_way_on_which_many_packets_get_lost_is_a_problem() {
        for lost in [None, Some(0), Some(19)] {
            assert_eq!(StepState::of_way("", lost).result, Some(StepResult::Good), "{lost:?}");
        }
        for lost in [20, 100] {
            let state = StepState::of_way("", Some(lost));
            assert_eq!(state.result, Some(StepResult::Bad), "{lost}");
            assert!(!state.advice.is_empty());
        }
    }

    #[test]
    fn a_screen_reader_reads_the_result_and_what_to_do() {
        let state = StepState::bad("The browser gave no microphone.", "Plug one in.");
        assert_eq!(
            state.sentence(CheckStep::Microphone),
            "Your microphone: Problem. The browser gave no microphone. Plug one in."
        );
        assert!(state.is_done() && !StepState::running("").is_done() && !StepState::default().is_done());
    }

    #[test]
    fn every_step_has_its_own_name() {
        let names: std::collections::BTreeSet<&str> = CheckStep::ALL.iter().map(|step| step.name()).collect();
        assert_eq!(names.len(), CheckStep::ALL.len());
    }
}
