//! How far a task is.

use super::Series;
use std::time::Duration;

/// How far a task is.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The number of the task, which no other task of the process has.
    pub id: u64,
    /// What is being done.
    pub task: String,
    /// Steps that are finished.
    pub done: usize,
    /// Steps in all, where known.
    pub total: Option<usize>,
    /// Something to read beside the number, such as the loss.
    pub detail: String,
    /// Time since the task began.
    pub elapsed: Duration,
    /// Whether the task goes on.
    pub state: State,
    /// What the horizontal axis of the recorded numbers counts.
    pub axis: String,
    /// The numbers recorded so far.
    pub series: Vec<Series>,
}

/// Whether a task goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// More steps follow.
    Running,
    /// All is done.
    Done,
    /// It ended before all was done: interrupted, or by an error.
    Stopped,
}
