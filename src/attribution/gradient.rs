//! The gradient of one output, batch by batch.

use super::Attribution;
use crate::network::{
    Model, Network, Pass, Rules, in_batches, input_gradient, to_array, to_tensor,
};
use crate::progress;
use crate::sequence::{Explainable, Sequences, code};
use crate::{Error, Result};
use candle_core::Tensor;
use ndarray::{Array2, Array3, ArrayView2, Axis, Ix3, Slice, concatenate};
use std::sync::Arc;

/// Computes the gradient of an output with respect to `x`, shape `(n, letters, length)`.
pub(crate) fn gradient(
    model: &dyn Model,
    x: &Array3<f32>,
    (target, batch): (usize, usize),
) -> Result<Array3<f32>> {
    let n = x.dim().0;
    let parts = in_batches("gradient", (n, batch, model.device()), |rows| {
        let x = x.slice_axis(Axis(0), Slice::from(rows)).to_owned();
        gradient_of_batch(model, &x, target)
    })?;
    joined(&parts, x)
}

/// Computes what comes back to `x` when layers follow rules, in place of a gradient.
pub(crate) fn ruled_gradient(
    model: &dyn Model,
    x: &Array3<f32>,
    (rules, (target, batch)): (impl Rules + 'static, (usize, usize)),
) -> Result<Array3<f32>> {
    let network = network_behind(model)?;
    let rules: Arc<dyn Rules> = Arc::new(rules);
    let n = x.dim().0;
    let parts = in_batches("gradient", (n, batch, model.device()), |rows| {
        let x = x.slice_axis(Axis(0), Slice::from(rows)).to_owned();
        gradient_of(model, &x, |x| {
            let mut pass = Pass::ruled(Arc::clone(&rules));
            output_of(&network.score(x, &mut pass)?, target)
        })
    })?;
    joined(&parts, x)
}

/// Returns the network behind a model, for methods that look at layers.
pub(crate) fn network_behind(model: &dyn Model) -> Result<&Network> {
    let expected = "a network of the library, since layers are looked at";
    let found = model.network();
    found.ok_or_else(|| Error::value("model", expected, "another model"))
}

fn joined(parts: &[Array3<f32>], x: &Array3<f32>) -> Result<Array3<f32>> {
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    concatenate(Axis(0), &views).map_err(|_| Error::shape("gradient", "that of `x`", x.shape()))
}

/// Computes the same at once.
pub(crate) fn gradient_of_batch(
    model: &dyn Model,
    x: &Array3<f32>,
    target: usize,
) -> Result<Array3<f32>> {
    gradient_of(model, x, |x| output(model, x, target))
}

fn gradient_of(
    model: &dyn Model,
    x: &Array3<f32>,
    output: impl Fn(&Tensor) -> Result<Tensor>,
) -> Result<Array3<f32>> {
    let found = input_gradient(&to_tensor(x, model.device())?, output)?;
    let shape = found.dims().to_vec();
    let found = to_array(&found)?.into_dimensionality::<Ix3>();
    found.map_err(|_| Error::shape("gradient", "(n, letters, length)", &shape))
}

/// Explains sequence by sequence: `one` gives the scores of a sequence, shape `(letters, length)`, and something else.
pub(crate) fn each_sequence<T: Send>(
    method: &str,
    (model, x): (&dyn Model, &dyn Explainable),
    one: impl Fn(&Sequences, usize, &ArrayView2<'_, f32>) -> Result<(Array2<f64>, T)> + Sync,
) -> Result<(Attribution, Vec<T>)> {
    let (code, sequences) = (code(x)?, x.sequences()?);
    let found = of_each_code(method, model, (&code, &sequences), one)?;
    let mut scores = Array3::zeros(code.dim());
    let mut others = Vec::with_capacity(found.len());
    for (mut row, (found, other)) in scores.outer_iter_mut().zip(found) {
        row.assign(&found.mapv(|score| score as f32));
        others.push(other);
    }
    Ok((Attribution::new(sequences, scores)?.named(method), others))
}

/// Computes something of every sequence, told all of them, its index and its code.
///
/// An interrupt is spent when it has stopped the work.
pub(crate) fn of_each_sequence<T: Send>(
    method: &str,
    (model, x): (&dyn Model, &dyn Explainable),
    one: impl Fn(&Sequences, usize, &ArrayView2<'_, f32>) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    of_each_code(method, model, (&code(x)?, &x.sequences()?), one)
}

fn of_each_code<T: Send>(
    method: &str,
    model: &dyn Model,
    (code, sequences): (&Array3<f32>, &Sequences),
    one: impl Fn(&Sequences, usize, &ArrayView2<'_, f32>) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let found = in_batches(method, (code.dim().0, 1, model.device()), |rows| {
        let index = rows.start;
        one(sequences, index, &code.index_axis(Axis(0), index))
    });
    found.inspect_err(|_| progress::clear_interrupt())
}

/// Computes one output of every example, shape `(n)`.
pub(crate) fn output(model: &dyn Model, x: &Tensor, target: usize) -> Result<Tensor> {
    output_of(&model.forward(x)?, target)
}

/// Returns one of the outputs.
pub(crate) fn output_of(out: &Tensor, target: usize) -> Result<Tensor> {
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
