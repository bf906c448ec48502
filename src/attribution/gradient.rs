//! The gradient of one output, batch by batch.

use super::explainable::code;
use super::{Attribution, Explainable};
use crate::network::{Model, in_batches, to_array, to_tensor};
use crate::progress;
use crate::sequence::Sequences;
use crate::{Error, Result};
use candle_core::{Tensor, Var};
use ndarray::{Array2, Array3, ArrayView2, Axis, Ix3, Slice, concatenate};

/// Computes the gradient of an output with respect to `x`, shape `(n, letters, length)`.
pub(crate) fn gradient(
    model: &dyn Model,
    x: &Array3<f32>,
    (target, batch): (usize, usize),
) -> Result<Array3<f32>> {
    let parts = in_batches("gradient", (x.dim().0, batch, model.device()), |rows| {
        let x = x.slice_axis(Axis(0), Slice::from(rows)).to_owned();
        gradient_of_batch(model, &x, target)
    })?;
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    concatenate(Axis(0), &views).map_err(|_| Error::shape("gradient", "that of `x`", x.shape()))
}

/// Computes the same at once.
pub(crate) fn gradient_of_batch(
    model: &dyn Model,
    x: &Array3<f32>,
    target: usize,
) -> Result<Array3<f32>> {
    let x = Var::from_tensor(&to_tensor(x, model.device())?)?;
    let out = output(model, &x, target)?.sum_all()?;
    let gradients = if out.track_op() {
        Some(out.backward()?)
    } else {
        None
    };
    let found = gradients.as_ref().and_then(|gradients| gradients.get(&x));
    let Some(found) = found else {
        let got = "one whose output does not depend on `x` in a way that candle can differentiate";
        return Err(Error::value("model", "differentiable", got));
    };
    let shape = found.dims().to_vec();
    let found = to_array(found)?.into_dimensionality::<Ix3>();
    found.map_err(|_| Error::shape("gradient", "(n, letters, length)", &shape))
}

/// Explains sequence by sequence: `one` gives the scores of a sequence, shape `(letters, length)`, and something else.
///
/// An interrupt is spent when it has stopped the work.
pub(crate) fn each_sequence<T: Send>(
    method: &str,
    (model, x): (&dyn Model, &dyn Explainable),
    one: impl Fn(&Sequences, usize, &ArrayView2<'_, f32>) -> Result<(Array2<f64>, T)> + Sync,
) -> Result<(Attribution, Vec<T>)> {
    let (code, sequences) = (code(x)?, x.sequences()?);
    let found = in_batches(method, (code.dim().0, 1, model.device()), |rows| {
        one(
            &sequences,
            rows.start,
            &code.index_axis(Axis(0), rows.start),
        )
    });
    let found = found.inspect_err(|_| progress::clear_interrupt())?;
    let mut scores = Array3::zeros(code.dim());
    let mut others = Vec::with_capacity(found.len());
    for (mut row, (found, other)) in scores.outer_iter_mut().zip(found) {
        row.assign(&found.mapv(|score| score as f32));
        others.push(other);
    }
    Ok((Attribution::new(sequences, scores)?.named(method), others))
}

/// Computes one output of every example, shape `(n)`.
pub(crate) fn output(model: &dyn Model, x: &Tensor, target: usize) -> Result<Tensor> {
    let out = model.forward(x)?;
    match *out.dims() {
        [_, outputs] if target < outputs => Ok(out.narrow(1, target, 1)?.squeeze(1)?),
        [_, outputs] => {
            let expected = format!("below {outputs}, the number of outputs");
            Err(Error::value("target", expected, target))
        }
        _ => Err(Error::shape(
            "output of the model",
            "(n, outputs)",
            out.dims(),
        )),
    }
}
