//! Fail points: where a test stops the program around a write. Nothing but a test sets one, and no setting reaches them.

use std::sync::OnceLock;

/// A place around a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailPoint {
    /// Everything is decided, nothing is written.
    Before(Write),
    /// It is committed, and the client has not heard of it.
    After(Write),
}

/// What is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    SignIn,
    Rotation,
    /// The successor handed out again, after a lost answer.
    ServedAgain,
    Confirmation,
    /// The end of a session of which a superseded token was replayed.
    Revocation,
    SignOut,
    Activation,
}

type Hook = Box<dyn Fn(FailPoint) + Send + Sync>;

/// What happens at the fail points: nothing, unless a test has said otherwise.
#[derive(Default)]
pub struct FailPoints(OnceLock<Hook>);

impl FailPoints {
    /// Calls `hook` at every point from now on, on the thread that does the work: it may block there. The first one stays.
    pub fn set(&self, hook: impl Fn(FailPoint) + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(hook));
    }

    pub fn reach(&self, point: FailPoint) {
        if let Some(hook) = self.0.get() {
            hook(point);
        }
    }
}
