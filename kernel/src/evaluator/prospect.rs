//! An evaluator that has not started.

use super::{Analysis, Evaluator};
use std::sync::Arc;

/// Makes the evaluator, on the thread that will use it, and says what it is doing meanwhile. May be tried again.
pub(crate) type Factory = Box<dyn Fn(&dyn Fn(&str)) -> anyhow::Result<Box<dyn Evaluator>> + Send>;

/// Holds what can be asked already, and the way to the rest.
pub(crate) struct Prospect {
    pub(crate) analysis: Arc<dyn Analysis>,
    /// May take minutes.
    pub(crate) start: Factory,
    /// Stops a start that is under way.
    pub(crate) stop_start: Box<dyn Fn() + Send + Sync>,
}

impl Prospect {
    /// Returns this prospect with a start that can only fail, for this reason.
    pub(crate) fn hopeless(self, reason: &anyhow::Error) -> Self {
        let reason = format!("{reason:#}");
        Self {
            start: Box::new(move |_| anyhow::bail!("{reason}; then restart the kernel")),
            ..self
        }
    }
}
