//! What all methods give.

use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Array3, Axis};
use std::fmt;
use std::sync::Arc;

/// How much every letter at every position speaks for the output; cheap to clone.
///
/// Scores have shape `(n, letters, length)` and the unit of the model's raw output (per unit of input, for gradients).
#[derive(Clone)]
pub struct Attribution {
    sequences: Sequences,
    scores: Arc<Array3<f32>>,
    method: Arc<str>,
    target: usize,
    unexplained: Option<Array1<f64>>,
    /// Where the sequences stood before some were selected.
    places: Option<Arc<[usize]>>,
}

impl Attribution {
    /// Takes scores from elsewhere, shape `(n, letters, length)`.
    ///
    /// # Errors
    ///
    /// Fails when the sequences do not have one length, or the scores not their shape.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{attribution::Attribution, ndarray::Array3, sequence::Sequences};
    /// # fn main() -> genolens::Result<()> {
    /// let scores = Array3::from_elem((1, 4, 5), 0.5);
    /// let mine = Attribution::new(Sequences::dna(["ACGTA"])?, scores)?.named("mine");
    /// assert_eq!(mine.observed()?.sum(), 2.5);
    /// # Ok(()) }
    /// ```
    pub fn new(sequences: Sequences, scores: Array3<f32>) -> Result<Self> {
        let shape = (
            sequences.len(),
            sequences.alphabet().size(),
            sequences.length()?,
        );
        if scores.dim() != shape {
            let expected = format!("{shape:?}, that of the sequences");
            return Err(Error::shape("scores", expected, scores.shape()));
        }
        Ok(Self {
            sequences,
            scores: Arc::new(scores),
            method: "attribution".into(),
            target: 0,
            unexplained: None,
            places: None,
        })
    }

    /// Returns the same scores under another name of the method.
    pub fn named(&self, method: &str) -> Self {
        Self {
            method: method.into(),
            ..self.clone()
        }
    }

    pub(crate) fn targeted(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Notes how much of every output the scores do not explain.
    pub(crate) fn lacking(mut self, unexplained: Array1<f64>) -> Self {
        self.unexplained = Some(unexplained);
        self
    }

    /// Returns the scores, shape `(n, letters, length)`.
    pub fn scores(&self) -> &Array3<f32> {
        &self.scores
    }

    /// Returns what is explained.
    pub fn sequences(&self) -> &Sequences {
        &self.sequences
    }

    /// Returns the name of the method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns which output is explained, counted from 0.
    pub fn target(&self) -> usize {
        self.target
    }

    /// Returns what the scores of every sequence fall short of its output less the mean output of its references, shape `(n)`; nothing
    /// for a method that compares with no reference.
    ///
    /// Far from 0, the scores do not add up to what the model says, and more steps or samples are needed.
    pub fn unexplained(&self) -> Option<&Array1<f64>> {
        self.unexplained.as_ref()
    }

    /// Returns the number of sequences.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Tells whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Returns one sequence with its scores.
    ///
    /// # Errors
    ///
    /// Fails when there is no such sequence.
    pub fn get(&self, index: usize) -> Result<Self> {
        self.select(&[index])
    }

    /// Returns these sequences with their scores, in this order.
    ///
    /// # Errors
    ///
    /// Fails when there is no such sequence.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        if let Some(index) = indices.iter().find(|&&index| index >= self.len()) {
            let expected = format!("below {}, the number of sequences", self.len());
            return Err(Error::value("indices", expected, index));
        }
        Ok(Self {
            sequences: self.sequences.select(indices)?,
            scores: Arc::new(self.scores.select(Axis(0), indices)),
            unexplained: self
                .unexplained
                .as_ref()
                .map(|rest| rest.select(Axis(0), indices)),
            places: Some(indices.iter().map(|&index| self.place(index)).collect()),
            ..self.clone()
        })
    }

    /// Returns where a sequence stood before some were selected, so that hits and truths find it again.
    pub(crate) fn place(&self, index: usize) -> usize {
        let places = self.places.as_deref();
        places
            .and_then(|places| places.get(index).copied())
            .unwrap_or(index)
    }

    /// Returns the score of the letter that is there, shape `(n, length)`; an unknown letter counts its shares.
    ///
    /// # Errors
    ///
    /// Fails when the sequences have no one-hot code.
    pub fn observed(&self) -> Result<Array2<f32>> {
        let code = self.sequences.one_hot()?;
        Ok((&*self.scores * code.values()).sum_axis(Axis(1)))
    }
}

impl fmt::Debug for Attribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, letters, length) = self.scores.dim();
        let method = self.method();
        write!(
            f,
            "Attribution({method}, n = {n}, letters = {letters}, length = {length})"
        )
    }
}
