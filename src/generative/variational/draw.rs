//! A position drawn around its mean, in a way that gradients reach mean and variance.

use crate::Result;
use crate::generative::noise::standard_normal;
use crate::network::{Shape, UserLayer};
use crate::random::Seed;
use candle_core::Tensor;

/// Draws `z = mean + sqrt(variance) * noise` (Kingma and Welling 2014, <https://arxiv.org/abs/1312.6114>): reads
/// `[mean | variance | rest]` and gives `[z | mean | variance | rest]`; in evaluation `z` is the mean.
#[derive(Debug)]
pub(super) struct Draw(pub(super) usize);

impl Draw {
    fn drawn(&self, x: &Tensor, places: (Seed, usize)) -> Result<Tensor> {
        let shape = (x.dim(0)?, self.0);
        let noise = Tensor::from_vec(standard_normal(shape, places), shape, x.device())?;
        let (mean, variance) = (x.narrow(1, 0, self.0)?, x.narrow(1, self.0, self.0)?);
        let z = (mean + (variance.sqrt()? * noise)?)?;
        Ok(Tensor::cat(&[&z, x], 1)?)
    }
}

impl UserLayer for Draw {
    fn name(&self) -> &'static str {
        "draw"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Features(features) if features >= 2 * self.0 => {
                Ok(Shape::Features(features + self.0))
            }
            _ => Err(format!("(n, at least {})", 2 * self.0)),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(Tensor::cat(&[&x.narrow(1, 0, self.0)?, x], 1)?)
    }

    fn train(&self, _: &[Tensor], x: &Tensor, seed: Seed) -> Result<Tensor> {
        self.drawn(x, (seed, 0))
    }

    fn draw(&self, _: &[Tensor], x: &Tensor, places: (Seed, usize)) -> Result<Tensor> {
        self.drawn(x, places)
    }
}

#[cfg(test)]
mod tests {
    use super::Draw;
    use crate::Result;
    use crate::network::UserLayer;
    use crate::random::Seed;
    use candle_core::{Device, Tensor, Var};

    /// Gradients reach mean and variance: against differences of drawn numbers, within a thousandth.
    #[test]
    fn gradients_pass_a_draw() -> Result<()> {
        let numbers = [0.3_f32, -1.0, 0.5, 2.0, 9.0];
        let slopes = [1.0_f32, -2.0, 0.5, 0.7, 0.2, -0.1, 3.0];
        let slopes = Tensor::from_slice(&slopes, (1, 7), &Device::Cpu)?;
        let value = |numbers: &[f32]| -> Result<f32> {
            let x = Tensor::from_slice(numbers, (1, 5), &Device::Cpu)?;
            let out = Draw(2).train(&[], &x, Seed::new(4))?;
            Ok((out * &slopes)?.sum_all()?.to_scalar()?)
        };
        let x = Var::from_slice(&numbers, (1, 5), &Device::Cpu)?;
        let out = Draw(2).train(&[], x.as_tensor(), Seed::new(4))?;
        let gradients = (out * &slopes)?.sum_all()?.backward()?;
        let found = match gradients.get(&x) {
            Some(gradient) => gradient.flatten_all()?.to_vec1::<f32>()?,
            None => Vec::new(),
        };
        assert_eq!(found.len(), 5);
        for (at, found) in found.iter().enumerate() {
            let moved = |by: f32| {
                let mut numbers = numbers;
                numbers[at] += by;
                value(&numbers)
            };
            let expected = (moved(0.01)? - moved(-0.01)?) / 0.02;
            assert!((found - expected).abs() < 2e-3, "{at}: {found} {expected}");
        }
        Ok(())
    }

    /// The analytic divergence against the mean of log ratios over 20,000 draws: within 0.03, some three standard errors.
    #[test]
    fn draws_have_the_divergence_that_is_computed() {
        let (mean, variance) = (0.7_f64, 0.4_f64);
        let noise = super::standard_normal((20_000, 1), (Seed::new(1), 0));
        let ratios = noise.iter().map(|&noise| {
            let noise = f64::from(noise);
            let z = mean + variance.sqrt() * noise;
            0.5 * (z * z - noise * noise - variance.ln())
        });
        let found = ratios.sum::<f64>() / 20_000.0;
        let expected = 0.5 * (mean * mean + variance - 1.0 - variance.ln());
        assert!((found - expected).abs() < 0.03, "{found} {expected}");
    }
}
