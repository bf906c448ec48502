//! A code whose weights also lead back.

use crate::network::{
    Activation, Network, OwnLayer, Parameter, Returned, Shape, UserLayer, mix_back_returning,
    mix_returning,
};
use crate::training::Trained;
use crate::{Error, Result};
use candle_core::Tensor;

/// Codes genes and says them again by the same weights, so that the two halves cannot drift apart: `act(x W^T + b) W + c`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tied {
    pub(super) code: usize,
    pub(super) activation: Option<Activation>,
}

impl UserLayer for Tied {
    fn name(&self) -> &'static str {
        "tied"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Features(_) => Ok(input),
            _ => Err("(n, genes)".into()),
        }
    }

    fn parameters(&self, input: Shape) -> Vec<Parameter> {
        let Shape::Features(genes) = input else {
            return Vec::new();
        };
        let mut weight = Parameter::new("weight", &[self.code, genes]);
        if self.activation == Some(Activation::Sigmoid) {
            // Four times what suits tanh, since the slope of a sigmoid is a quarter (Glorot and Bengio 2010).
            weight = weight.within(4.0 * (6.0 / (self.code + genes) as f64).sqrt());
        }
        vec![
            weight,
            Parameter::new("bias", &[self.code]).filled(0.0),
            Parameter::new("output_bias", &[genes]).filled(0.0),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor) -> Result<Tensor> {
        self.compute(weights, x, None)
    }
}

impl OwnLayer for Tied {
    fn teach(&self, weights: &[Tensor], x: &Tensor, returned: Returned) -> Result<Tensor> {
        self.compute(weights, x, Some(returned))
    }
}

impl Tied {
    fn compute(
        &self,
        weights: &[Tensor],
        x: &Tensor,
        returned: Option<Returned>,
    ) -> Result<Tensor> {
        let code = mix_returning(x, (&weights[0], &weights[1]), returned.clone())?;
        let code = match self.activation {
            Some(activation) => activation.apply(&code)?,
            None => code,
        };
        Ok(mix_back_returning(
            &code,
            (&weights[0], &weights[2]),
            returned,
        )?)
    }
}

/// Puts what a tied layer has learned into layers of which each has weights of its own.
pub(super) fn untied(trained: &Trained, apart: &Network) -> Result<Trained> {
    let [weight, bias, back] = trained.network().tensors() else {
        let got = trained.network().tensors().len();
        return Err(Error::value("weights of a tied layer", "3", got));
    };
    let turned = weight.t()?.contiguous()?;
    let weights = vec![weight.clone(), bias.clone(), turned, back.clone()];
    Ok(Trained::new(
        apart.with_tensors(weights),
        trained.history().clone(),
    ))
}
