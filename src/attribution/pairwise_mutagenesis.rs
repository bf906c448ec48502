//! Every two letters replaced at once.

use super::Dependencies;
use super::pairs::Pairs;
use crate::Result;
use crate::network::Model;
use crate::sequence::{Explainable, Sequences};
use ndarray::{Array5, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Computes how much more, or less, any two replacements do to the first output together than one by one.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read, or the result would hold more than 268 million numbers: choose positions then.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let pairs = attribution::pairwise_mutagenesis(&network::deepbind(4), &peaks)?;
/// assert_eq!(pairs.values().dim(), (1, 4, 10, 4, 10));
/// # Ok(()) }
/// ```
pub fn pairwise_mutagenesis(model: &dyn Model, x: &dyn Explainable) -> Result<Epistasis> {
    PairwiseMutagenesis::new().run(model, x)
}

/// Replaces every two letters by every other two, with options.
///
/// With `f` the output, the epistasis of two replacements is `f(both) - f(first) - f(second) + f(sequence)`: 0 where each does what it does whatever
/// the other letter is. The work grows with the square of the number of positions; of a [`Network`](crate::network::Network) on the CPU only what a
/// second replacement reaches is computed anew.
#[derive(Clone, Debug)]
pub struct PairwiseMutagenesis(Pairs);

impl PairwiseMutagenesis {
    /// Takes the defaults: the first output, all positions, incremental, otherwise batches of 64.
    pub fn new() -> Self {
        Self(Pairs::new())
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.0.target = target;
        self
    }

    /// Sets between which positions pairs are looked at, counted from 0, in any order; such as `40..60`.
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

    /// Computes the epistasis of all pairs.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read, there is no such output or position, the result would hold more than 268 million
    /// numbers, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Epistasis> {
        let size = |positions: usize, letters: usize| {
            let side = positions.checked_mul(letters)?;
            side.checked_mul(side)
        };
        let found = self
            .0
            .run(("pairwise mutagenesis", size), (model, x), |row| {
                row.effects.iter().map(|&effect| effect as f32).collect()
            })?;
        let (n, count) = (found.rows.len(), found.positions.len());
        let letters = found.sequences.alphabet().size();
        let mut values = Array5::zeros((n, letters, count, letters, count));
        for (mut values, rows) in values.axis_iter_mut(Axis(0)).zip(&found.rows) {
            let place = |position| found.positions.binary_search(&position).unwrap_or(0);
            for ((letter, position), effects) in rows {
                let seconds = &rows[rows.len() - effects.len()..];
                for (&((other, behind), _), &effect) in seconds.iter().zip(effects) {
                    let (first, second) = (place(*position), place(behind));
                    values[[*letter, first, other, second]] = effect;
                    values[[other, second, *letter, first]] = effect;
                }
            }
        }
        Ok(Epistasis {
            sequences: found.sequences,
            positions: found.positions.into(),
            values: Arc::new(values),
            target: self.0.target,
        })
    }
}

impl Default for PairwiseMutagenesis {
    fn default() -> Self {
        Self::new()
    }
}

/// How much more pairs of replacements do together than one by one; cheap to clone.
#[derive(Clone)]
pub struct Epistasis {
    sequences: Sequences,
    positions: Arc<[usize]>,
    values: Arc<Array5<f32>>,
    target: usize,
}

impl Epistasis {
    /// Returns the epistasis, shape `(n, letters, positions, letters, positions)`, in the unit of the raw output.
    ///
    /// `[i, a, p, b, q]` is that of letter `a` at the position number `p` and `b` at `q` in sequence `i`, and the same as `[i, b, q, a, p]`. It is 0
    /// for one position twice and for a letter that is there anyway.
    pub fn values(&self) -> &Array5<f32> {
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

    /// Returns one sequence with its pairs.
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

    /// Returns for every two positions the largest epistasis over their letters, whatever its sign: the map that
    /// [`dependency_map`](super::dependency_map) gives.
    pub fn dependencies(&self) -> Dependencies {
        let sizes = self.values.map_axis(Axis(3), |letters| {
            letters.iter().fold(0.0_f32, |most, x| most.max(x.abs()))
        });
        let sizes = sizes.map_axis(Axis(1), |letters| {
            letters.iter().fold(0.0_f32, |most, &x| most.max(x))
        });
        Dependencies::new(
            self.sequences.clone(),
            Arc::clone(&self.positions),
            (sizes, self.target),
        )
    }

    /// Returns the pairs as a table with columns sequence, first position, first letter, second position, second letter and epistasis; every pair of two
    /// letters that were not there before stands once.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let alphabet = self.sequences.alphabet().letters();
        let (mut names, mut values) = (Vec::new(), Vec::new());
        let (mut at, mut letters) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        for ((i, a, p, b, q), &value) in self.values.indexed_iter() {
            let text = self.sequences.letters(i);
            let is_there = |letter: usize, place: usize| {
                self.sequences.alphabet().index(text[self.positions[place]]) == Some(letter)
            };
            if p >= q || is_there(a, p) || is_there(b, q) {
                continue;
            }
            names.push(self.sequences.name(i));
            for (side, (letter, place)) in [(a, p), (b, q)].into_iter().enumerate() {
                at[side].push(self.positions[place] as u32);
                letters[side].push(char::from(alphabet[letter]).to_string());
            }
            values.push(value);
        }
        let ([first, second], [first_letter, second_letter]) = (at, letters);
        Ok(df!(
            "sequence" => names,
            "first_position" => first,
            "first_letter" => first_letter,
            "second_position" => second,
            "second_letter" => second_letter,
            "epistasis" => values,
        )?)
    }
}

impl fmt::Debug for Epistasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, letters, positions, ..) = self.values.dim();
        write!(
            f,
            "Epistasis(n = {n}, letters = {letters}, positions = {positions})"
        )
    }
}
