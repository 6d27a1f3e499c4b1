//! Which share of the packets to a browser gets lost, by what the browser reports.
//!
//! Most browsers send transport-wide feedback, which says of each packet that was sent whether it has arrived. The others send only
//! receiver reports (RFC 3550 section 6.4.1), which count the numbers that are missing on a slot. Numbers that were never sent, because the
//! speaker's own network has lost these packets, are missing too, and they are no loss of the listener. So what has arrived is compared
//! with what was sent up to the same number.

use crate::model::signal::SLOTS;
use std::collections::VecDeque;

/// If this many packets of a slot wait for a report (20 s of a voice), the count begins again with the next report.
const UNREPORTED_MAX: usize = 1_024;

/// What a browser has reported so far. Times are milliseconds of the peer's own clock.
#[derive(Debug, Default)]
pub struct EgressLoss {
    slots: [SentPackets; SLOTS],
    /// Whether the browser sends transport-wide feedback.
    has_feedback: bool,
    /// What the reports that were read at the same time say together.
    read: Option<ReadReports>,
}

#[derive(Debug, Clone, Copy)]
struct ReadReports {
    at_ms: u64,
    sent: u64,
    arrived: u64,
}

/// What a receiver report says about one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotReport {
    pub slot: usize,
    /// The highest number that has arrived.
    pub highest: u64,
    /// How many numbers up to it are missing.
    pub missing: u64,
}

impl EgressLoss {
    /// Notes a packet that is sent on a slot.
    pub fn note_sent(&mut self, slot: usize, seq: u64) {
        if !self.has_feedback
            && let Some(sent) = self.slots.get_mut(slot)
        {
            sent.note(seq);
        }
    }

    /// Notes that the browser sends transport-wide feedback. From now on, its receiver reports count no more.
    pub fn note_feedback(&mut self) {
        if !std::mem::replace(&mut self.has_feedback, true) {
            self.slots = Default::default();
        }
    }

    /// Notes a receiver report. The share of packets that were lost between this report and the one before, from 0 to 1, together with that
    /// of the slots whose reports were read at the same time. `None` if the report says nothing new.
    pub fn on_report(&mut self, report: SlotReport, now_ms: u64) -> Option<f32> {
        if self.has_feedback {
            return None;
        }
        let (sent, arrived) = self.slots.get_mut(report.slot)?.on_report(report)?;
        let so_far = self.read.filter(|read| read.at_ms == now_ms);
        let read = ReadReports {
            at_ms: now_ms,
            sent: sent + so_far.map_or(0, |read| read.sent),
            arrived: arrived + so_far.map_or(0, |read| read.arrived),
        };
        self.read = Some(read);
        Some((read.sent - read.arrived) as f32 / read.sent as f32)
    }
}

/// The packets of one slot that wait for a report.
#[derive(Debug, Default)]
struct SentPackets {
    /// Their numbers, in the order of sending.
    unreported: VecDeque<u64>,
    before: Option<SlotReport>,
}

impl SentPackets {
    fn note(&mut self, seq: u64) {
        if self.unreported.len() == UNREPORTED_MAX {
            *self = Self::default();
        }
        self.unreported.push_back(seq);
    }

    /// How many packets were sent between the report before and this one, and how many of them have arrived, which is not more. `None` for
    /// the first report, and if no packet was sent in between.
    fn on_report(&mut self, report: SlotReport) -> Option<(u64, u64)> {
        let waiting = self.unreported.len();
        self.unreported.retain(|seq| *seq > report.highest);
        let sent = (waiting - self.unreported.len()) as u64;
        let before = self.before.replace(report)?;
        let numbers = report.highest.checked_sub(before.highest)? as i64;
        // Packets that were missing in the report before may have arrived late.
        let arrived = numbers - (report.missing as i64 - before.missing as i64);
        (sent > 0).then(|| (sent, (arrived.max(0) as u64).min(sent)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn report(slot: usize, highest: u64, missing: u64) -> SlotReport {
        SlotReport { slot, highest, missing }
    }

    fn send(loss: &mut EgressLoss, slot: usize, seqs: impl IntoIterator<Item = u64>) {
        seqs.into_iter().for_each(|seq| loss.note_sent(slot, seq));
    }

    #[test]
    fn numbers_that_were_never_sent_are_no_loss_of_the_listener() {
        let mut loss = EgressLoss::default();
        send(&mut loss, 0, 1..=50);
        assert_eq!(loss.on_report(report(0, 50, 0), 1_000), None, "the first report");
        // The speaker's network has lost every second packet, and the listener's network none.
        send(&mut loss, 0, (52..=150).step_by(2));
        assert_eq!(loss.on_report(report(0, 150, 50), 2_000), Some(0.0));
        // The listener's network loses 10 of 50 packets more.
        send(&mut loss, 0, (152..=250).step_by(2));
        assert_eq!(loss.on_report(report(0, 250, 110), 3_000), Some(0.2));
    }

    #[test]
    fn the_slots_count_together_and_packets_on_their_way_do_not_count() {
        let mut loss = EgressLoss::default();
        for slot in [0, 1] {
            send(&mut loss, slot, 1..=10);
            loss.on_report(report(slot, 5, 0), 1_000);
        }
        send(&mut loss, 0, 11..=200);
        assert_eq!(loss.on_report(report(0, 95, 9), 2_000), Some(0.1));
        assert_eq!(loss.on_report(report(1, 10, 1), 2_000), Some(10.0 / 95.0));
        assert_eq!(loss.on_report(report(1, 10, 1), 4_000), None, "nothing was sent");
        assert_eq!(loss.on_report(report(0, 195, 9), 4_000), Some(0.0));
    }

    #[test]
    fn late_packets_and_false_reports_are_never_more_than_everything() {
        let mut loss = EgressLoss::default();
        send(&mut loss, 2, 1..=100);
        loss.on_report(report(2, 50, 5), 0);
        assert_eq!(loss.on_report(report(2, 60, 0), 1), Some(0.0), "five came late");
        assert_eq!(loss.on_report(report(2, 70, u64::from(u32::MAX)), 2), Some(1.0));
        assert_eq!(loss.on_report(report(2, 40, 0), 3), None);
        assert_eq!(loss.on_report(report(3, 40, 0), 3), None, "there is no such slot");
    }

    #[test]
    fn with_transport_wide_feedback_receiver_reports_do_not_count() {
        let mut loss = EgressLoss::default();
        send(&mut loss, 0, 1..=10);
        loss.on_report(report(0, 10, 0), 0);
        loss.note_feedback();
        send(&mut loss, 0, 11..=20);
        assert_eq!(loss.on_report(report(0, 20, 9), 1), None);
    }

    #[test]
    fn a_browser_that_sends_no_reports_takes_no_memory() {
        let mut loss = EgressLoss::default();
        send(&mut loss, 0, 0..100_000);
        assert!(loss.slots[0].unreported.len() <= UNREPORTED_MAX);
    }

    proptest! {
        #[test]
        fn the_share_is_that_of_the_packets_that_were_sent_and_have_not_arrived(
            fates in prop::collection::vec(0_u8..4, 2..400),
        ) {
            let mut loss = EgressLoss::default();
            // 0: never sent, 1: sent and lost, 2 and 3: arrived.
            send(&mut loss, 0, [1]);
            loss.on_report(report(0, 1, 0), 0);
            let numbered = || (2_u64..).zip(&fates);
            send(&mut loss, 0, numbered().filter(|(_, fate)| **fate > 0).map(|(seq, _)| seq));
            if let Some(highest) = numbered().filter(|(_, fate)| **fate > 1).map(|(seq, _)| seq).last() {
                let up_to = || numbered().take_while(|(seq, _)| *seq <= highest);
                let count = |is_wanted: fn(u8) -> bool| up_to().filter(|(_, fate)| is_wanted(**fate)).count();
                let (missing, sent, lost) = (count(|fate| fate < 2), count(|fate| fate > 0), count(|fate| fate == 1));
                let share = loss.on_report(report(0, highest, missing as u64), 1);
                prop_assert_eq!(share, Some(lost as f32 / sent as f32));
            }
        }
    }
}
