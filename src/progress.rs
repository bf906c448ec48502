//! How long work says how far it is, and how it is stopped.
//!
//! A long loop makes a [`Task`] and calls [`Task::step`] in every turn. Who watches is set once with [`watch`] (the notebook
//! does it); nobody watches by default. [`interrupt`] makes the next step of the running task return an error.

use crate::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static WATCHER: RwLock<Option<Arc<dyn Watcher>>> = RwLock::new(None);

/// Someone who wants to know how far a long computation is.
pub trait Watcher: Send + Sync {
    /// Receives a report: at most about ten a second, and always the last one of a task.
    fn report(&self, report: &Report);
}

/// How far a task is.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What is being done.
    pub task: String,
    /// Steps that are finished.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
    /// Something to read beside the number, such as the loss.
    pub detail: String,
    /// Time since the task began.
    pub elapsed: Duration,
}

/// Sets who watches from now on.
pub fn watch(watcher: impl Watcher + 'static) {
    if let Ok(mut slot) = WATCHER.write() {
        *slot = Some(Arc::new(watcher));
    }
}

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

/// A long computation that can be watched and stopped.
///
/// # Examples
///
/// ```
/// use genolens::progress::Task;
/// # fn main() -> genolens::Result<()> {
/// let mut task = Task::new("counting", 3);
/// for _ in 0..3 {
///     task.step("")?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Task {
    name: String,
    done: usize,
    total: usize,
    start: Instant,
    last: Option<Instant>,
}

impl Task {
    /// Begins a task of so many steps.
    pub fn new(name: &str, total: usize) -> Self {
        Self {
            name: name.into(),
            done: 0,
            total,
            start: Instant::now(),
            last: None,
        }
    }

    /// Notes one finished step.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] when somebody has called [`interrupt`].
    pub fn step(&mut self, detail: &str) -> Result<()> {
        self.done += 1;
        if INTERRUPTED.swap(false, Ordering::SeqCst) {
            return Err(self.stopped());
        }
        let due = self
            .last
            .is_none_or(|last| last.elapsed() > Duration::from_millis(100));
        if due || self.done == self.total {
            self.last = Some(Instant::now());
            self.report(detail);
        }
        Ok(())
    }

    /// Says how far the task was when it was interrupted.
    pub fn stopped(&self) -> Error {
        Error::Interrupted {
            what: self.name.clone(),
            done: self.done,
            total: self.total,
        }
    }

    /// Ends the task before all steps are done, as early stopping does.
    pub fn finish(&mut self, detail: &str) {
        self.total = self.done;
        self.report(detail);
    }

    fn report(&self, detail: &str) {
        let watcher = WATCHER.read().ok().and_then(|slot| slot.clone());
        if let Some(watcher) = watcher {
            watcher.report(&Report {
                task: self.name.clone(),
                done: self.done,
                total: self.total,
                detail: detail.into(),
                elapsed: self.start.elapsed(),
            });
        }
    }
}
