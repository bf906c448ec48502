//! What all networks with several tasks have in common.

use crate::network::{Architecture, Network};
use crate::{Error, Result};

/// Draws first weights for layers that end in so many tasks.
pub(super) fn for_tasks(tasks: usize, architecture: &Architecture) -> Result<Network> {
    match tasks {
        0 => Err(Error::value("tasks", "at least 1", 0)),
        _ => architecture.build(),
    }
}
