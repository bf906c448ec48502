//! Positions that keep the neighbours that cells have by their genes.

use crate::Result;
use crate::embedding::neighbour_probabilities;
use crate::generative::discrepancy::squared_distances;
use crate::generative::penalty::penalised;
use crate::network::{Shape, UserLayer};
use crate::random::Seed;
use candle_core::{D, Tensor};

/// Reads `[mean | variance | genes]` and hands on mean and variance; while training it adds `weight` times the cost of t-SNE, on average
/// over cells: the divergence of the neighbours that the means have, by Student's `1 / (1 + squared distance)`, from those that the genes
/// have, by normal distributions of one perplexity, among the cells that are learned from together (Ding et al. 2018,
/// doi:10.1038/s41467-018-04368-5, from the paper).
#[derive(Debug)]
pub(super) struct Neighbourhoods {
    pub(super) dimensions: usize,
    pub(super) perplexity: f64,
    pub(super) weight: f64,
}

impl UserLayer for Neighbourhoods {
    fn name(&self) -> &'static str {
        "neighbourhoods"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let moments = 2 * self.dimensions;
        match input {
            Shape::Features(features) if features > moments => Ok(Shape::Features(moments)),
            _ => Err(format!("(n, more than {moments})")),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(x.narrow(1, 0, 2 * self.dimensions)?.contiguous()?)
    }

    fn train(&self, weights: &[Tensor], x: &Tensor, _: Seed) -> Result<Tensor> {
        let (moments, first) = (self.forward(weights, x)?, 2 * self.dimensions);
        let genes = x
            .narrow(1, first, x.dim(1)? - first)?
            .detach()
            .contiguous()?;
        let known = neighbour_probabilities(
            &squared_distances(&genes, &genes)?.to_vec2()?,
            self.perplexity,
        );
        let n = known.len();
        if n < 3 {
            return Ok(moments);
        }
        let known = Tensor::from_vec(known.concat(), (n, n), x.device())?;
        let z = moments.narrow(1, 0, self.dimensions)?.contiguous()?;
        let far = squared_distances(&z, &z)?.affine(1.0, 1.0)?;
        // A cell is no neighbour of its own.
        let others = Tensor::eye(n, x.dtype(), x.device())?.affine(-1.0, 1.0)?;
        let near = (far.recip()? * others)?;
        let sums = near.sum_keepdim(D::Minus1)?.affine(1.0, 1e-12)?;
        let surprise = far.log()?.broadcast_add(&sums.log()?)?;
        // The rest of the divergence does not depend on positions.
        let cross = (known * surprise)?.sum_all()?;
        Ok(penalised(&moments, &(cross * (self.weight / n as f64))?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::Neighbourhoods;
    use crate::Result;
    use crate::network::UserLayer;
    use crate::random::Seed;
    use candle_core::{Device, Tensor, Var};

    /// Six cells: two dimensions with their variances, and three genes.
    fn numbers() -> Vec<f32> {
        (0..42)
            .map(|at| (1.7 * at as f32).sin() + (at % 7) as f32 / 9.0)
            .collect()
    }

    /// The cost by its definition, in double precision: probabilities of one entropy by halving, and a sum over pairs.
    fn cost(numbers: &[f32], perplexity: f64) -> f64 {
        let row = |cell: usize, from: usize, to: usize| -> Vec<f64> {
            numbers[7 * cell + from..7 * cell + to]
                .iter()
                .map(|&v| f64::from(v))
                .collect()
        };
        let square = |a: usize, b: usize, (from, to): (usize, usize)| -> f64 {
            let pairs = row(a, from, to).into_iter().zip(row(b, from, to));
            pairs.map(|(a, b)| (a - b).powi(2)).sum()
        };
        let mut sum = 0.0;
        for cell in 0..6 {
            let others: Vec<usize> = (0..6).filter(|&other| other != cell).collect();
            let shares = |rate: f64| -> Vec<f64> {
                let near = others
                    .iter()
                    .map(|&other| (-rate * square(cell, other, (4, 7))).exp());
                let near: Vec<f64> = near.collect();
                let all: f64 = near.iter().sum();
                near.iter().map(|near| near / all).collect()
            };
            let entropy = |p: &[f64]| -p.iter().map(|p| p * p.max(1e-300).ln()).sum::<f64>();
            let (mut low, mut high) = (0.0, 1e4);
            for _ in 0..200 {
                let rate = 0.5 * (low + high);
                if entropy(&shares(rate)) > perplexity.ln() {
                    low = rate;
                } else {
                    high = rate;
                }
            }
            let student = |other: usize| 1.0 / (1.0 + square(cell, other, (0, 2)));
            let all: f64 = others.iter().map(|&other| student(other)).sum();
            for (&other, p) in others.iter().zip(shares(low)) {
                sum -= p * (student(other) / all).ln();
            }
        }
        sum / 6.0
    }

    /// The slopes of positions are those of the definition by differences, within a thousandth of the largest; nothing else has any.
    #[test]
    fn slopes_are_those_of_the_cost() -> Result<()> {
        let layer = Neighbourhoods {
            dimensions: 2,
            perplexity: 2.5,
            weight: 3.0,
        };
        let numbers = numbers();
        let x = Var::from_slice(&numbers, (6, 7), &Device::Cpu)?;
        let out = layer.train(&[], x.as_tensor(), Seed::default())?;
        assert_eq!(
            out.to_vec2::<f32>()?,
            layer.forward(&[], &x)?.to_vec2::<f32>()?
        );
        let gradients = (&out * out.zeros_like()?)?.sum_all()?.backward()?;
        let found = match gradients.get(&x) {
            Some(gradient) => gradient.flatten_all()?.to_vec1::<f32>()?,
            None => Vec::new(),
        };
        assert_eq!(found.len(), 42);
        for (at, &found) in found.iter().enumerate() {
            let moved = |by: f32| {
                let mut numbers = numbers.clone();
                numbers[at] += by;
                cost(&numbers, 2.5)
            };
            let expected = match at % 7 {
                0 | 1 => 3.0 * (moved(1e-3) - moved(-1e-3)) / 2e-3,
                _ => 0.0,
            };
            assert!(
                (f64::from(found) - expected).abs() < 1e-3,
                "{at}: {found} {expected}"
            );
        }
        let few = Tensor::zeros((2, 7), candle_core::DType::F32, &Device::Cpu)?;
        assert_eq!(layer.train(&[], &few, Seed::default())?.dims(), [2, 4]);
        Ok(())
    }
}
