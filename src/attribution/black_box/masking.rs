//! What the features of an example are, and what stands in for one that is absent.

use super::super::References;
use crate::network::Grouping;
use crate::{Error, Result};
use ndarray::{Array2, Axis};
use std::sync::Arc;

/// Says what a feature is, and what stands in for it when it is absent.
///
/// A feature of a table is a column, a feature of sequences all letters of one position. Columns or positions can be put into groups
/// that are present or absent together. Absent columns and letters are 0 unless told otherwise; where there are several rows or
/// references to stand in, scores are averaged over them.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{KernelShap, Masking, References}, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTACGT"])?;
/// let masking = Masking::new().stretches(4).references(References::uniform());
/// let found = KernelShap::new().masking(masking).contributions(&network::deepbind(4), &peaks)?;
/// assert_eq!(found.names(), ["0..4", "4..8", "8..12"]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Masking {
    grouping: Grouping,
    absent: Absent,
    names: Option<Arc<[String]>>,
}

/// What stands in for what is absent.
#[derive(Clone, Debug)]
pub(super) enum Absent {
    Zeros,
    References(References),
    Background(Arc<Array2<f32>>),
}

/// The features of all examples.
#[derive(Debug)]
pub(super) struct Features {
    pub(super) names: Vec<String>,
    /// The feature of each column or position.
    pub(super) owners: Vec<usize>,
}

impl Masking {
    /// Takes the defaults: every column or position is a feature, and absent ones are 0.
    pub fn new() -> Self {
        Self {
            grouping: Grouping::Each,
            absent: Absent::Zeros,
            names: None,
        }
    }

    /// Makes one feature of so many columns or positions that follow each other; the last may have fewer.
    pub fn stretches(self, width: usize) -> Self {
        Self {
            grouping: Grouping::Stretches(width),
            ..self
        }
    }

    /// Makes one feature of each group of columns or positions, counted from 0; every one must be in one group.
    pub fn groups(self, groups: &[impl AsRef<[usize]>]) -> Self {
        Self {
            grouping: Grouping::groups(groups),
            ..self
        }
    }

    /// Names the features, in order.
    pub fn names(self, names: &[impl AsRef<str>]) -> Self {
        let names = names.iter().map(|name| name.as_ref().to_owned()).collect();
        Self {
            names: Some(names),
            ..self
        }
    }

    /// Puts references in place of absent letters of sequences.
    pub fn references(self, references: References) -> Self {
        Self {
            absent: Absent::References(references),
            ..self
        }
    }

    /// Puts rows, shape `(rows, columns)`, in place of absent columns of a table: 1 to 1000.
    pub fn background(self, rows: Array2<f32>) -> Self {
        Self {
            absent: Absent::Background(Arc::new(rows)),
            ..self
        }
    }

    /// Puts the mean of these rows, shape `(rows, columns)`, in place of absent columns of a table.
    pub fn mean(self, rows: &Array2<f32>) -> Self {
        let mean = rows.mapv(f64::from).mean_axis(Axis(0));
        let mean = mean.map(|mean| mean.mapv(|value| value as f32).insert_axis(Axis(0)));
        self.background(mean.unwrap_or_else(|| rows.clone()))
    }

    pub(super) fn absent(&self) -> &Absent {
        &self.absent
    }

    /// Cuts so many columns or positions into features.
    pub(super) fn features(&self, units: usize, unit: &str) -> Result<Features> {
        let (groups, owners) = self.grouping.cut(units, unit)?;
        let names = match &self.names {
            None => groups.iter().map(|group| name(group)).collect(),
            Some(names) if names.len() == groups.len() => names.to_vec(),
            Some(names) => {
                let expected = format!("{}, one for each feature", groups.len());
                return Err(Error::value("names", expected, names.len()));
            }
        };
        Ok(Features { names, owners })
    }
}

impl Default for Masking {
    fn default() -> Self {
        Self::new()
    }
}

/// Names a sorted group by its members.
fn name(group: &[usize]) -> String {
    let follow = group.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    if let (true, [first, .., last]) = (follow, group) {
        return format!("{first}..{}", last + 1);
    }
    let members: Vec<String> = group.iter().map(ToString::to_string).collect();
    members.join("+")
}
