//! Examples that are read when they are needed.

use super::Batch;
use crate::Result;
use crate::random::Seed;
use ndarray::{ArrayD, Axis, concatenate};
use rand::seq::SliceRandom;

/// Examples whose labels are read at once by [`Source::labels`].
const AT_ONCE: usize = 256;

/// Examples and labels by their number, read when they are needed: from memory ([`Arrays`](super::Arrays)), a file, or a rule.
///
/// Training asks for the number of examples once, then for one small batch after the other, so that data larger than the memory
/// can be learned from. Only [`len`](Self::len) and [`read`](Self::read) must be written; the rest has defaults that are right for
/// every source, and slow for some.
///
/// What training relies on:
///
/// * Rows are numbered from 0 and mean the same example every time: the same rows give the same bytes, whoever asks and in
///   whichever order. A source that draws at random draws by row (`seed.indexed(row)`).
/// * [`read`](Self::read) returns exactly one example per row, in the order of `rows`, which are in no order and may repeat.
/// * Every batch has examples of one shape and labels of one shape.
/// * Batches may be read from several threads at once; a file is kept behind a lock, or opened per call.
/// * An error ends the training and reaches the user: it should name the file and the row.
///
/// Reverse complements and shifts are no matter of a source: they are options of [`Fit`](super::Fit), and apply to every source.
///
/// # Examples
///
/// Half a million examples that are never in memory together:
///
/// ```
/// use genolens::ndarray::{ArrayD, IxDyn};
/// use genolens::training::{Batch, Fit, Source};
/// use genolens::{Result, network::Architecture};
///
/// /// Numbers, and whether their last binary digit is set.
/// #[derive(Debug)]
/// struct Digits;
///
/// impl Source for Digits {
///     fn len(&self) -> usize {
///         500_000
///     }
///
///     fn read(&self, rows: &[usize]) -> Result<Batch> {
///         let x = ArrayD::from_shape_fn(IxDyn(&[rows.len(), 20]), |at| ((rows[at[0]] >> at[1]) & 1) as f32);
///         let labels = ArrayD::from_shape_fn(IxDyn(&[rows.len()]), |at| (rows[at[0]] & 1) as f32);
///         Batch::new(x, labels)
///     }
///
///     // As default, whole examples would be read for the labels' sake.
///     fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
///         Ok(ArrayD::from_shape_fn(IxDyn(&[rows.len()]), |at| (rows[at[0]] & 1) as f32))
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let network = Architecture::features(20).dense(1).build()?;
/// let fitting = Fit::new().epochs(1).batch(5000).learning_rate(0.1);
/// let trained = fitting.run_from(&network, &Digits)?;
/// assert!(trained.history().validation_auroc()[0] > 0.99);
/// # Ok(()) }
/// ```
pub trait Source: Send + Sync {
    /// Returns the number of examples.
    fn len(&self) -> usize;

    /// Tells whether there is no example.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the examples of these rows, in this order.
    ///
    /// # Errors
    ///
    /// Fails when the examples cannot be read.
    fn read(&self, rows: &[usize]) -> Result<Batch>;

    /// Reads the labels of these rows without the examples; NaN where one is missing.
    ///
    /// Asked for all rows at once, before training, when there is one label per example: for a stratified split, the balance of
    /// classes and the check that there are two. The default reads whole examples and throws them away.
    ///
    /// # Errors
    ///
    /// Fails when the labels cannot be read.
    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        let mut parts = Vec::new();
        for some in rows.chunks(AT_ONCE) {
            crate::progress::check("reading labels", parts.len() * AT_ONCE, rows.len())?;
            let (_, mut labels, weights) = self.read(some)?.into_parts();
            if let Some(weights) = weights.filter(|weights| weights.shape() == labels.shape()) {
                // What is left out is missing.
                labels.zip_mut_with(&weights, |label, &weight| {
                    *label = if weight == 0.0 { f32::NAN } else { *label };
                });
            }
            parts.push(labels);
        }
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        concatenate(Axis(0), &views).map_err(|_| {
            let expected = "one shape of labels in all batches";
            crate::Error::value("labels", expected, "several shapes")
        })
    }

    /// Returns the rows in the order in which an epoch learns them; the default shuffles them all.
    ///
    /// A source that is slow at random places may shuffle blocks of neighbouring rows, and the rows within a few blocks at a time.
    /// The order may follow only from `rows` and `seed`, and must be as long as `rows`. It holds every row once, unless the source means
    /// to learn from some more often than from others; and a source that draws examples anew in every epoch may add multiples of
    /// [`len`](Self::len) to them, which only its own [`read`](Self::read) and [`labels`](Self::labels) meet.
    fn order(&self, rows: &[usize], seed: Seed) -> Vec<usize> {
        let mut rows = rows.to_vec();
        rows.shuffle(&mut seed.generator());
        rows
    }

    /// Returns a name per example whose examples belong together and are split together, such as the chromosome; `None` where
    /// examples stand alone.
    fn groups(&self) -> Option<Vec<String>> {
        None
    }
}

impl<S: Source + ?Sized> Source for &S {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        (**self).read(rows)
    }

    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        (**self).labels(rows)
    }

    fn order(&self, rows: &[usize], seed: Seed) -> Vec<usize> {
        (**self).order(rows, seed)
    }

    fn groups(&self) -> Option<Vec<String>> {
        (**self).groups()
    }
}
