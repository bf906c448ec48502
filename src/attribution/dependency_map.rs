//! Which positions need each other.

use super::pairs::Pairs;
use crate::Result;
use crate::network::Model;
use crate::sequence::{Explainable, Sequences};
use ndarray::{Array3, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Computes how much what a replacement at one position does to the first output depends on the letter at another position.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let map = attribution::dependency_map(&network::deepbind(4), &peaks)?;
/// assert_eq!(map.values().dim(), (1, 10, 10));
/// assert_eq!(map.values()[[0, 2, 7]], map.values()[[0, 7, 2]]);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Tomaz da Silva et al. 2024, <https://doi.org/10.1101/2024.07.27.605418>. Their maps are of language models, which give a probability for every letter:
/// how a replacement at one position changes the odds of the letters at another. A model with one output has no such odds, so here it is the
/// effect of the second replacement that changes: the epistasis of the two, which does not depend on their order.
pub fn dependency_map(model: &dyn Model, x: &dyn Explainable) -> Result<Dependencies> {
    DependencyMap::new().run(model, x)
}

/// Computes dependencies between positions, with options.
///
/// With `f` the output, the dependency of two positions is the largest `|f(both) - f(first) - f(second) + f(sequence)|` over all replacements of the
/// one and of the other. The work grows with the square of the number of positions, as of [`PairwiseMutagenesis`](super::PairwiseMutagenesis), the result
/// without its square of the number of letters.
#[derive(Clone, Debug)]
pub struct DependencyMap(Pairs);

impl DependencyMap {
    /// Takes the defaults: the first output, all positions, incremental, otherwise batches of 64.
    pub fn new() -> Self {
        Self(Pairs::new())
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.0.target = target;
        self
    }

    /// Sets which positions are looked at, counted from 0, in any order; such as `40..60`.
    pub fn positions(mut self, positions: impl IntoIterator<Item = usize>) -> Self {
        self.0.choose(positions);
        self
    }

    /// Sets the number of sequences that are computed at once where whole sequences are computed.
    pub fn batch(mut self, batch: usize) -> Self {
        self.0.batch = batch;
        self
    }

    /// Sets whether only what a replacement reaches is computed anew where that is possible, as it is by default.
    pub fn incremental(mut self, incremental: bool) -> Self {
        self.0.incremental = incremental;
        self
    }

    /// Computes the dependencies.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read, there is no such output or position, the result would hold more than 268 million
    /// numbers, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Dependencies> {
        let size = |positions: usize, _| positions.checked_mul(positions);
        // Of every row, the largest effect at each position behind.
        let found = self.0.run(("dependency map", size), (model, x), |row| {
            let pairs = row.seconds.iter().zip(&row.effects);
            let pairs: Vec<(usize, f64)> = pairs.map(|(place, x)| (place.1, x.abs())).collect();
            let positions = pairs.chunk_by(|a, b| a.0 == b.0);
            let most = |pairs: &[(usize, f64)]| pairs.iter().fold(0.0, |a: f64, b| a.max(b.1));
            positions.map(|pairs| most(pairs) as f32).collect()
        })?;
        let (n, count) = (found.rows.len(), found.positions.len());
        let mut values = Array3::<f32>::zeros((n, count, count));
        for (mut values, rows) in values.axis_iter_mut(Axis(0)).zip(&found.rows) {
            for ((_, position), most) in rows {
                let first = found.positions.binary_search(position).unwrap_or(0);
                for (second, &most) in (count - most.len()..).zip(most) {
                    let largest = values[[first, second]].max(most);
                    values[[first, second]] = largest;
                    values[[second, first]] = largest;
                }
            }
        }
        let about = (values, self.0.target);
        Ok(Dependencies::new(
            found.sequences,
            found.positions.into(),
            about,
        ))
    }
}

impl Default for DependencyMap {
    fn default() -> Self {
        Self::new()
    }
}

/// How much positions depend on each other; cheap to clone.
#[derive(Clone)]
pub struct Dependencies {
    sequences: Sequences,
    positions: Arc<[usize]>,
    values: Arc<Array3<f32>>,
    target: usize,
}

impl Dependencies {
    pub(crate) fn new(
        sequences: Sequences,
        positions: Arc<[usize]>,
        (values, target): (Array3<f32>, usize),
    ) -> Self {
        Self {
            sequences,
            positions,
            values: Arc::new(values),
            target,
        }
    }

    /// Returns the dependencies, shape `(n, positions, positions)`, in the unit of the raw output: symmetric, 0 or more, and 0 for one position twice.
    pub fn values(&self) -> &Array3<f32> {
        &self.values
    }

    /// Returns the positions that were looked at, in order.
    pub fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// Returns what is explained.
    pub fn sequences(&self) -> &Sequences {
        &self.sequences
    }

    /// Returns which output is explained, counted from 0.
    pub fn target(&self) -> usize {
        self.target
    }

    /// Returns the number of sequences.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Tells whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Returns one sequence with its dependencies.
    ///
    /// # Errors
    ///
    /// Fails when there is no such sequence.
    pub fn get(&self, index: usize) -> Result<Self> {
        Ok(Self {
            sequences: self.sequences.get(index)?,
            values: Arc::new(self.values.select(Axis(0), &[index])),
            ..self.clone()
        })
    }

    /// Returns the dependencies as a table with columns sequence, first position, second position and dependency; every two positions stand once.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let pairs = self.values.indexed_iter().filter(|((_, p, q), _)| p < q);
        let pairs: Vec<_> = pairs.collect();
        let names = pairs.iter().map(|((i, ..), _)| self.sequences.name(*i));
        let first = pairs.iter().map(|((_, p, _), _)| self.positions[*p] as u32);
        let second = pairs.iter().map(|((.., q), _)| self.positions[*q] as u32);
        Ok(df!(
            "sequence" => names.collect::<Vec<_>>(),
            "first_position" => first.collect::<Vec<_>>(),
            "second_position" => second.collect::<Vec<_>>(),
            "dependency" => pairs.iter().map(|(_, value)| **value).collect::<Vec<f32>>(),
        )?)
    }
}

impl fmt::Debug for Dependencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, positions, _) = self.values.dim();
        write!(f, "Dependencies(n = {n}, positions = {positions})")
    }
}
