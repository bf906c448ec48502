//! Reaches the process that runs the cells from another thread.

use super::ear::Raw;
use super::memory;
use crate::evaluator::Handle;
use crate::place::Place;
use crate::shim::{let_tools_work, stop_tools};
use std::fs::File;
use std::io::Write;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a cell that was asked to stop may take to do so, before it is said that it does not listen, and before a second request
/// ends its process.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a process may take to note where it is.
const GLANCE: Duration = Duration::from_millis(20);

static CELLS: AtomicU64 = AtomicU64::new(0);

/// The process, and what was asked of the cell that runs in it.
#[derive(Clone)]
pub(super) struct Remote {
    process: Arc<Mutex<Child>>,
    place: Place,
    /// The number of the running cell; zero when none runs.
    running: Arc<AtomicU64>,
    /// When the running cell was first asked to stop.
    asked: Arc<Mutex<Option<Instant>>>,
    killed: Arc<AtomicBool>,
}

impl Remote {
    pub(super) fn new(process: Arc<Mutex<Child>>, place: &Place) -> Self {
        Self {
            process,
            place: place.clone(),
            running: Arc::default(),
            asked: Arc::default(),
            killed: Arc::default(),
        }
    }

    /// Notes that a cell begins.
    pub(super) fn begin(&self) {
        let_tools_work(&self.place);
        *self.asked() = None;
        self.killed.store(false, Ordering::SeqCst);
        self.running
            .store(CELLS.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    }

    /// Notes that the cell has ended.
    pub(super) fn end(&self) {
        self.running.store(0, Ordering::SeqCst);
    }

    /// Tells whether the cell was asked to stop.
    pub(super) fn interrupted(&self) -> bool {
        self.asked().is_some()
    }

    /// Tells whether the process of the cell was ended because the cell did not stop.
    pub(super) fn has_killed(&self) -> bool {
        self.killed.load(Ordering::SeqCst)
    }

    /// Gives the number of the process.
    pub(super) fn process_id(&self) -> u32 {
        self.process().id()
    }

    /// Ends the process, whatever it does.
    pub(super) fn end_process(&self) {
        let _ = self.process().kill();
    }

    /// Tells how the process has ended, if it has.
    pub(super) fn ended(&self) -> Option<ExitStatus> {
        self.process().try_wait().ok().flatten()
    }

    fn asked(&self) -> MutexGuard<'_, Option<Instant>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn process(&self) -> MutexGuard<'_, Child> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self) {
        let id = self.process().id();
        if let Some(process) = rustix::process::Pid::from_raw(id as i32) {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::INT);
        }
    }

    /// Says something on the standard error of the running cell.
    fn say(&self, text: &str) {
        let pipe = Raw::Stderr.path(&self.place.channel());
        if let Ok(mut pipe) = File::options().append(true).open(pipe) {
            let _ = pipe.write_all(format!("{text}\n").as_bytes());
        }
    }

    /// Does something with the cell after a while, if it still runs.
    fn later(&self, cell: u64, wait: Duration, what: impl FnOnce(&Self) + Send + 'static) {
        let remote = self.clone();
        std::thread::spawn(move || {
            std::thread::sleep(wait);
            if remote.running.load(Ordering::SeqCst) == cell {
                what(&remote);
            }
        });
    }
}

impl Handle for Remote {
    /// Asks the cell to stop: the compiler is stopped at once, a loop of the library at its next step. Only a second request may end a
    /// cell that does not listen, since that costs all variables.
    fn interrupt(&self) {
        let cell = self.running.load(Ordering::SeqCst);
        if cell == 0 {
            return;
        }
        let now = Instant::now();
        let first = *self.asked().get_or_insert(now);
        stop_tools(&self.place);
        if first == now {
            self.ask();
            self.later(cell, PATIENCE, |remote| {
                remote.say(
                    "the cell has not stopped yet: loops of genolens stop by themselves, other code does not listen. \
                     Interrupt once more to end its process, with the loss of all variables.",
                );
            });
        } else {
            let wait = PATIENCE.saturating_sub(first.elapsed());
            self.later(cell, wait, |remote| {
                memory::glance(remote.process_id());
                std::thread::sleep(GLANCE);
                remote.killed.store(true, Ordering::SeqCst);
                remote.end_process();
            });
        }
    }

    fn kill(&self) {
        self.killed.store(true, Ordering::SeqCst);
        stop_tools(&self.place);
        self.end_process();
    }
}
