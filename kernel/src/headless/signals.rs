//! Ctrl-C and the wish to end, while notebooks run.

use crate::evaluator::Handle;
use crate::place::Place;
use anyhow::Result;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// What a program that a signal has ended says, by custom.
pub(super) const INTERRUPTED: i32 = 130;
const TERMINATED: i32 = 143;

/// How long a run may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// Turns Ctrl-C into an interrupt of the running cell; a second one, or a wish to end, ends the program.
#[derive(Clone, Default)]
pub(crate) struct Signals {
    handle: Arc<Mutex<Option<Box<dyn Handle>>>>,
    asked: Arc<AtomicBool>,
}

impl Signals {
    /// Starts to listen.
    pub(crate) fn listen() -> Result<Self> {
        let signals = Self::default();
        let ear = signals.clone();
        listen(move |code| {
            if code == INTERRUPTED {
                ear.obey();
            } else {
                ear.end(code);
            }
        })?;
        Ok(signals)
    }

    /// Points Ctrl-C at another evaluator.
    pub(crate) fn aim(&self, handle: Box<dyn Handle>) {
        *self.handle.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
        self.asked.store(false, Ordering::SeqCst);
    }

    /// Tells whether somebody wants it to stop.
    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    fn obey(&self) {
        let again = self.asked.swap(true, Ordering::SeqCst);
        if again || !self.with_handle(|handle| handle.interrupt()) {
            self.end(INTERRUPTED);
        }
    }

    /// Ends the cell, so that the run ends by itself and keeps what was said; and if it does not, ends everything.
    fn end(&self, code: i32) {
        self.asked.store(true, Ordering::SeqCst);
        let runs = self.with_handle(|handle| {
            handle.interrupt();
            handle.kill();
        });
        if runs {
            std::thread::sleep(PATIENCE);
        }
        if let Some(place) = Place::from_environment() {
            place.remove();
        }
        std::process::exit(code);
    }

    /// Tells whether there is an evaluator to do this with.
    fn with_handle(&self, act: impl Fn(&dyn Handle)) -> bool {
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        handle.as_deref().map(act).is_some()
    }
}

/// Calls `obey` with the code that stands for each interrupt or wish to end, from a thread of its own.
pub(super) fn listen(obey: impl Fn(i32) + Send + 'static) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut interrupt, mut end) = {
        let _inside = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        )
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => obey(INTERRUPTED),
                        _ = end.recv() => obey(TERMINATED),
                    }
                }
            });
        })?;
    Ok(())
}
