//! The wish to stop.

use crate::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Asks the running task to stop at its next step. Safe to call from a signal handler.
pub fn interrupt() {
    INTERRUPTED.store(true, Ordering::SeqCst);
}

/// Tells whether somebody has called [`interrupt`] and no task has stopped yet: for the parallel pieces of one step.
pub fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Forgets an interrupt that no task has seen.
pub fn clear_interrupt() {
    INTERRUPTED.store(false, Ordering::SeqCst);
}

/// Tells whether to stop now; only one asker is told.
pub(super) fn take() -> bool {
    INTERRUPTED.swap(false, Ordering::SeqCst)
}

/// Stops a computation that is too short to be watched, once somebody has called [`interrupt`].
///
/// # Errors
///
/// [`Error::Interrupted`], which says that `done` of `total` steps of `what` were finished.
pub fn check(what: &str, done: usize, total: usize) -> Result<()> {
    if is_interrupted() {
        return Err(Error::Interrupted {
            what: what.into(),
            done,
            total,
        });
    }
    Ok(())
}
