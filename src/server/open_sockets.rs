//! The WebSockets that are open, so that a server that stops can tell their pages first.

use std::time::Duration;
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// All open WebSockets of this process.
#[derive(Default)]
pub struct OpenSockets {
    stopping: CancellationToken,
    open: TaskTracker,
}

impl OpenSockets {
    /// Counts a socket as open until the token is dropped.
    pub fn track(&self) -> TaskTrackerToken {
        self.open.token()
    }

    /// Returns when the server stops: each socket then tells its page with a close code, and ends. Cancel safe:
    /// dropping the future loses nothing.
    pub async fn server_stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Asks all sockets to end, also those that open from now on.
    pub fn close_all(&self) {
        self.stopping.cancel();
        self.open.close();
    }

    /// Returns when all sockets have ended after [`OpenSockets::close_all`], or after `most`.
    pub async fn all_closed(&self, most: Duration) {
        let _ = tokio::time::timeout(most, self.open.wait()).await;
    }
}
