//! Examples cut into features that can be masked.

use super::{Layout, Mask};
use crate::network::{Copies, Grouping};
use crate::sequence::{Explainable, Sequences, code};
use crate::{Error, Input, Result};
use ndarray::{ArrayD, Axis};

/// Examples, their features, and what stands in for each number.
pub(super) struct Examples {
    /// `(n, ...)`, row by row.
    pub(super) x: ArrayD<f32>,
    pub(super) sequences: Option<Sequences>,
    pub(super) layout: Layout,
    /// The places of each feature, and the feature of each place.
    pub(super) groups: Vec<Vec<usize>>,
    owners: Vec<usize>,
    pub(super) stand_in: ArrayD<f32>,
    /// The features that are masked from the beginning.
    pub(super) masked: Vec<bool>,
}

/// How examples are cut and masked.
#[derive(Clone, Debug)]
pub(super) struct Masking {
    pub(super) mask: Option<Mask>,
    pub(super) grouping: Grouping,
    pub(super) masked: Vec<usize>,
}

impl Examples {
    /// Cuts sequences at their positions.
    pub(super) fn of_sequences(masking: &Masking, x: &dyn Explainable) -> Result<Self> {
        Self::cut(masking, code(x)?.into_dyn(), Some(x.sequences()?))
    }

    /// Cuts other examples at their columns, positions or pixels.
    pub(super) fn of_rows(masking: &Masking, x: &dyn Input) -> Result<Self> {
        let x = x.array()?;
        Self::cut(masking, x.as_standard_layout().into_owned(), None)
    }

    fn cut(masking: &Masking, x: ArrayD<f32>, sequences: Option<Sequences>) -> Result<Self> {
        let layout = Layout::of(x.shape())?;
        let (groups, owners) = masking.grouping.cut(layout.places(), layout.unit())?;
        let mask = masking.mask.clone().unwrap_or_else(|| match sequences {
            Some(_) => Mask::uniform(),
            None => Mask::constant(0.0),
        });
        let mut masked = vec![false; groups.len()];
        for &feature in &masking.masked {
            let Some(flag) = masked.get_mut(feature) else {
                let expected = format!("below {}, the number of features", groups.len());
                return Err(Error::value("masked", expected, feature));
            };
            *flag = true;
        }
        Ok(Self {
            stand_in: mask.numbers(&x.shape()[1..], sequences.as_ref())?,
            x,
            sequences,
            layout,
            groups,
            owners,
            masked,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.x.len_of(Axis(0))
    }

    /// Returns the shape of one example.
    pub(super) fn shape(&self) -> &[usize] {
        &self.x.shape()[1..]
    }

    /// Names an example in messages.
    fn name(&self, index: usize) -> String {
        match &self.sequences {
            Some(sequences) => format!("sequence {}", sequences.name(index)),
            None => format!("row {index}"),
        }
    }

    /// Returns the feature of every number of an example.
    pub(super) fn owners(&self) -> impl Iterator<Item = usize> {
        (0..self.stand_in.len()).map(|at| self.owners[at % self.owners.len()])
    }

    /// Writes an example in which these features are masked, and perhaps one more.
    pub(super) fn write(&self, index: usize, masked: &[bool], numbers: &mut [f32]) {
        let x = self.x.index_axis(Axis(0), index);
        let all = numbers.iter_mut().zip(&x).zip(&self.stand_in);
        for (((number, x), other), owner) in all.zip(self.owners()) {
            *number = if masked[owner] { *other } else { *x };
        }
    }
}

/// One example as it is masked now, and copies of it in each of which another feature is masked, too.
pub(super) struct Copied<'a> {
    pub(super) examples: &'a Examples,
    pub(super) index: usize,
    pub(super) masked: &'a [bool],
    /// The feature that is masked, too, in every copy; none for the example as it is.
    pub(super) asked: &'a [Option<usize>],
}

impl Copies for Copied<'_> {
    fn count(&self) -> usize {
        self.asked.len()
    }

    fn write(&self, index: usize, numbers: &mut [f32]) {
        self.examples.write(self.index, self.masked, numbers);
        if let Some(feature) = self.asked[index] {
            let all = numbers.iter_mut().zip(&self.examples.stand_in);
            for ((number, other), owner) in all.zip(self.examples.owners()) {
                if owner == feature {
                    *number = *other;
                }
            }
        }
    }

    fn describe(&self, index: usize) -> String {
        let also = |feature| self.asked[index] == Some(feature);
        let all = (0..self.masked.len()).filter(|&feature| self.masked[feature] || also(feature));
        let all: Vec<String> = all.map(|feature| feature.to_string()).collect();
        let name = self.examples.name(self.index);
        let first = all.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        match all.len() {
            0 => name,
            count if count == self.masked.len() => format!("{name} with everything masked"),
            1 => format!("{name} with feature {first} masked"),
            2..=5 => format!("{name} with features {first} masked"),
            count => format!("{name} with features {first} and {} more masked", count - 5),
        }
    }
}

/// All examples as they are in the beginning, and one more in which everything is masked.
pub(super) struct Beginnings<'a>(pub(super) &'a Examples);

impl Beginnings<'_> {
    /// Returns which example a copy is of, and what is masked in it.
    fn one(&self, index: usize) -> (usize, Vec<bool>) {
        if index < self.0.len() {
            return (index, self.0.masked.clone());
        }
        (0, vec![true; self.0.masked.len()])
    }
}

impl Copies for Beginnings<'_> {
    fn count(&self) -> usize {
        self.0.len() + 1
    }

    fn write(&self, index: usize, numbers: &mut [f32]) {
        let (index, masked) = self.one(index);
        self.0.write(index, &masked, numbers);
    }

    fn describe(&self, index: usize) -> String {
        let (index, masked) = self.one(index);
        let one = Copied {
            examples: self.0,
            index,
            masked: &masked,
            asked: &[None],
        };
        one.describe(0)
    }
}
