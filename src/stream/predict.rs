//! Scores for examples that stay in their files.

use crate::network::{Model, in_batches, to_array, to_tensor};
use crate::progress::Task;
use crate::training::Source;
use crate::{Error, Result};
use ndarray::{Array2, Axis, Ix2, concatenate};

/// Computes the raw scores of a model for every example of a source, shape `(n, outputs)`, with the defaults of [`Predict`].
///
/// # Errors
///
/// As [`Predict::run`].
///
/// # Examples
///
/// ```
/// use genolens::{network, ndarray::array, stream};
/// # fn main() -> genolens::Result<()> {
/// let path = std::env::temp_dir().join("genolens_doc_predict.fa");
/// # std::fs::write(&path, format!(">a\n{0}\n>b\n{0}\n", "ACGT".repeat(10))).unwrap();
/// let peaks = stream::fasta(&path, &array![1.0_f32, 0.0])?;
/// let scores = stream::predict(&network::deepbind(8), &peaks)?;
/// assert_eq!(scores.dim(), (2, 1));
/// # std::fs::remove_file(path).ok();
/// # Ok(()) }
/// ```
pub fn predict(model: &dyn Model, source: &dyn Source) -> Result<Array2<f32>> {
    Predict::new().run(model, source)
}

/// Predicts for a source, batch by batch, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predict {
    batch: usize,
}

impl Predict {
    /// Takes the defaults: batches of 64.
    pub fn new() -> Self {
        Self { batch: 64 }
    }

    /// Sets the number of examples that are read and computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes raw scores for all examples, shape `(n, outputs)`; no more than a batch for each thread is in memory.
    ///
    /// # Errors
    ///
    /// Fails when the source cannot be read, or has examples that the model cannot read.
    pub fn run(&self, model: &dyn Model, source: &dyn Source) -> Result<Array2<f32>> {
        let rows: Vec<usize> = (0..source.len()).collect();
        self.run_rows(model, source, &rows)
    }

    /// Computes raw scores for some examples, such as those that a split holds out, shape `(rows, outputs)`.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_rows(
        &self,
        model: &dyn Model,
        source: &dyn Source,
        rows: &[usize],
    ) -> Result<Array2<f32>> {
        if rows.is_empty() {
            let expected = "at least 1 example";
            return Err(Error::value("source", expected, "none"));
        }
        let how = (rows.len(), self.batch, model.device());
        let parts = in_batches("predict", how, |some| score(model, source, &rows[some]))?;
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        concatenate(Axis(0), &views)
            .map_err(|_| Error::shape("output", "(n, outputs) for every batch", parts[0].shape()))
    }

    /// Computes raw scores batch by batch and gives each away, for scores that are too many for the memory; `take` is told the number
    /// of the first example of the batch, and its scores.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and what `take` returns.
    ///
    /// # Examples
    ///
    /// The mean score of each output:
    ///
    /// ```
    /// use genolens::ndarray::{Array1, Array3, Axis};
    /// use genolens::{network, stream::Predict, training::Arrays};
    /// # fn main() -> genolens::Result<()> {
    /// let data = Arrays::new(&Array3::zeros((100, 4, 40)), &Array1::zeros(100))?;
    /// let mut sum = Array1::<f32>::zeros(1);
    /// Predict::new().each(&network::deepbind(8), &data, &mut |_first, scores| {
    ///     sum += &scores.sum_axis(Axis(0));
    ///     Ok(())
    /// })?;
    /// let mean = sum / 100.0;
    /// # Ok(()) }
    /// ```
    pub fn each(
        &self,
        model: &dyn Model,
        source: &dyn Source,
        take: &mut dyn FnMut(usize, &Array2<f32>) -> Result<()>,
    ) -> Result<()> {
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        let n = source.len();
        let mut task = Task::new("predict", n.div_ceil(self.batch));
        for first in (0..n).step_by(self.batch) {
            let rows: Vec<usize> = (first..n.min(first + self.batch)).collect();
            take(first, &score(model, source, &rows)?)?;
            task.step("")?;
        }
        Ok(())
    }
}

impl Default for Predict {
    fn default() -> Self {
        Self::new()
    }
}

/// Scores the examples of these rows.
fn score(model: &dyn Model, source: &dyn Source, rows: &[usize]) -> Result<Array2<f32>> {
    let batch = source.read(rows)?;
    let out = to_array(&model.forward(&to_tensor(batch.x(), model.device())?)?)?;
    let shape = out.shape().to_vec();
    out.into_dimensionality::<Ix2>()
        .map_err(|_| Error::shape("output", "(n, outputs)", &shape))
}
