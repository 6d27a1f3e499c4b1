//! The list of open WebSockets, so that the server can tell their pages before it stops.

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

    /// Returns when the server begins to stop. The task of each socket waits for this, then tells the page with a close code, and
    /// ends. Cancel safe: dropping the future loses nothing.
    pub async fn server_stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Asks all open sockets to end, and all sockets that open later too.
    pub fn close_all(&self) {
        self.stopping.cancel();
        self.open.close();
    }

    /// Returns when all sockets have ended after [`OpenSockets::close_all`], or after `most`.
    pub async fn all_closed(&self, most: Duration) {
        let _ = tokio::time::timeout(most, self.open.wait()).await;
    }
}
