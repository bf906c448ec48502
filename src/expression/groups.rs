//! Cells by their labels.

use super::Frame;
use crate::{Error, Result};
use std::collections::HashMap;

/// Cells by the labels of a column.
pub(crate) struct Groups {
    /// The labels that occur, in the order of the categories or, where there is none, of the alphabet (numbers by size).
    pub(crate) names: Vec<String>,
    /// The group of every cell.
    pub(crate) of_cell: Vec<usize>,
}

/// Returns each of the labels of a column once, in the order of the categories or, where there is none, of the alphabet (numbers by size).
pub(crate) fn names(obs: &Frame, column: &str, labels: Vec<String>) -> Vec<String> {
    let mut names = labels;
    names.sort_unstable();
    names.dedup();
    if let Some(order) = obs.categories(column) {
        let place = |name: &String| order.iter().position(|other| other == name);
        names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    } else if names.iter().all(|name| name.parse::<u64>().is_ok()) {
        names.sort_by_key(|name| name.parse::<u64>().unwrap_or(0));
    }
    names
}

impl Groups {
    /// Reads the labels of cells; every cell must have one.
    pub(crate) fn new(obs: &Frame, column: &str) -> Result<Self> {
        let lacking = obs.column(column)?.null_count();
        if lacking > 0 {
            let argument = format!("column {column}");
            let got = format!("null for {lacking} of {} cells", obs.len());
            return Err(Error::value(&argument, "a label for every cell", got));
        }
        let labels = obs.labels(column)?;
        let names = names(obs, column, labels.clone());
        let places: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
        let of_cell = labels.iter().map(|label| places[label.as_str()]).collect();
        Ok(Self { names, of_cell })
    }

    /// Returns the cells of every group.
    pub(crate) fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.names.len()];
        for (cell, group) in self.of_cell.iter().enumerate() {
            members[*group].push(cell);
        }
        members
    }

    /// Returns how many cells every group has.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.members().iter().map(Vec::len).collect()
    }

    /// Returns the place of a group.
    pub(crate) fn place(&self, argument: &str, name: &str) -> Result<usize> {
        let known = self.names.iter().position(|other| other == name);
        known.ok_or_else(|| {
            let expected = format!("one of: {}", self.names.join(", "));
            Error::value(argument, expected, format!("`{name}`"))
        })
    }
}
