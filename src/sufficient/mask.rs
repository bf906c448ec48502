//! What stands in for what is masked.

use crate::sequence::Sequences;
use crate::{Error, Input, Result};
use ndarray::{ArrayD, Axis, IxDyn};
use std::sync::Arc;

/// What stands in for a feature that is masked.
///
/// It should tell the model nothing: look at [`Subsets::base`](super::Subsets::base), the score of an example in which everything is masked. Letters of
/// sequences become equal shares of all letters unless told otherwise, all other numbers 0.
///
/// # Examples
///
/// ```
/// use genolens::{network, sequence::Sequences, sufficient::{Mask, SufficientSubsets}};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTTGCATG", "CCGGTTAACC"])?;
/// let options = SufficientSubsets::new(-10.0).mask(Mask::composition());
/// let found = options.run(&network::deepbind(4), &peaks)?;
/// assert_eq!(found.stand_in().sum().round(), 10.0);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Mask(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Uniform,
    Composition,
    Constant(f32),
    Values(Arc<ArrayD<f32>>),
}

impl Mask {
    /// Takes equal shares of all letters, such as 0.25 of each base; for sequences only.
    pub fn uniform() -> Self {
        Self(Kind::Uniform)
    }

    /// Takes the share of each letter among all known letters of the sequences; for sequences only.
    pub fn composition() -> Self {
        Self(Kind::Composition)
    }

    /// Takes this number everywhere.
    pub fn constant(value: f32) -> Self {
        Self(Kind::Constant(value))
    }

    /// Takes the mean of other examples, number by number; shape `(n, ...)`.
    ///
    /// # Errors
    ///
    /// Fails when there is no example, or they do not fit into one array.
    pub fn mean(rows: &dyn Input) -> Result<Self> {
        let rows = rows.array()?.mapv(f64::from);
        if rows.ndim() < 2 || rows.is_empty() {
            let expected = "(n, ...) with n at least 1";
            return Err(Error::shape("rows", expected, rows.shape()));
        }
        let mean = rows.sum_axis(Axis(0)) / rows.len_of(Axis(0)) as f64;
        Ok(Self::of(mean.mapv(|value| value as f32)))
    }

    /// Takes these numbers: of the shape of one example, or of a shape that can be repeated to it, such as `(4, 1)` for the letters of DNA.
    ///
    /// # Errors
    ///
    /// Fails when the numbers do not fit into one array.
    pub fn values(values: &dyn Input) -> Result<Self> {
        Ok(Self::of(values.array()?.into_owned()))
    }

    fn of(values: ArrayD<f32>) -> Self {
        Self(Kind::Values(Arc::new(values)))
    }

    /// Returns the numbers for examples of a shape; `sequences` are the examples where they are that.
    pub(crate) fn numbers(
        &self,
        shape: &[usize],
        sequences: Option<&Sequences>,
    ) -> Result<ArrayD<f32>> {
        let wrong = |got: &[usize]| {
            let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
            let expected = format!("({}), or one that can be repeated to it", sizes.join(", "));
            Error::shape("mask", expected, got)
        };
        let numbers = match (&self.0, sequences) {
            (Kind::Uniform | Kind::Composition, None) => {
                let got = "made of letters";
                let expected = "a constant, a mean or values, as `x` is not sequences";
                return Err(Error::value("mask", expected, got));
            }
            (Kind::Uniform, Some(sequences)) => {
                let share = 1.0 / sequences.alphabet().size() as f32;
                ArrayD::from_elem(IxDyn(shape), share)
            }
            (Kind::Composition, Some(sequences)) => {
                let composition = sequences.composition().mapv(|share| share as f32);
                if composition.sum() == 0.0 {
                    let got = "the composition of sequences without any known letter";
                    return Err(Error::value("mask", "a known letter", got));
                }
                let column = composition.insert_axis(Axis(1)).into_dyn();
                let all = column.broadcast(IxDyn(shape));
                all.ok_or_else(|| wrong(column.shape()))?.to_owned()
            }
            (Kind::Constant(value), _) => ArrayD::from_elem(IxDyn(shape), *value),
            (Kind::Values(values), _) => {
                let all = values.broadcast(IxDyn(shape));
                all.ok_or_else(|| wrong(values.shape()))?.to_owned()
            }
        };
        match numbers.iter().find(|number| !number.is_finite()) {
            Some(number) => Err(Error::value("mask", "finite numbers", number)),
            None => Ok(numbers),
        }
    }
}
