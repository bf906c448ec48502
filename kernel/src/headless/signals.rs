//! Ctrl-C while notebooks run.

use crate::evaluator::Handle;
use anyhow::Result;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Turns Ctrl-C into an interrupt of the running cell; a second one ends the program.
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
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    while tokio::signal::ctrl_c().await.is_ok() {
                        ear.obey();
                    }
                });
            })?;
        Ok(signals)
    }

    /// Points Ctrl-C at another evaluator.
    pub(crate) fn aim(&self, handle: Box<dyn Handle>) {
        *self.handle.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
        self.asked.store(false, Ordering::SeqCst);
    }

    fn obey(&self) {
        let again = self.asked.swap(true, Ordering::SeqCst);
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        match &*handle {
            Some(handle) if !again => handle.interrupt(),
            Some(handle) => {
                handle.kill();
                std::process::exit(130);
            }
            None => std::process::exit(130),
        }
    }
}
