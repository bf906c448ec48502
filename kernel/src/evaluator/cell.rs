//! What goes in and the verdict that comes out.

/// Holds one cell to run.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// The source as the person wrote it.
    pub(crate) code: String,
    /// The execution count that a front end shows beside the cell, from 1.
    pub(crate) number: u64,
    /// Whether the result is unwanted and the count does not advance.
    pub(crate) silent: bool,
    /// How messages name the cell, such as `cell 3`.
    pub(crate) name: String,
}

impl Cell {
    /// Makes a cell that messages call `cell NUMBER`.
    pub(crate) fn new(code: impl Into<String>, number: u64) -> Self {
        Self {
            code: code.into(),
            number,
            silent: false,
            name: format!("cell {number}"),
        }
    }
}

/// Says how a cell ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It ran to its end.
    Ok,
    /// It did not compile, panicked, returned an `Err`, or its process died.
    Error {
        /// The kind of failure in one word, such as `panic`.
        name: String,
        /// What happened, in one line where possible.
        value: String,
        /// The report in lines, which may carry ANSI colours.
        traceback: Vec<String>,
    },
}

impl Outcome {
    /// The kind of failure of a cell that the person has stopped.
    pub(crate) const INTERRUPTED: &str = "interrupted";

    /// Makes a failure whose report is one line.
    pub(crate) fn failed(name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        Self::Error {
            name: name.to_owned(),
            traceback: vec![format!("{name}: {value}")],
            value,
        }
    }

    /// The person has stopped the cell, which loses nothing.
    pub(crate) fn interrupted() -> Self {
        Self::failed(Self::INTERRUPTED, "the cell was interrupted")
    }
}
