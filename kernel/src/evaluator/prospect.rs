//! An evaluator that has not started.

use super::{Analysis, Evaluator};
use std::sync::Arc;

/// Makes the evaluator, on the thread that will use it, and says what it is doing meanwhile.
pub(crate) type Factory =
    Box<dyn FnOnce(&dyn Fn(&str)) -> anyhow::Result<Box<dyn Evaluator>> + Send>;

/// Holds what can be asked already, and the way to the rest.
pub(crate) struct Prospect {
    pub(crate) analysis: Arc<dyn Analysis>,
    /// May take minutes.
    pub(crate) start: Factory,
}
