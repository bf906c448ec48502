//! What sequences are compared with.

use crate::random::Seed;
use crate::sequence::{Sequences, Shuffle};
use crate::{Error, Result};
use ndarray::{Array3, ArrayView2, s};
use std::sync::Arc;

/// The inputs that a sequence is compared with: what its letters contribute is what they add to these.
///
/// Shuffles keep the composition of the sequence and lose its motifs. They explain best where the truth is known, before the average
/// composition and before zeros (Prakash, Shrikumar and Kundaje 2022, <https://proceedings.mlr.press/v165/prakash22a.html>).
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{IntegratedGradients, References}, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let shuffles = IntegratedGradients::new().references(References::dinucleotide_shuffles(5));
/// assert_eq!(shuffles.run(&network::deepbind(4), &peaks)?.len(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct References(Kind);

/// References of one sequence.
const MOST: usize = 1_000;

#[derive(Clone, Debug)]
enum Kind {
    Zeros,
    Uniform,
    Composition,
    Shuffled(Shuffle),
    Given(Arc<Array3<f32>>),
}

impl References {
    /// Takes one reference without letters: all zeros.
    pub fn zeros() -> Self {
        Self(Kind::Zeros)
    }

    /// Takes one reference in which every letter has the same share.
    pub fn uniform() -> Self {
        Self(Kind::Uniform)
    }

    /// Takes one reference that has the average composition of the sequence at all positions.
    pub fn composition() -> Self {
        Self(Kind::Composition)
    }

    /// Takes so many shuffles of the sequence that keep how often each letter follows each; 20 are usual.
    pub fn dinucleotide_shuffles(count: usize) -> Self {
        Self::shuffled(Shuffle::dinucleotide().copies(count))
    }

    /// Takes the shuffles that `shuffle` makes.
    ///
    /// The seed of a sequence follows from its letters: its references do not depend on what else is explained.
    pub fn shuffled(shuffle: Shuffle) -> Self {
        Self(Kind::Shuffled(shuffle))
    }

    /// Takes the same references for all sequences, shape `(references, letters, length)`.
    pub fn given(values: Array3<f32>) -> Self {
        Self(Kind::Given(Arc::new(values)))
    }

    /// Sets the seed of shuffles; other references have none.
    pub fn seed(self, seed: impl Into<Seed>) -> Self {
        match self.0 {
            Kind::Shuffled(shuffle) => Self(Kind::Shuffled(shuffle.seed(seed))),
            other => Self(other),
        }
    }

    /// Returns the references of one sequence with this code, shape `(references, letters, length)`.
    pub(super) fn of(
        &self,
        sequences: &Sequences,
        index: usize,
        code: &ArrayView2<'_, f32>,
    ) -> Result<Array3<f32>> {
        let (letters, length) = code.dim();
        let shape = (1, letters, length);
        Ok(match &self.0 {
            Kind::Zeros => Array3::zeros(shape),
            Kind::Uniform => Array3::from_elem(shape, 1.0 / letters as f32),
            Kind::Composition => {
                let mut all = Array3::zeros(shape);
                for (mut row, code) in all
                    .slice_mut(s![0, .., ..])
                    .outer_iter_mut()
                    .zip(code.outer_iter())
                {
                    let share: f64 = code.iter().copied().map(f64::from).sum();
                    row.fill((share / length as f64) as f32);
                }
                all
            }
            Kind::Shuffled(shuffle) => {
                let (copies, seed) = shuffle.parts();
                if copies > MOST {
                    return Err(Error::value(
                        "copies",
                        format!("at most {MOST} references"),
                        copies,
                    ));
                }
                let one = sequences.select(&[index])?;
                let shuffled = shuffle.clone().seed(seed.named(one.text(0))).run(&one)?;
                shuffled.one_hot()?.values().clone()
            }
            Kind::Given(values) => {
                let (count, rest) = (values.dim().0, (values.dim().1, values.dim().2));
                if rest != (letters, length) || !(1..=MOST).contains(&count) {
                    let expected =
                        format!("(references, {letters}, {length}) with 1 to {MOST} references");
                    return Err(Error::shape("references", expected, values.shape()));
                }
                values.as_ref().clone()
            }
        })
    }
}
