//! Ctrl-C and the wish to end, while notebooks run.

use crate::evaluator::Handle;
use crate::place::Place;
use anyhow::Result;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::signal::unix::{SignalKind, signal};

/// What a program that a signal has ended says, by custom.
pub(super) const INTERRUPTED: i32 = 130;
const TERMINATED: i32 = 143;

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
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        match &*handle {
            Some(handle) if !again => handle.interrupt(),
            _ => {
                drop(handle);
                self.end(INTERRUPTED);
            }
        }
    }

    fn end(&self, code: i32) {
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = &*handle {
            handle.kill();
        }
        if let Some(place) = Place::from_environment() {
            place.remove();
        }
        std::process::exit(code);
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
