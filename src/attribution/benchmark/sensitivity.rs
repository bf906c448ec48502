//! How much an explanation changes when the input hardly does.

use super::near::{Near, check};
use crate::attribution::Method;
use crate::network::Model;
use crate::progress::Task;
use crate::random::Seed;
use crate::sequence::{Explainable, code};
use crate::{Error, Result};
use ndarray::{Array1, Array3, Array4, Axis, Zip};
use rand::RngExt;
use std::sync::Arc;

/// Computes by how much the scores of every sequence change at most under ten small random changes, as a share of their size.
///
/// See [`Sensitivity`] for the definition and the options.
///
/// # Errors
///
/// As [`Sensitivity::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{self, GradientXInput}, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC", "TTTACGATGC"])?;
/// let share = attribution::sensitivity(&network::deepbind(4), &peaks, &GradientXInput::new())?;
/// assert_eq!(share.len(), 2);
/// # Ok(()) }
/// ```
pub fn sensitivity(
    model: &dyn Model,
    x: &dyn Explainable,
    method: &dyn Method,
) -> Result<Array1<f64>> {
    Sensitivity::new().run(model, x, method)
}

/// Measures how much explanations change under small changes of the input, with options.
///
/// Every number of the one-hot code is moved by up to the radius, and the sequence is explained again. The change of the scores is the
/// root of the sum of its squares, divided by that of the scores themselves; the largest over all samples counts. A method that gives
/// much more than the radius is decided by noise.
///
/// # References
///
/// Yeh and others 2019, <https://arxiv.org/abs/1901.09392>. Checked against captum's `sensitivity_max`.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    samples: usize,
    radius: f64,
    given: Option<Arc<Array4<f32>>>,
    seed: Seed,
}

impl Sensitivity {
    /// Takes the defaults of captum: ten samples, radius 0.02.
    pub fn new() -> Self {
        Self {
            samples: 10,
            radius: 0.02,
            given: None,
            seed: Seed::default(),
        }
    }

    /// Sets how many changes are tried.
    pub fn samples(mut self, samples: usize) -> Self {
        self.samples = samples;
        self
    }

    /// Sets by how much a number of the code may be moved.
    pub fn radius(mut self, radius: f64) -> Self {
        self.radius = radius;
        self
    }

    /// Adds these changes to the code instead of random ones, shape `(samples, n, letters, length)`.
    pub fn changes(mut self, changes: &Array4<f32>) -> Self {
        self.given = Some(Arc::new(changes.clone()));
        self
    }

    /// Sets the seed; default 0. The changes of a sequence follow from it and from the letters.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Computes the largest share for every sequence, shape `(n)`.
    ///
    /// # Errors
    ///
    /// Fails when there is no sample, the radius is no number of 0 or more, given changes have another shape, the method fails, or the user
    /// interrupts.
    pub fn run(
        &self,
        model: &dyn Model,
        x: &dyn Explainable,
        method: &dyn Method,
    ) -> Result<Array1<f64>> {
        const MOST: usize = 1_000_000;
        let (code, sequences) = (code(x)?, x.sequences()?);
        if self.samples == 0 || self.samples > MOST {
            return Err(Error::value(
                "samples",
                format!("1 to {MOST}"),
                self.samples,
            ));
        }
        if !(self.radius >= 0.0 && self.radius.is_finite()) {
            return Err(Error::value("radius", "a number of 0 or more", self.radius));
        }
        if let Some(given) = &self.given {
            check(given, &code)?;
        }
        let samples = self.given.as_ref().map_or(self.samples, |g| g.dim().0);
        let mut task = Task::new("sensitivity of explanations", samples + 1);
        let before = method.explain(model, x)?.scores().clone();
        let size = lengths(&before).mapv(|size| if size == 0.0 { 1.0 } else { size });
        task.step("")?;
        let mut largest = Array1::zeros(size.len());
        for sample in 0..samples {
            let change = match &self.given {
                Some(given) => given.index_axis(Axis(0), sample).to_owned(),
                None => self.draw(sample, &code, |row| sequences.text(row)),
            };
            let near = Near {
                code: &code + &change,
                sequences: sequences.clone(),
            };
            let after = method.explain(model, &near)?;
            if after.scores().dim() != before.dim() {
                let expected = format!("{:?}, as before the change", before.dim());
                return Err(Error::shape("scores", expected, after.scores().shape()));
            }
            let shares = lengths(&(after.scores() - &before)) / &size;
            // A NaN must not be lost among the others.
            Zip::from(&mut largest)
                .and(&shares)
                .for_each(|most, &share| {
                    if share.is_nan() || share > *most {
                        *most = share;
                    }
                });
            task.step("")?;
        }
        Ok(largest)
    }

    fn draw<'a>(
        &self,
        sample: usize,
        code: &Array3<f32>,
        text: impl Fn(usize) -> &'a str,
    ) -> Array3<f32> {
        let mut change = Array3::zeros(code.dim());
        for (row, mut change) in change.outer_iter_mut().enumerate() {
            let mut generator = self.seed.named(text(row)).indexed(sample).generator();
            change.mapv_inplace(|_: f32| {
                let share: f64 = generator.random();
                (self.radius * (2.0 * share - 1.0)) as f32
            });
        }
        change
    }
}

impl Default for Sensitivity {
    fn default() -> Self {
        Self::new()
    }
}

/// The root of the sum of squares of every sequence.
fn lengths(scores: &Array3<f32>) -> Array1<f64> {
    let squares = |row: ndarray::ArrayView2<'_, f32>| -> f64 {
        row.iter().map(|&score| f64::from(score).powi(2)).sum()
    };
    scores.outer_iter().map(|row| squares(row).sqrt()).collect()
}
