//! What the output loses when a stretch is hidden.

use super::Attribution;
use super::gradient::{each_sequence, output};
use crate::network::{Model, to_tensor};
use crate::progress;
use crate::sequence::{Explainable, code};
use crate::{Error, Result};
use candle_core::DType;
use ndarray::{Array2, Array3, ArrayView2, Axis, s};
use std::ops::Range;

/// Computes what the first output loses when every stretch of 5 letters is hidden.
///
/// # Errors
///
/// As [`Occlusion::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::occlusion(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.scores()[[0, 0, 3]], scores.scores()[[0, 1, 3]]);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Zeiler and Fergus 2014, doi:10.1007/978-3-319-10590-1_53. The scores are those of captum's `Occlusion` with windows over all letters
/// of a position.
pub fn occlusion(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    Occlusion::new().run(model, x)
}

/// What hides a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fill {
    /// Equal shares of all letters, as an unknown letter.
    #[default]
    Uniform,
    /// No letter at all: zeros.
    Zeros,
    /// The average composition of the sequence.
    Composition,
}

/// Hides stretch after stretch, with options.
///
/// A window slides over the sequence; the last one may be cut short by its end. The score of a position is the mean, over the windows that
/// hide it, of the output less the output with the window hidden, and the same for all letters; a stride longer than the window leaves
/// positions with 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occlusion {
    target: usize,
    width: usize,
    stride: usize,
    fill: Fill,
    batch: usize,
}

impl Occlusion {
    /// Takes the defaults: the first output, windows of 5 letters one letter apart, equal shares, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            width: 5,
            stride: 1,
            fill: Fill::Uniform,
            batch: 64,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets how many letters are hidden at once.
    pub fn width(mut self, width: usize) -> Self {
        self.width = width;
        self
    }

    /// Sets how many letters lie between the beginnings of two windows.
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self
    }

    /// Sets what hides a stretch.
    pub fn fill(mut self, fill: Fill) -> Self {
        self.fill = fill;
        self
    }

    /// Sets the number of windows that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the scores.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read, there is no such output, the window has no letter or more than the
    /// sequences, the stride is 0, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        let length = code(x)?.dim().2;
        for (name, value) in [("batch", self.batch), ("stride", self.stride)] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        if !(1..=length).contains(&self.width) {
            let expected = format!("1 to {length}, the length of the sequences");
            return Err(Error::value("width", expected, self.width));
        }
        let (found, _) = each_sequence("occlusion", (model, x), |_, _, x| {
            Ok((self.scores(model, x)?, ()))
        })?;
        Ok(found.targeted(self.target))
    }

    /// Computes the scores of one sequence, shape `(letters, length)`.
    fn scores(&self, model: &dyn Model, x: &ArrayView2<'_, f32>) -> Result<Array2<f64>> {
        let (letters, length) = x.dim();
        let mut shares = vec![0.0; letters];
        for (share, row) in shares.iter_mut().zip(x.outer_iter()) {
            *share = match self.fill {
                Fill::Uniform => 1.0 / letters as f32,
                Fill::Zeros => 0.0,
                Fill::Composition => {
                    let sum: f64 = row.iter().copied().map(f64::from).sum();
                    (sum / length as f64) as f32
                }
            };
        }
        // A stride longer than the window may leave no room for the last one.
        let windows = (length - self.width).div_ceil(self.stride) + 1;
        let starts = (0..length).step_by(self.stride).take(windows);
        let windows: Vec<Range<usize>> = starts
            .map(|start| start..length.min(start + self.width))
            .collect();
        let own = self.outputs(model, &x.to_owned().insert_axis(Axis(0)))?[0];
        let mut sums = vec![0.0; length];
        let mut counts = vec![0.0_f64; length];
        for (step, some) in windows.chunks(self.batch).enumerate() {
            // One sequence can take long: an interrupt must not wait for its end.
            progress::check("occlusion", step, windows.len().div_ceil(self.batch))?;
            let mut rows = Array3::zeros((some.len(), letters, length));
            for (mut row, window) in rows.outer_iter_mut().zip(some) {
                row.assign(x);
                for (letter, &share) in shares.iter().enumerate() {
                    row.slice_mut(s![letter, window.clone()]).fill(share);
                }
            }
            for (hidden, window) in self.outputs(model, &rows)?.into_iter().zip(some) {
                for position in window.clone() {
                    sums[position] += own - hidden;
                    counts[position] += 1.0;
                }
            }
        }
        Ok(Array2::from_shape_fn((letters, length), |(_, position)| {
            sums[position] / counts[position].max(1.0)
        }))
    }

    fn outputs(&self, model: &dyn Model, rows: &Array3<f32>) -> Result<Vec<f64>> {
        let x = to_tensor(rows, model.device())?;
        let out = output(model, &x, self.target)?;
        Ok(out.to_dtype(DType::F64)?.to_vec1()?)
    }
}

impl Default for Occlusion {
    fn default() -> Self {
        Self::new()
    }
}
