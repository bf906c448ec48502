//! Who is told.

use super::Report;
use std::sync::{Arc, RwLock};

static WATCHER: RwLock<Option<Arc<dyn Watcher>>> = RwLock::new(None);

/// Someone who wants to know how far a long computation is.
pub trait Watcher: Send + Sync {
    /// Receives a report: at most about twenty a second, and always the last one of a task.
    ///
    /// The computation waits until this returns.
    fn report(&self, report: &Report);
}

/// Sets who watches from now on.
pub fn watch(watcher: impl Watcher + 'static) {
    if let Ok(mut slot) = WATCHER.write() {
        *slot = Some(Arc::new(watcher));
    }
}

/// Returns who watches.
pub(super) fn watcher() -> Option<Arc<dyn Watcher>> {
    WATCHER.read().ok().and_then(|slot| slot.clone())
}
