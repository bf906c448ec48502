//! How a cell failed.

use crate::evaluator::{Cell, Outcome};
use crate::terminal;
use serde_json::{Value, json};
use std::time::Duration;

/// The kind of error of a cell that ran too long.
pub(super) const TIMEOUT: &str = "timeout";

/// Holds the error of a cell.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) name: String,
    pub(super) value: String,
    traceback: Vec<String>,
}

impl Trouble {
    /// Makes an error without a traceback of its own.
    pub(super) fn plain(name: &str, value: String) -> Self {
        Self {
            name: name.to_owned(),
            traceback: vec![format!("{name}: {value}")],
            value,
        }
    }

    /// Says that a cell ran too long, and how that ended.
    pub(super) fn late(self, limit: Duration) -> Self {
        let value = format!("longer than {} s: {}", limit.as_secs_f64(), self.value);
        let mut late = Self::plain(TIMEOUT, value);
        late.traceback.extend(self.traceback);
        late
    }

    /// Reads the outcome of a cell.
    pub(super) fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Ok => None,
            Outcome::Error {
                name,
                value,
                traceback,
            } => Some(Self {
                name,
                value,
                traceback,
            }),
        }
    }

    /// Gives the error as an output of the notebook format.
    pub(super) fn output(&self) -> Value {
        json!({
            "ename": self.name,
            "evalue": self.value,
            "output_type": "error",
            "traceback": self.traceback,
        })
    }

    /// Gives the error as the report has it, without colours.
    pub(super) fn report(&self) -> Value {
        let lines = self.traceback.iter();
        let lines: Vec<_> = lines.map(|line| crate::html::stripped(line)).collect();
        json!({ "name": self.name, "value": self.value, "traceback": lines })
    }

    /// Says what happened in one line.
    pub(super) fn line(&self) -> String {
        let first = self.value.lines().next().unwrap_or_default();
        format!("{}: {first}", self.name)
    }

    /// Prints the cell with line numbers, and its error below.
    pub(super) fn print(&self, cell: &Cell) {
        terminal::warn(&format!("\n{}:", cell.name));
        for (number, line) in cell.code.lines().enumerate() {
            terminal::warn(&format!("{:>4} | {line}", number + 1));
        }
        terminal::warn("");
        for line in &self.traceback {
            terminal::warn(line);
        }
        terminal::warn("");
    }
}
