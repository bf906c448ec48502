//! Backward selection by gradients: several features are given up at once.

use super::asked::{Asked, METHOD};
use super::examples::Examples;
use super::{Score, Selection};
use crate::network::{Model, input_gradient, to_array, to_tensor};
use crate::{Error, Result, progress};
use candle_core::{D, Tensor};
use ndarray::{ArrayD, Axis, IxDyn};

/// A model whose gradient says what is masked next.
pub(super) struct Descent<'a> {
    pub(super) examples: &'a Examples,
    pub(super) model: &'a dyn Model,
    pub(super) index: usize,
    pub(super) score: Score,
    pub(super) target: usize,
    /// How many features are masked at once.
    pub(super) step: usize,
}

impl Descent<'_> {
    /// Masks all features that are not masked yet, so many at once: those whose masking raises the score most or lowers it least, as far as the gradient
    /// tells; of equal ones the first. Each has the score after its step.
    pub(super) fn select(
        &self,
        asked: &mut dyn Asked,
        (masked, start): (&[bool], f64),
    ) -> Result<Selection> {
        let mut masked = masked.to_vec();
        let mut open: Vec<usize> = (0..masked.len()).filter(|&one| !masked[one]).collect();
        let count = open.len();
        let (mut order, mut values) = (Vec::with_capacity(count), Vec::with_capacity(count));
        while !open.is_empty() {
            progress::check(METHOD, order.len(), count)?;
            let slopes = self.slopes(&masked)?;
            // Stable, so that the first of equal ones comes first.
            open.sort_by(|&a, &b| slopes[b].total_cmp(&slopes[a]));
            let now: Vec<usize> = open.drain(..self.step.min(open.len())).collect();
            open.sort_unstable();
            for &feature in &now {
                masked[feature] = true;
            }
            let score = asked.begin(&masked)?;
            values.extend(now.iter().map(|_| score));
            order.extend(now);
        }
        Ok(Selection::new(start, order, values))
    }

    fn x(&self, masked: &[bool]) -> Result<Tensor> {
        let mut numbers = vec![0.0; self.examples.stand_in.len()];
        self.examples.write(self.index, masked, &mut numbers);
        let shape = [&[1], self.examples.shape()].concat();
        let x = ArrayD::from_shape_vec(IxDyn(&shape), numbers)
            .map_err(|_| Error::shape("x", "that of the examples", &shape))?;
        to_tensor(&x, self.model.device())
    }

    /// Computes the slope of the score as each feature is masked a little.
    fn slopes(&self, masked: &[bool]) -> Result<Vec<f64>> {
        let gradient = input_gradient(&self.x(masked)?, |x| {
            let out = self.model.forward(x)?;
            let own = out.narrow(1, self.target, 1)?.squeeze(1)?;
            // A probability rises and falls with its logarithm, whose slope does not vanish where it is nearly 1.
            match self.score {
                Score::Raw | Score::Sigmoid => Ok(own),
                Score::Softmax => Ok((own - out.log_sum_exp(D::Minus1)?)?),
            }
        })?;
        let gradient = to_array(&gradient)?;
        let mut slopes = vec![0.0; masked.len()];
        let x = self.examples.x.index_axis(Axis(0), self.index);
        let all = gradient.iter().zip(&self.examples.stand_in).zip(&x);
        for (((slope, other), x), owner) in all.zip(self.examples.owners()) {
            slopes[owner] += f64::from(*slope) * (f64::from(*other) - f64::from(*x));
        }
        if let Some(slope) = slopes.iter().find(|slope| !slope.is_finite()) {
            return Err(Error::value("gradient", "finite numbers", slope));
        }
        Ok(slopes)
    }
}
