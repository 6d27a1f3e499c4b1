//! Measures the memory of a process as the kernel counts it (Linux: `VmRSS` and `VmHWM` in proc(5)).

use std::fs;

/// The memory of one process.
pub struct Memory {
    process_id: u32,
}

impl Memory {
    pub fn of(process_id: u32) -> Self {
        Self { process_id }
    }

    /// Resets the peak, and returns the memory in use now, in bytes.
    pub fn begin(&self) -> u64 {
        fs::write(format!("/proc/{}/clear_refs", self.process_id), "5").expect("the peak is reset");
        self.read("VmRSS:")
    }

    /// Waits until the process uses at most `bytes`, but no longer than one second.
    pub async fn settle(&self, bytes: u64) {
        for _ in 0..20 {
            if self.read("VmRSS:") <= bytes {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// The difference between the peak and `before`, in bytes. 0 if the peak is not higher.
    pub fn grown_since(&self, before: u64) -> u64 {
        self.read("VmHWM:").saturating_sub(before)
    }

    fn read(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process_id)).expect("the process runs");
        let line = status.lines().find(|line| line.starts_with(name)).expect("a line");
        let kilobytes: u64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|n| n.parse().ok())
            .expect("kilobytes");
        kilobytes * 1024
    }
}
