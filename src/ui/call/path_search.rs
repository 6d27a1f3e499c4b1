//! The search of a browser for a network path to the server (ICE), and its restarts. The code is pure.

use crate::browser::peer::IceState;

/// When all paths that the browser has found have failed, it may look for others for this many milliseconds. A relay is found last: its name
/// must be resolved, and a proxy or a slow network can be in between.
const MORE_PATHS_WITHIN_MS: u32 = 15_000;
/// The last path that the browser has found is perhaps only just being tried.
const LAST_PATH_WITHIN_MS: u32 = 1_000;

/// All paths that the browser has found have failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedPaths {
    /// The number of this failure.
    pub failure: u32,
    /// If the browser has found no better path after this time, the connection is lost.
    pub give_up_in_ms: u32,
}

/// The state of the search on the present connection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathSearch {
    /// The state that the browser reports, once it has begun.
    ice: Option<IceState>,
    /// Whether the browser still looks for paths to the server.
    is_gathering: bool,
    /// Whether all paths that it has found have failed.
    has_failed: bool,
    /// How many times the page has begun to wait for another path after such a failure.
    failures: u32,
    /// Whether the browser is making the offer of an ICE restart.
    makes_restart: bool,
    /// When an ICE restart last began, or sound could last go through; `None` before the first time.
    looked_at_ms: Option<f64>,
    /// How many ICE restarts the server has not answered yet. Only the answer to the last one belongs to the browser's present offer.
    unanswered_restarts: u32,
}

impl PathSearch {
    /// Whether the browser has lost the path to the server.
    pub fn is_disconnected(&self) -> bool {
        self.ice == Some(IceState::Disconnected)
    }

    /// Whether the browser still looks for paths to the server. A restart would make it begin again.
    pub fn is_gathering(&self) -> bool {
        self.is_gathering
    }

    /// Whether all paths that the browser has found so far have failed, and the failure with this number was the last one.
    pub fn has_failed_since(&self, failure: u32) -> bool {
        self.has_failed && self.failures == failure
    }

    /// Whether an ICE restart has begun in the last `ms` milliseconds, or sound could go through only then. Its first packets may still be on
    /// their way.
    pub fn has_looked_within(&self, ms: f64, now_ms: f64) -> bool {
        self.looked_at_ms.is_some_and(|at_ms| now_ms < at_ms + ms)
    }

    /// Begins an ICE restart. Returns `false` if the browser is making an offer already: that offer was not sent yet, so it looks for a new
    /// path, too. If a browser makes two offers at once, it may refuse to apply the first one (WebRTC section 4.4.1.5), and the connection
    /// would be lost.
    pub fn begin_restart(&mut self, now_ms: f64) -> bool {
        if self.makes_restart {
            return false;
        }
        self.makes_restart = true;
        self.looked_at_ms = Some(now_ms);
        true
    }

    /// Notes that the offer of a restart was sent.
    pub fn offer_restart(&mut self) {
        self.makes_restart = false;
        self.unanswered_restarts += 1;
    }

    /// Whether the server has not answered the last restart yet.
    pub fn is_restarting(&self) -> bool {
        self.unanswered_restarts > 0
    }

    /// Notes an answer to a restart. Returns whether it belongs to the browser's present offer. While the browser makes another offer, it no
    /// longer accepts the answer to this one.
    pub fn count_answer(&mut self) -> bool {
        self.unanswered_restarts = self.unanswered_restarts.saturating_sub(1);
        !self.is_restarting() && !self.makes_restart
    }

    /// Forgets the restarts that were offered on an earlier socket, because the server will not answer them.
    pub fn forget_offers(&mut self) {
        self.unanswered_restarts = 0;
    }

    /// Notes that sound can go through.
    pub fn on_connected(&mut self, now_ms: f64) {
        self.has_failed = false;
        self.looked_at_ms = Some(now_ms);
    }

    /// Notes the state that the browser reports.
    pub fn on_ice(&mut self, state: IceState) {
        self.ice = Some(state);
        self.has_failed &= !matches!(state, IceState::Checking | IceState::Connected | IceState::Completed);
    }

    /// Notes whether the browser still looks for paths. Returns a failure if it has stopped and all that it has found have failed.
    pub fn on_gathering(&mut self, is_gathering: bool) -> Option<FailedPaths> {
        self.is_gathering = is_gathering;
        (self.has_failed && !is_gathering).then(|| self.wait_for_another(LAST_PATH_WITHIN_MS))
    }

    /// Notes that all paths so far have failed. Returns `None` if the browser has stopped looking, so that the connection is lost.
    pub fn on_failed(&mut self) -> Option<FailedPaths> {
        self.is_gathering.then(|| {
            self.has_failed = true;
            self.wait_for_another(MORE_PATHS_WITHIN_MS)
        })
    }

    /// Begins to wait for another path. Only the wait for the last failure counts.
    fn wait_for_another(&mut self, give_up_in_ms: u32) -> FailedPaths {
        self.failures += 1;
        FailedPaths {
            failure: self.failures,
            give_up_in_ms,
        }
    }

    /// Forgets how far the browser was, because there is another connection now, or none.
    pub fn forget(&mut self) {
        self.is_gathering = false;
        self.has_failed = false;
        self.makes_restart = false;
        self.looked_at_ms = None;
    }

    /// Forgets everything about a connection that is closed, except the number of failures, because each failure has its own number.
    pub fn close(&mut self) {
        *self = Self {
            failures: self.failures,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_while_the_browser_looks_for_paths_is_only_a_wait() {
        let mut search = PathSearch::default();
        assert_eq!(search.on_failed(), None, "the browser looks no more");
        assert_eq!(search.on_gathering(true), None);
        let first = search.on_failed().expect("a wait");
        assert_eq!((first.failure, first.give_up_in_ms), (1, MORE_PATHS_WITHIN_MS));
        let last = search.on_gathering(false).expect("a shorter wait");
        assert_eq!((last.failure, last.give_up_in_ms), (2, LAST_PATH_WITHIN_MS));
        assert!(search.has_failed_since(2) && !search.has_failed_since(1));
        search.on_ice(IceState::Checking);
        assert!(!search.has_failed_since(2));
    }

    #[test]
    fn only_the_answer_to_the_last_restart_counts() {
        let mut search = PathSearch::default();
        assert!(search.begin_restart(1_000.0));
        assert!(!search.begin_restart(1_001.0), "the offer is being made");
        search.offer_restart();
        assert!(search.begin_restart(2_000.0));
        search.offer_restart();
        assert!(!search.count_answer(), "the answer to the first one");
        assert!(search.count_answer() && !search.is_restarting());
        assert!(search.has_looked_within(500.0, 2_400.0) && !search.has_looked_within(500.0, 2_600.0));
    }
}
