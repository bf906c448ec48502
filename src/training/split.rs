//! Which examples are learned from and which are held out.

use super::Source;
use crate::{Error, Result};
use std::fmt;
use std::sync::Arc;

/// Rows to learn from and rows that are held out; cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Split {
    train: Arc<[usize]>,
    test: Arc<[usize]>,
}

impl Split {
    /// Takes rows to learn from and rows that are held out.
    ///
    /// # Errors
    ///
    /// Fails when there is nothing to learn from, or a row is in both.
    pub fn new(train: &[usize], test: &[usize]) -> Result<Self> {
        if train.is_empty() {
            return Err(Error::value("train", "at least 1 row", "none"));
        }
        let mut known = train.to_vec();
        known.sort_unstable();
        if let Some(row) = test.iter().find(|row| known.binary_search(row).is_ok()) {
            let got = format!("row {row} in both");
            return Err(Error::value("test", "rows that are not in `train`", got));
        }
        Ok(Self::halves((train.to_vec(), test.to_vec())))
    }

    pub(crate) fn halves((train, test): (Vec<usize>, Vec<usize>)) -> Self {
        Self {
            train: train.into(),
            test: test.into(),
        }
    }

    /// Returns the rows to learn from.
    pub fn train(&self) -> &[usize] {
        &self.train
    }

    /// Returns the rows that are held out.
    pub fn test(&self) -> &[usize] {
        &self.test
    }

    /// Checks that there are so many rows.
    pub(crate) fn check(&self, (name, n): (&str, usize)) -> Result<()> {
        let mut rows = self.train.iter().chain(self.test.iter());
        match rows.find(|&&row| row >= n) {
            Some(row) => {
                let expected = format!("rows below {n}, the number of examples");
                Err(Error::value(name, expected, row))
            }
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (train, test) = (self.train.len(), self.test.len());
        write!(f, "Split({train} to learn from, {test} held out)")
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (train, test) = (self.train.len(), self.test.len());
        write!(f, "{train} examples to learn from, {test} held out")
    }
}

/// Returns the groups of a source.
pub(crate) fn groups(source: &dyn Source) -> Result<Vec<String>> {
    let groups = source.groups().ok_or_else(|| {
        let expected = "one with groups, as `Arrays::groups` gives them";
        Error::value("source", expected, "one without")
    })?;
    if groups.len() != source.len() {
        let expected = format!("{} names, one per example", source.len());
        return Err(Error::value("groups", expected, groups.len()));
    }
    Ok(groups)
}
