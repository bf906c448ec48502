//! The time that a cell may take.

use crate::evaluator::Handle;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use std::time::Duration;

/// How long a cell that was asked to stop may take to do so.
const PATIENCE: Duration = Duration::from_secs(3);

/// Interrupts a cell that runs too long, and ends its process when that does not help; dropped when the cell has ended.
pub(super) struct Deadline {
    passed: Arc<AtomicBool>,
    _ended: Sender<()>,
}

impl Deadline {
    /// Starts the clock.
    pub(super) fn start(limit: Duration, handle: Box<dyn Handle>) -> Self {
        let passed = Arc::new(AtomicBool::new(false));
        let (ended, end) = channel();
        let flag = Arc::clone(&passed);
        std::thread::spawn(move || {
            let waits_on = |time| end.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
            if waits_on(limit) {
                flag.store(true, Ordering::SeqCst);
                handle.interrupt();
                if waits_on(PATIENCE) {
                    handle.kill();
                }
            }
        });
        Self {
            passed,
            _ended: ended,
        }
    }

    /// Tells whether the cell has been told to stop.
    pub(super) fn passed(&self) -> bool {
        self.passed.load(Ordering::SeqCst)
    }
}
