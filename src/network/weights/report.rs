//! Which tensor of a file went where.

use super::aligned::{aligned, shape};
use std::fmt;
use std::sync::Arc;

/// Which tensor of a file went where in a network, what was done to it, and what is left over or missing.
///
/// Shows itself as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightReport {
    pub(super) origin: String,
    pub(super) rows: Arc<Vec<WeightRow>>,
    pub(super) notes: Arc<Vec<String>>,
}

/// One line of a [`WeightReport`]: a tensor and its weight, or one of them alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightRow {
    /// Name in the file; empty where a weight has no tensor there.
    pub tensor: String,
    /// Shape in the file.
    pub tensor_shape: Vec<usize>,
    /// Name in the network; empty where a tensor is left over.
    pub weight: String,
    /// Shape in the network.
    pub weight_shape: Vec<usize>,
    /// What was done to the tensor, such as `axes wio to oiw`, or why it went nowhere.
    pub what: String,
    pub(super) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Placed,
    Misfit,
    Missing,
    LeftOver,
    /// Left over, but not a weight: how many batches a norm has seen.
    Counter,
}

impl WeightReport {
    /// Returns all lines: the weights in the order of the network, then what is left over in the file.
    pub fn rows(&self) -> &[WeightRow] {
        &self.rows
    }

    /// Tells whether every weight found its tensor.
    pub fn is_complete(&self) -> bool {
        let bad = [Outcome::Misfit, Outcome::Missing];
        !self.rows.iter().any(|row| bad.contains(&row.outcome))
    }

    /// Returns the names of the tensors that no weight took, counters of batches aside.
    pub fn left_over(&self) -> Vec<&str> {
        let rows = self.of(Outcome::LeftOver);
        rows.map(|row| row.tensor.as_str()).collect()
    }

    /// Returns the names of the weights without a tensor.
    pub fn missing(&self) -> Vec<&str> {
        let rows = self.of(Outcome::Missing);
        rows.map(|row| row.weight.as_str()).collect()
    }

    /// Returns the names of the weights whose tensor does not fit.
    pub fn misfits(&self) -> Vec<&str> {
        let rows = self.of(Outcome::Misfit);
        rows.map(|row| row.weight.as_str()).collect()
    }

    /// Returns what to know of the file, in sentences.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the line of a weight.
    pub fn row(&self, weight: &str) -> Option<&WeightRow> {
        self.rows.iter().find(|row| row.weight == weight)
    }

    fn of(&self, outcome: Outcome) -> impl Iterator<Item = &WeightRow> {
        self.rows.iter().filter(move |row| row.outcome == outcome)
    }

    /// Returns how many of each there are, in a sentence.
    pub fn summary(&self) -> String {
        let count = |outcome| self.of(outcome).count();
        let placed = count(Outcome::Placed);
        let mut text = format!("{}: {placed} tensors placed", self.origin);
        for (outcome, name) in [
            (Outcome::Misfit, "do not fit"),
            (Outcome::Missing, "missing"),
            (Outcome::LeftOver, "left over"),
            (Outcome::Counter, "counters not needed"),
        ] {
            match count(outcome) {
                0 => {}
                some => text += &format!(", {some} {name}"),
            }
        }
        text + "."
    }
}

impl WeightRow {
    /// Returns the cells of the line.
    pub(crate) fn cells(&self) -> [String; 5] {
        let size = |name: &str, dims: &[usize]| {
            if name.is_empty() {
                return String::new();
            }
            shape(dims)
        };
        [
            self.tensor.clone(),
            size(&self.tensor, &self.tensor_shape),
            self.what.clone(),
            self.weight.clone(),
            size(&self.weight, &self.weight_shape),
        ]
    }

    /// The heads of the columns.
    pub(crate) const COLUMNS: [&str; 5] = ["in the file", "shape", "", "in the network", "shape"];
}

impl fmt::Display for WeightReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![WeightRow::COLUMNS.map(String::from).to_vec()];
        lines.extend(self.rows.iter().map(|row| row.cells().to_vec()));
        write!(f, "{}\n{}", aligned(&lines), self.summary())?;
        self.notes.iter().try_for_each(|note| write!(f, "\n{note}"))
    }
}
