//! The limits that apply now. SIGHUP can change those per minute, hour and day while Snug runs.

use super::config::LimitsConfig;
use std::sync::{Arc, PoisonError, RwLock};

/// The limits. What is counted per connection or per socket is read at the start only.
pub struct CurrentLimits(RwLock<Arc<LimitsConfig>>);

impl CurrentLimits {
    pub fn new(limits: LimitsConfig) -> Self {
        Self(RwLock::new(Arc::new(limits)))
    }

    pub fn get(&self) -> Arc<LimitsConfig> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Applies these limits from now on. Whether limits apply at all stays as it was at the start, because the voice thread has been told
    /// then.
    pub fn replace(&self, limits: LimitsConfig) {
        let mut now = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let enforced = now.enforced;
        *now = Arc::new(LimitsConfig { enforced, ..limits });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Config;

    #[test]
    fn new_limits_apply_at_once_but_are_never_switched_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut limits = Config::for_tests(folder.path()).limits;
        limits.enforced = true;
        let current = CurrentLimits::new(limits.clone());
        limits.codes_per_hour += 1;
        limits.enforced = false;
        current.replace(limits.clone());
        let now = current.get();
        assert_eq!((now.codes_per_hour, now.enforced), (limits.codes_per_hour, true));
    }
}
