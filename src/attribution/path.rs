//! Gradients on the way from references to a sequence, added up.

use super::gradient::{each_sequence, gradient_of_batch, output};
use super::{Attribution, References};
use crate::network::{Model, to_tensor};
use crate::progress;
use crate::sequence::Explainable;
use crate::{Error, Result};
use candle_core::DType;
use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, Zip, concatenate, s};

/// A gradient on the way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// Which reference the way begins at.
    pub(super) reference: usize,
    /// The share of the way that lies behind.
    pub(super) along: f64,
    /// How much the gradient counts; those of all points sum to one.
    pub(super) weight: f64,
}

/// Explains by the gradients at some points between references and the sequence.
pub(super) struct Path<'a> {
    pub(super) method: &'a str,
    pub(super) target: usize,
    pub(super) batch: usize,
    pub(super) references: &'a References,
}

impl Path<'_> {
    /// Computes the scores; `points` gives those of a sequence, told its letters and the number of its references.
    pub(super) fn run(
        &self,
        (model, x): (&dyn Model, &dyn Explainable),
        points: impl Fn(&str, usize) -> Vec<Point> + Sync,
    ) -> Result<Attribution> {
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        let (found, unexplained) = each_sequence(self.method, (model, x), |all, index, x| {
            let references = self.references.of(all, index, x)?;
            let points = points(all.text(index), references.dim().0);
            self.one(model, (x, &references), &points)
        })?;
        Ok(found.targeted(self.target).lacking(unexplained.into()))
    }

    /// Explains one example, shape `(letters, length)`: its scores, and what they leave unexplained.
    pub(super) fn one(
        &self,
        model: &dyn Model,
        (x, references): (&ArrayView2<'_, f32>, &Array3<f32>),
        points: &[Point],
    ) -> Result<(Array2<f64>, f64)> {
        let scores = self.scores(model, (x, references), points)?;
        let outputs = self.outputs(model, (x, references))?;
        let (own, others) = (outputs[0], outputs.slice(s![1..]));
        let explained = own - others.mean().unwrap_or_default();
        let unexplained = explained - scores.sum();
        Ok((scores, unexplained))
    }

    /// Adds up weighted gradients times the way, shape `(letters, length)`.
    fn scores(
        &self,
        model: &dyn Model,
        (x, references): (&ArrayView2<'_, f32>, &Array3<f32>),
        points: &[Point],
    ) -> Result<Array2<f64>> {
        let mut scores = Array2::<f64>::zeros(x.dim());
        let steps = points.len().div_ceil(self.batch);
        for (step, points) in points.chunks(self.batch).enumerate() {
            // One sequence can take long: an interrupt must not wait for its end.
            progress::check(self.method, step, steps)?;
            let mut rows = Array3::zeros((points.len(), x.nrows(), x.ncols()));
            for (mut row, point) in rows.outer_iter_mut().zip(points) {
                let from = references.index_axis(Axis(0), point.reference);
                Zip::from(&mut row)
                    .and(x)
                    .and(&from)
                    .for_each(|row, &x, &from| {
                        *row = from + point.along as f32 * (x - from);
                    });
            }
            let gradients = gradient_of_batch(model, &rows, self.target)?;
            for (gradient, point) in gradients.outer_iter().zip(points) {
                let from = references.index_axis(Axis(0), point.reference);
                Zip::from(&mut scores)
                    .and(&gradient)
                    .and(x)
                    .and(&from)
                    .for_each(|score, &gradient, &x, &from| {
                        *score += point.weight * f64::from(gradient) * f64::from(x - from);
                    });
            }
        }
        Ok(scores)
    }

    /// Computes the output of the sequence and of all references.
    fn outputs(
        &self,
        model: &dyn Model,
        (x, references): (&ArrayView2<'_, f32>, &Array3<f32>),
    ) -> Result<Array1<f64>> {
        let rows = concatenate![Axis(0), x.insert_axis(Axis(0)), references.view()];
        let mut outputs = Vec::with_capacity(rows.dim().0);
        for rows in rows.axis_chunks_iter(Axis(0), self.batch) {
            let x = to_tensor(&rows.to_owned(), model.device())?;
            let found = output(model, &x, self.target)?.to_dtype(DType::F64)?;
            outputs.extend(found.to_vec1::<f64>()?);
        }
        Ok(outputs.into())
    }
}
