//! Work on many examples, batch by batch.

use super::is_ours;
use crate::progress::Task;
use crate::{Error, Result};
use candle_core::Device;
use rayon::prelude::*;
use std::ops::Range;

/// Applies `one` to the rows of every batch of `n` examples and returns its results in order.
///
/// Reports progress and can be interrupted after every batch; `task` names the work.
pub(crate) fn in_batches<T: Send>(
    task: &str,
    (n, batch, device): (usize, usize, &Device),
    one: impl Fn(Range<usize>) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    if batch == 0 {
        return Err(Error::value("batch", "at least 1", 0));
    }
    let starts: Vec<usize> = (0..n).step_by(batch).collect();
    let rows = |&start: &usize| one(start..n.min(start + batch));
    // A GPU does one thing at a time; a CPU takes a batch per core.
    let together = if is_ours(device) {
        rayon::current_num_threads().max(1)
    } else {
        1
    };
    let mut task = Task::new(task, starts.len());
    let mut results = Vec::with_capacity(starts.len());
    for starts in starts.chunks(together) {
        let some: Vec<Result<T>> = if together == 1 {
            starts.iter().map(rows).collect()
        } else {
            starts.par_iter().map(rows).collect()
        };
        for result in some {
            results.push(result?);
            task.step("")?;
        }
    }
    Ok(results)
}
