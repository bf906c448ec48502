//! The gradient with respect to examples.

use crate::{Error, Result};
use candle_core::{Tensor, Var};

/// Computes the gradient, with respect to `x`, of the sum of what `output` makes of it.
///
/// # Errors
///
/// Fails when candle cannot differentiate it.
pub(crate) fn input_gradient(
    x: &Tensor,
    output: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let x = Var::from_tensor(x)?;
    let out = output(&x)?.sum_all()?;
    let gradients = if out.track_op() {
        Some(out.backward()?)
    } else {
        None
    };
    let found = gradients.as_ref().and_then(|gradients| gradients.get(&x));
    found.cloned().ok_or_else(|| {
        let got = "one whose output does not depend on `x` in a way that candle can differentiate";
        Error::value("model", "differentiable", got)
    })
}
