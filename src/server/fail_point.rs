//! Fail points: places before and after each important write, at which a test can stop or kill the program.
//!
//! A test sets a function, the hook, that is called at each point. The configuration can't set the hook, so in production the
//! points do nothing. The tests kill a real server with SIGKILL at each point. After a SIGKILL, the kernel still writes its cache
//! to the disk. So these tests check the order of writes and the recovery, but not what happens after a power cut.

use std::sync::OnceLock;

/// A place before or after a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailPoint {
    /// Everything is decided, but nothing is written yet.
    Before(Write),
    /// The write is committed, but the response is not sent yet.
    After(Write),
}

/// The write at a fail point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    SignIn,
    Rotation,
    /// Sending the same successor again, after a lost response.
    ServedAgain,
    Confirmation,
    /// Ending a session because a superseded token was used again.
    Revocation,
    SignOut,
    Activation,
}

type Hook = Box<dyn Fn(FailPoint) + Send + Sync>;

/// What happens at the fail points: nothing, unless a test has set a hook.
#[derive(Default)]
pub struct FailPoints(OnceLock<Hook>);

impl FailPoints {
    /// Sets the hook, which is called at every point from now on. It runs on the thread that does the work, so it can block that
    /// thread. Only the first call of `set` has an effect.
    pub fn set(&self, hook: impl Fn(FailPoint) + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(hook));
    }

    pub fn reach(&self, point: FailPoint) {
        if let Some(hook) = self.0.get() {
            hook(point);
        }
    }
}
