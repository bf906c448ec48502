//! The contract between the protocol and whatever runs cells.

use super::{Bundle, Cell, Outcome};
use std::sync::Arc;

/// Runs cells, one at a time, on a thread of its own.
pub(crate) trait Evaluator: Send {
    /// Runs one cell; what it says goes through `sink`, in order, also what its threads say between this cell and the next.
    fn execute(&mut self, cell: &Cell, sink: &Arc<dyn Sink>) -> Outcome;

    /// Gives what another thread may use while a cell runs.
    fn handle(&self) -> Box<dyn Handle>;

    /// Ends the processes behind this evaluator.
    fn shutdown(&mut self);
}

/// Says what is known about code without running it, from any thread, also before the evaluator has started and while a cell runs.
pub(crate) trait Analysis: Send + Sync {
    /// Offers endings for `code` at `cursor`, counted in Unicode code points.
    fn complete(&self, code: &str, cursor: usize) -> Completions;

    /// Describes what stands at `cursor`, counted in Unicode code points; `whole` asks for all that is known.
    fn inspect(&self, code: &str, cursor: usize, whole: bool) -> Option<Bundle>;

    /// Says whether the Enter key should run `code`.
    fn completeness(&self, code: &str) -> Completeness;

    /// Lists the variables that the last cell has left, each with its type.
    fn variables(&self) -> Vec<(String, String)>;
}

/// Reaches a running cell from another thread.
pub(crate) trait Handle: Send + Sync {
    /// Asks the running cell to stop; does nothing when none runs.
    fn interrupt(&self);

    /// Stops the cell's process at once.
    fn kill(&self);
}

/// Takes what a running cell says; any thread may call it.
pub(crate) trait Sink: Send + Sync {
    /// Passes one event on; may wait while the front end is behind.
    fn event(&self, event: Event);

    /// Asks the person for a line; `None` when nobody can answer.
    fn input(&self, prompt: &str, password: bool) -> Option<String>;

    /// Gives the polygon that a person has drawn last on a picture of a map, as numbers in a row; `None` when there is none.
    fn selection(&self, map: &str) -> Option<String>;
}

/// Is one thing that happens while a cell runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// Raw bytes of standard output; a character may be split between two events.
    Stdout(Vec<u8>),
    /// Raw bytes of standard error.
    Stderr(Vec<u8>),
    /// Something to show now.
    Display(Bundle),
    /// A new content for everything shown under the same `display_id`.
    UpdateDisplay(Bundle),
    /// The value of the cell's last expression.
    Result(Bundle),
    /// Removes what the cell has shown, at once or when the next output comes.
    Clear {
        /// Whether to wait for the next output.
        wait: bool,
    },
    /// How far a long task is.
    Progress(Progress),
    /// What the kernel itself does, such as compiling a dependency.
    Note(String),
    /// Where the time of the cell went; the last event of a cell.
    Timing(Timing),
}

/// Says where the time of one cell went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to the name")]
pub(crate) struct Timing {
    /// Seconds of compilation, linking not counted.
    pub(crate) compile_s: f64,
    /// Seconds of linking.
    pub(crate) link_s: f64,
    /// All other seconds: nearly all of them the cell's own work.
    pub(crate) run_s: f64,
}

/// Says how far a long task is, and those that run inside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Progress {
    /// The number of the task; one task is one display.
    pub(crate) id: u64,
    /// The outermost task first.
    pub(crate) bars: Vec<Bar>,
    /// The numbers that it has recorded so far, as an SVG.
    pub(crate) curve: Option<String>,
    /// What remains when all is over.
    pub(crate) picture: Option<Bundle>,
    /// Whether nothing more will come.
    pub(crate) over: bool,
}

/// Says how far one task is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bar {
    /// What is being done.
    pub(crate) task: String,
    /// Steps done.
    pub(crate) done: u64,
    /// Steps in all, where known.
    pub(crate) total: Option<u64>,
    /// A short remark, such as the current loss.
    pub(crate) detail: String,
    /// Seconds since the task began.
    pub(crate) elapsed_s: f64,
    /// Whether it ended before all was done.
    pub(crate) stopped: bool,
}

/// Holds the endings that fit, and the stretch of code that they replace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Completions {
    /// What may stand in the stretch, the likeliest first.
    pub(crate) matches: Vec<Completion>,
    /// First code point of the stretch.
    pub(crate) start: usize,
    /// First code point after the stretch.
    pub(crate) end: usize,
}

/// Is one ending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(crate) text: String,
    /// What it is, such as `function` or `struct`; empty if unknown.
    pub(crate) kind: String,
    /// How it is called or what type it has; empty if unknown.
    pub(crate) signature: String,
}

/// Says whether code can run as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// It can run.
    Complete,
    /// More lines must follow, indented by `indent`.
    Incomplete {
        /// White space for the next line.
        indent: String,
    },
    /// No continuation would make it valid.
    Invalid,
}
