//! Reads the configuration again while Snug runs: from the file, the variables and the command line of its start.

use super::config::{Config, Problems};
use std::sync::OnceLock;

type ReadAgain = Box<dyn Fn() -> Result<Config, Problems> + Send + Sync>;

/// Where the configuration came from. Tests have none.
#[derive(Default)]
pub struct ConfigSource(OnceLock<ReadAgain>);

impl ConfigSource {
    /// Sets how to read the configuration. A second call does nothing.
    pub fn set(&self, read: impl Fn() -> Result<Config, Problems> + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(read));
    }

    /// Reads the configuration; `None` if nobody has said how.
    ///
    /// # Errors
    /// If it is not valid.
    pub fn read(&self) -> Option<Result<Config, Problems>> {
        self.0.get().map(|read| read())
    }
}
