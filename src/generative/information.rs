//! A pull of all activity of the code towards few units.

use super::penalty::penalised;
use crate::Result;
use crate::network::{Shape, UserLayer};
use crate::random::Seed;
use candle_core::Tensor;

/// Adds `weight` times the entropy of the shares that units have in all activity, in nats: `-sum p ln p` with `p` the sum of the sizes of a
/// unit over cells, over that of all units (the information dimension regularisation of Amodio et al. 2019, doi:10.1038/s41592-019-0576-7).
#[derive(Debug)]
pub(super) struct Information(pub(super) f64);

impl UserLayer for Information {
    fn name(&self) -> &'static str {
        "information"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn train(&self, _: &[Tensor], x: &Tensor, _: Seed) -> Result<Tensor> {
        let sizes = (x * x.sign()?.detach())?.sum(0)?;
        let all = sizes.sum_all()?;
        // A code without activity has no shares.
        if all.to_scalar::<f32>()? <= 0.0 {
            return Ok(x.clone());
        }
        let shares = sizes.broadcast_div(&all)?;
        let entropy = (&shares * shares.affine(1.0, 1e-12)?.log()?)?.sum_all()?;
        Ok(penalised(x, &(entropy * -self.0)?)?)
    }

    fn is_linear(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Information;
    use crate::Result;
    use crate::network::UserLayer;
    use crate::random::Seed;
    use candle_core::{DType, Device, Tensor, Var};

    /// The slopes of the entropy, by differences of its definition in double precision, within a thousandth.
    #[test]
    fn slopes_are_those_of_the_entropy() -> Result<()> {
        let numbers: Vec<f32> = (0..12).map(|at| (1.3 * at as f32).sin()).collect();
        let entropy = |numbers: &[f32]| -> f64 {
            let size = |unit: usize| -> f64 {
                let own = numbers.iter().skip(unit).step_by(3);
                own.map(|&number| f64::from(number).abs()).sum()
            };
            let all: f64 = (0..3).map(size).sum();
            (0..3)
                .map(|unit| -size(unit) / all * (size(unit) / all).ln())
                .sum()
        };
        let x = Var::from_slice(&numbers, (4, 3), &Device::Cpu)?;
        let out = Information(2.0).train(&[], x.as_tensor(), Seed::default())?;
        assert_eq!(out.to_vec2::<f32>()?, x.to_vec2::<f32>()?);
        let gradients = (&out * out.zeros_like()?)?.sum_all()?.backward()?;
        let found = match gradients.get(&x) {
            Some(gradient) => gradient.flatten_all()?.to_vec1::<f32>()?,
            None => Vec::new(),
        };
        assert_eq!(found.len(), 12);
        // The sign of 0 is that of no side: there the slope is 0, and differences mean nothing.
        for (at, &found) in found.iter().enumerate().skip(1) {
            let moved = |by: f32| {
                let mut numbers = numbers.clone();
                numbers[at] += by;
                entropy(&numbers)
            };
            let expected = 2.0 * (moved(1e-3) - moved(-1e-3)) / 2e-3;
            assert!(
                (f64::from(found) - expected).abs() < 1e-3,
                "{at}: {found} {expected}"
            );
        }
        let silent = Tensor::zeros((2, 3), DType::F32, &Device::Cpu)?;
        assert_eq!(
            Information(1.0)
                .train(&[], &silent, Seed::default())?
                .dims(),
            [2, 3]
        );
        Ok(())
    }
}
