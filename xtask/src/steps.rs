//! Prints which step of a task is running, and how long it usually takes.

use std::io::Write;

/// Counts the steps of one task.
pub struct Steps {
    task: &'static str,
    total: usize,
    begun: usize,
}

impl Steps {
    pub fn new(task: &'static str, total: usize) -> Self {
        Self { task, total, begun: 0 }
    }

    /// Announces the next step. `usually` says how long it takes on two idle cores.
    pub fn begin(&mut self, what: &str, usually: &str) {
        self.begun += 1;
        println!(
            "{}, step {} of {}: {what} (usually {usually})",
            self.task, self.begun, self.total
        );
        // Cargo writes to stderr. Without the flush, our lines could appear after those of cargo.
        let _ = std::io::stdout().flush();
    }
}
