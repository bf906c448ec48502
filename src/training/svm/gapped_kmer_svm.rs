//! A support vector machine that has learned.

use super::distances::{distance, other_strand};
use super::gapped_kmers::GappedKmers;
use super::letters::{with_examples, words};
use crate::network::{Model, to_array};
use crate::progress::Task;
use crate::{Error, Input, Result};
use candle_core::{DType, Device, Tensor};
use ndarray::{Array1, Array2, Array3, ArrayView2};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// A support vector machine over gapped k-mers that has learned; cheap to clone.
///
/// It is a [`Model`]: [`predict`](crate::network::predict()) gives its scores, above 0 for label 1, and every method that only asks for
/// scores explains it. It has no gradient.
#[derive(Clone)]
pub struct GappedKmerSvm {
    data: Arc<Data>,
}

pub(super) struct Data {
    pub(super) kernel: GappedKmers,
    pub(super) by_distance: Vec<f64>,
    /// What every word adds to a score, before the division by the length of the sequence's features.
    pub(super) words: Vec<f32>,
    pub(super) numbers: Array1<f64>,
    pub(super) bias: f64,
    /// The value of the problem, and that of its dual.
    pub(super) values: (f64, f64),
    pub(super) violation: f64,
    pub(super) converged: bool,
    pub(super) turns: usize,
}

impl GappedKmerSvm {
    pub(super) fn new(data: Data) -> Self {
        Self {
            data: Arc::new(data),
        }
    }

    pub(super) fn data(&self) -> &Data {
        &self.data
    }

    /// Returns how sequences are compared.
    pub fn kernel(&self) -> &GappedKmers {
        &self.data.kernel
    }

    /// Returns how much every example of the training counts in scores: 0 to the cost for label 1, 0 to minus the cost for label 0.
    pub fn numbers(&self) -> &Array1<f64> {
        &self.data.numbers
    }

    /// Returns which examples of the training count: the support vectors.
    pub fn support(&self) -> Vec<usize> {
        let numbers = self.data.numbers.iter().enumerate();
        numbers
            .filter(|(_, number)| **number != 0.0)
            .map(|(i, _)| i)
            .collect()
    }

    /// Returns what is added to all scores.
    pub fn bias(&self) -> f64 {
        self.data.bias
    }

    /// Returns what training has made small: half the squared length of the weights plus the cost of the hinge losses.
    pub fn objective(&self) -> f64 {
        self.data.values.0
    }

    /// Returns the duality gap: at most this much could the objective still fall.
    ///
    /// That holds for kernels without [`mismatches`](GappedKmers::mismatches), which are positive.
    pub fn duality_gap(&self) -> f64 {
        self.data.values.0 - self.data.values.1
    }

    /// Returns by how much a condition of the optimum is violated most.
    pub fn violation(&self) -> f64 {
        self.data.violation
    }

    /// Tells whether training reached its tolerance.
    pub fn is_converged(&self) -> bool {
        self.data.converged
    }

    /// Returns how many turns training took.
    pub fn turns(&self) -> usize {
        self.data.turns
    }

    /// Returns the score of every sequence that is one word, without the bias, `4^length` numbers.
    ///
    /// A word is a number in base 4, its first letter first: the digit is the row of the letter, so that all A is word 0.
    pub fn word_scores(&self) -> Array1<f32> {
        let numbers = 0..self.data.words.len() as u32;
        let scores: Vec<f32> = numbers
            .into_par_iter()
            .map(|word| self.word(word))
            .collect();
        scores.into()
    }

    /// Returns the words with the highest scores and the scores, without the bias: one-hot code `(count, 4, length)` and `(count)`.
    ///
    /// Of a word and its other strand, which have the same score, the first in the alphabet is returned.
    pub fn highest_words(&self, count: usize) -> (Array3<f32>, Array1<f32>) {
        self.extreme(count, |score| -score)
    }

    /// Returns the words with the lowest scores, as [`highest_words`](Self::highest_words).
    pub fn lowest_words(&self, count: usize) -> (Array3<f32>, Array1<f32>) {
        self.extreme(count, |score| score)
    }

    fn extreme(&self, count: usize, key: impl Fn(f32) -> f32) -> (Array3<f32>, Array1<f32>) {
        let (length, both) = (self.data.kernel.length, self.data.kernel.both_strands);
        let scores = self.word_scores();
        let first = |word: &u32| !both || *word <= other_strand(*word, length);
        let mut order: Vec<u32> = (0..scores.len() as u32).filter(first).collect();
        let count = count.min(order.len());
        let by_score = |a: &u32, b: &u32| {
            let keys = [a, b].map(|word| key(scores[*word as usize]));
            keys[0].total_cmp(&keys[1]).then(a.cmp(b))
        };
        if count < order.len() {
            order.select_nth_unstable_by(count, by_score);
            order.truncate(count);
        }
        order.sort_unstable_by(by_score);
        let mut code = Array3::zeros((count, 4, length));
        for (i, word) in order.iter().enumerate() {
            for position in 0..length {
                let letter = (word >> (2 * (length - 1 - position))) & 3;
                code[[i, letter as usize, position]] = 1.0;
            }
        }
        (
            code,
            order.iter().map(|word| scores[*word as usize]).collect(),
        )
    }

    /// Returns what every word of every sequence adds to its score, shape `(n, words)`: with the bias, a row sums to the score.
    ///
    /// # Errors
    ///
    /// Fails when `x` has another shape than `(n, 4, length)` with sequences of at least one word.
    pub fn contributions(&self, x: &dyn Input) -> Result<Array2<f32>> {
        let size = self.data.kernel.length;
        with_examples(("x", x), size, |x| {
            let (n, _, length) = x.dim();
            let mut out = Array2::zeros((n, length + 1 - size));
            let mut task = Task::new("contributions", n);
            for (x, mut row) in x.outer_iter().zip(out.outer_iter_mut()) {
                let scale = self.scale(&x);
                words(&self.data.kernel, &x, |start, word| {
                    let score = f64::from(self.data.words[word.code as usize]);
                    row[start] = (score * f64::from(word.weight) * scale) as f32;
                });
                task.step("")?;
            }
            Ok(out)
        })
    }

    fn word(&self, word: u32) -> f32 {
        let Data {
            kernel,
            by_distance,
            words,
            ..
        } = &*self.data;
        let mut own = by_distance[0];
        if kernel.both_strands {
            own += by_distance[distance(word, other_strand(word, kernel.length))];
        }
        words[word as usize] / own.sqrt() as f32
    }

    /// Returns what a sequence is multiplied by to be as long as every other.
    fn scale(&self, x: &ArrayView2<'_, f32>) -> f64 {
        let kernel = &self.data.kernel;
        let sum = kernel.self_sum(&self.data.by_distance, &kernel.words_of(x));
        if sum > 0.0 { 1.0 / sum.sqrt() } else { 0.0 }
    }

    fn score(&self, x: &ArrayView2<'_, f32>) -> f32 {
        let mut sum = 0.0;
        words(&self.data.kernel, x, |_, word| {
            sum += f64::from(self.data.words[word.code as usize]) * f64::from(word.weight);
        });
        (sum * self.scale(x) + self.data.bias) as f32
    }
}

impl Model for GappedKmerSvm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let size = self.data.kernel.length;
        let array = to_array(x)?;
        let scores = with_examples(("x", &array), size, |x| {
            let examples: Vec<ArrayView2<'_, f32>> = x.outer_iter().collect();
            Ok(examples
                .par_iter()
                .map(|x| self.score(x))
                .collect::<Vec<f32>>())
        })?;
        let n = scores.len();
        let scores = Tensor::from_vec(scores, (n, 1), x.device())?;
        let kind = if x.dtype() == DType::F64 {
            DType::F64
        } else {
            DType::F32
        };
        scores.to_dtype(kind).map_err(Error::from)
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

impl fmt::Display for GappedKmerSvm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Data {
            kernel,
            numbers,
            turns,
            converged,
            ..
        } = &*self.data;
        let state = if *converged { "" } else { " (not converged)" };
        write!(
            f,
            "gapped k-mer SVM, words of {} letters, {} informative: {} of {} examples are support vectors, objective {:.6}, duality gap \
             {:.2e} after {turns} turns{state}",
            kernel.length,
            kernel.informative,
            self.support().len(),
            numbers.len(),
            self.objective(),
            self.duality_gap(),
        )
    }
}

impl fmt::Debug for GappedKmerSvm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GappedKmerSvm({self})")
    }
}
