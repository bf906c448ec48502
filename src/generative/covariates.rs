//! Columns of labels as numbers that a network reads.

use crate::expression::{Frame, group_names};
use crate::{Error, Result};
use ndarray::Array2;

/// The labels of a column that a model knows, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Levels {
    pub(super) column: String,
    pub(super) names: Vec<String>,
}

/// Returns the label of every cell, nothing where there is none.
fn labels(obs: &Frame, column: &str) -> Result<Vec<Option<String>>> {
    let missing = obs.column(column)?.is_null();
    let labels = obs.labels(column)?.into_iter().zip(missing.iter());
    let present = labels.map(|(label, missing)| (missing != Some(true)).then_some(label));
    Ok(present.collect())
}

impl Levels {
    /// Reads the labels that occur, at least two of them.
    pub(super) fn new(what: &str, obs: &Frame, column: &str) -> Result<Self> {
        let present = labels(obs, column)?.into_iter().flatten().collect();
        let names = group_names(obs, column, present);
        if names.len() < 2 {
            let expected = "a column with at least 2 different labels";
            let got = match names.first() {
                Some(name) => format!("`{column}`, which has only `{name}`"),
                None => format!("`{column}`, which has none"),
            };
            return Err(Error::value(what, expected, got));
        }
        Ok(Self {
            column: column.into(),
            names,
        })
    }

    /// Returns the place of every cell's label among the known ones.
    fn places(&self, what: &str, obs: &Frame) -> Result<Vec<Option<usize>>> {
        let labels = labels(obs, &self.column)?.into_iter();
        let place = |label: Option<String>| {
            let Some(label) = label else {
                return Ok(None);
            };
            let known = self.names.iter().position(|name| *name == label);
            known.map(Some).ok_or_else(|| {
                let expected = format!("one of: {}", self.names.join(", "));
                Error::value(what, expected, format!("`{label}`"))
            })
        };
        labels.map(place).collect()
    }

    /// Returns the place of every cell's label, where every cell has one.
    pub(super) fn complete(&self, what: &str, obs: &Frame) -> Result<Vec<usize>> {
        let places = self.places(what, obs)?;
        let lacking = places.iter().filter(|place| place.is_none()).count();
        if lacking > 0 {
            let got = format!("null for {lacking} of {} cells", places.len());
            let argument = format!("column {}", self.column);
            return Err(Error::value(&argument, "a label for every cell", got));
        }
        Ok(places.into_iter().flatten().collect())
    }

    /// Returns a column of ones and zeros for each label; nothing but zeros for a cell without.
    pub(super) fn one_hot(&self, what: &str, obs: &Frame) -> Result<Array2<f32>> {
        let places = self.places(what, obs)?;
        let mut out = Array2::zeros((places.len(), self.names.len()));
        for (cell, place) in places.into_iter().enumerate() {
            if let Some(place) = place {
                out[[cell, place]] = 1.0;
            }
        }
        Ok(out)
    }
}
