//! A sink that keeps the result of a cell.

use crate::evaluator::{Bundle, Event, Sink};
use std::sync::{Arc, Mutex, PoisonError};

/// Passes on what a cell says, if there is somebody to pass it to, and keeps its result.
pub(crate) struct Keeper {
    to: Option<Arc<dyn Sink>>,
    result: Mutex<Option<Bundle>>,
}

impl Keeper {
    /// Keeps the plain text of the result and passes all on.
    pub(crate) fn before(to: Arc<dyn Sink>) -> Self {
        Self {
            to: Some(to),
            result: Mutex::default(),
        }
    }

    /// Keeps the whole result and drops all else.
    pub(crate) fn alone() -> Self {
        Self {
            to: None,
            result: Mutex::default(),
        }
    }

    /// Gives the result, once.
    pub(crate) fn result(&self) -> Option<Bundle> {
        let mut result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        result.take()
    }
}

impl Sink for Keeper {
    fn event(&self, event: Event) {
        if let Event::Result(bundle) = &event {
            let kept = match bundle.data.get("text/plain") {
                Some(text) if self.to.is_some() => {
                    Bundle::default().with("text/plain", text.clone())
                }
                _ if self.to.is_some() => Bundle::default(),
                _ => bundle.clone(),
            };
            *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        if let Some(to) = &self.to {
            to.event(event);
        }
    }

    fn input(&self, prompt: &str, password: bool) -> Option<String> {
        self.to.as_ref()?.input(prompt, password)
    }

    fn selection(&self, map: &str) -> Option<String> {
        self.to.as_ref()?.selection(map)
    }
}
