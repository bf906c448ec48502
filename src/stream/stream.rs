//! Examples in files.

use super::rows::Rows;
use crate::random::Seed;
use crate::training::{Batch, Source};
use crate::{Error, Result};
use ndarray::ArrayD;
use std::fmt;
use std::sync::Arc;

/// Examples and labels that stay in their files until a batch of them is needed; cheap to clone.
///
/// It is what every reader of this room gives, and a [`Source`]: training, cross-validation, searches and
/// [`predict`](super::predict()) read from it. Printed, it says what it is and what was left out.
#[derive(Clone)]
pub struct Stream {
    data: Arc<Data>,
}

pub(super) struct Data {
    /// What it is, for people.
    pub(super) what: String,
    pub(super) examples: Box<dyn Rows>,
    pub(super) labels: Box<dyn Rows>,
    /// Which of the names each example belongs to.
    pub(super) groups: Option<(Vec<String>, Vec<u32>)>,
    pub(super) dropped: usize,
    pub(super) notes: Vec<String>,
}

impl Stream {
    pub(super) fn new(data: Data) -> Result<Self> {
        if data.examples.len() == 0 {
            let got = match data.dropped {
                0 => "none".to_owned(),
                dropped => format!("none, {dropped} were left out"),
            };
            return Err(Error::value(&data.what, "at least 1 example", got));
        }
        if data.examples.len() != data.labels.len() {
            let expected = format!("{} rows, one per example", data.examples.len());
            return Err(Error::value("labels", expected, data.labels.len()));
        }
        Ok(Self { data: data.into() })
    }

    /// Returns the shape of all examples, such as `(n, 4, length)`, of which only batches are ever read.
    pub fn shape(&self) -> Vec<usize> {
        [vec![self.len()], self.data.examples.shape()].concat()
    }

    /// Returns the shape of all labels, `(n)` or `(n, tasks)`.
    pub fn labels_shape(&self) -> Vec<usize> {
        [vec![self.len()], self.data.labels.shape()].concat()
    }

    /// Returns how many examples were left out, such as windows over the end of a chromosome.
    pub fn dropped(&self) -> usize {
        self.data.dropped
    }

    /// Returns what is good to know of the files, such as that one is packed and slow to read.
    pub fn notes(&self) -> &[String] {
        &self.data.notes
    }

    fn check(&self, rows: &[usize]) -> Result<()> {
        let n = self.len();
        match rows.iter().find(|&&row| row >= n) {
            Some(row) => Err(Error::value("rows", format!("below {n}"), row)),
            None if rows.is_empty() => Err(Error::value("rows", "at least 1", "none")),
            None => Ok(()),
        }
    }
}

impl Source for Stream {
    fn len(&self) -> usize {
        self.data.examples.len()
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        self.check(rows)?;
        let labels = self.data.labels.read(rows)?;
        Batch::with_missing(self.data.examples.read(rows)?, labels)
    }

    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        self.check(rows)?;
        self.data.labels.read(rows)
    }

    fn order(&self, rows: &[usize], seed: Seed) -> Vec<usize> {
        self.data.examples.order(rows, seed)
    }

    fn groups(&self) -> Option<Vec<String>> {
        let (names, ids) = self.data.groups.as_ref()?;
        Some(ids.iter().map(|&id| names[id as usize].clone()).collect())
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Data {
            what,
            dropped,
            notes,
            ..
        } = &*self.data;
        let tasks: usize = self.data.labels.shape().iter().product();
        let shape = self.data.examples.shape();
        write!(f, "{what}: {} examples {shape:?}, ", self.len())?;
        match tasks {
            1 => write!(f, "1 label each")?,
            tasks => write!(f, "{tasks} labels each")?,
        }
        if *dropped > 0 {
            write!(f, ", {dropped} left out")?;
        }
        for note in notes {
            write!(f, "; {note}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream({self})")
    }
}
