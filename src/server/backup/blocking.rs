//! Runs work with files on a thread that may wait for the disk.

/// Runs `work` on another thread. If the future is dropped, the work goes on, so it needs a way to be stopped.
///
/// # Errors
/// The error of `work`, or if it panics.
pub async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await?
}
