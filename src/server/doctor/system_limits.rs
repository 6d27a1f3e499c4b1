//! Checks of what the system allows: open files, and the buffer of the voice port.

use crate::{
    model::health::HealthFinding,
    server::{open_files, voice::UDP_BUFFER_BYTES},
};

const FILES: &str = "file_limit";
const BUFFER: &str = "receive_buffer";
/// With fewer open files, a single group of people fills the server.
const FILES_MIN: usize = 512;
/// Enough for several hundred people and their pages.
const FILES_GOOD: usize = 4_096;
/// The largest receive buffer that the system gives (socket(7)).
const BUFFER_FILE: &str = "/proc/sys/net/core/rmem_max";

/// Checks the limits. `of_server` is the limit on open files of the running server.
pub fn check(of_server: Option<usize>) -> Vec<HealthFinding> {
    let buffer = std::fs::read_to_string(BUFFER_FILE).ok();
    let buffer = buffer.and_then(|text| text.trim().parse().ok());
    vec![
        judge_files(of_server.unwrap_or_else(open_files::highest_limit)),
        judge_buffer(buffer),
    ]
}

fn judge_files(files: usize) -> HealthFinding {
    let advice = "Raise the limit: LimitNOFILE=65536 in the unit of systemd, or ulimit -n 65536 before Snug starts.";
    match files {
        ..FILES_MIN => HealthFinding::bad(
            FILES,
            format!("Snug may open only {files} files, and every connection is one. A few people fill it."),
            advice,
        ),
        FILES_MIN..FILES_GOOD => HealthFinding::warning(
            FILES,
            format!("Snug may open only {files} files, and every connection is one."),
            advice,
        ),
        _ => HealthFinding::good(FILES, format!("Snug may open {files} files.")),
    }
}

fn judge_buffer(most_bytes: Option<u64>) -> HealthFinding {
    let wanted = UDP_BUFFER_BYTES as u64;
    match most_bytes {
        Some(bytes) if bytes < wanted => HealthFinding::warning(
            BUFFER,
            format!(
                "The system gives the voice port a receive buffer of {bytes} bytes at most, and Snug asks for {wanted}. In full rooms, sound \
                 may be lost."
            ),
            format!(
                "Write net.core.rmem_max={wanted} into /etc/sysctl.d/snug.conf, run sysctl --system, and start Snug again."
            ),
        ),
        Some(bytes) => HealthFinding::good(BUFFER, format!("The system allows receive buffers of {bytes} bytes.")),
        None => HealthFinding::skipped(BUFFER, "The system does not say how large receive buffers may be.", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::HealthVerdict;

    #[test]
    fn few_open_files_are_bad_and_the_usual_limit_is_a_warning() {
        for (files, verdict) in [
            (256, HealthVerdict::Bad),
            (1_024, HealthVerdict::Warning),
            (65_536, HealthVerdict::Good),
            (usize::MAX, HealthVerdict::Good),
        ] {
            let finding = judge_files(files);
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.message.contains(&files.to_string()), "{finding:?}");
        }
    }

    #[test]
    fn a_small_receive_buffer_is_a_warning_with_the_setting() {
        let small = judge_buffer(Some(212_992));
        assert_eq!(small.verdict, HealthVerdict::Warning);
        assert!(small.advice.contains("net.core.rmem_max=4194304"), "{small:?}");
        assert_eq!(judge_buffer(Some(4_194_304)).verdict, HealthVerdict::Good);
        assert_eq!(judge_buffer(None).verdict, HealthVerdict::Skipped);
    }
}
