//! Batches that should lie alike.

use super::penalty::penalised;
use crate::Result;
use crate::network::{Shape, UserLayer};
use crate::random::Seed;
use candle_core::{D, Tensor};
use std::ops::Range;

/// Widths of the kernels, as multiples of the mean squared distance.
const WIDTHS: [f64; 3] = [0.25, 1.0, 4.0];

/// Adds `weight` times the maximum mean discrepancy, squared, between the positions of every batch and those of the reference, or of all
/// other cells where there is none, summed over batches (Gretton et al. 2012, <https://jmlr.org/papers/v13/gretton12a.html>; as a layer
/// Amodio et al. 2019, doi:10.1038/s41592-019-0576-7).
///
/// The kernel is the sum of Gaussians of three widths around the mean squared distance of two cells, so that positions do not come alike by
/// becoming small. The estimate has no bias, however few cells of a batch are learned from together; a batch of which there are fewer than
/// two, or that has fewer than two to be compared with, is left out.
#[derive(Debug)]
pub(super) struct Discrepancy {
    pub(super) dimensions: usize,
    pub(super) batches: Range<usize>,
    pub(super) reference: Option<usize>,
    pub(super) weight: f64,
}

impl Discrepancy {
    /// Returns how much every pair of cells counts, shape `(cells, cells)`, from their batches; nothing where none can be compared.
    fn pairs(&self, batches: &[Vec<f32>]) -> Option<Vec<f32>> {
        let n = batches.len();
        let mut pairs = vec![0.0; n * n];
        let mut any = false;
        for batch in (0..self.batches.len()).filter(|&batch| Some(batch) != self.reference) {
            let is_own = |cell: &usize| batches[*cell][batch] > 0.0;
            let is_other = |cell: &usize| match self.reference {
                Some(reference) => batches[*cell][reference] > 0.0,
                None => !is_own(cell),
            };
            let own: Vec<usize> = (0..n).filter(is_own).collect();
            let others: Vec<usize> = (0..n).filter(is_other).collect();
            if own.len() < 2 || others.len() < 2 {
                continue;
            }
            any = true;
            for side in [&own, &others] {
                let share = 1.0 / (side.len() * (side.len() - 1)) as f32;
                for &a in side {
                    for &b in side.iter().filter(|&&b| b != a) {
                        pairs[a * n + b] += share;
                    }
                }
            }
            let share = 1.0 / (own.len() * others.len()) as f32;
            for &a in &own {
                for &b in &others {
                    pairs[a * n + b] -= share;
                    pairs[b * n + a] -= share;
                }
            }
        }
        any.then_some(pairs)
    }

    /// Returns the sum of squared discrepancies, nothing where no batches can be compared.
    fn value(&self, x: &Tensor) -> Result<Option<Tensor>> {
        let batches = x.narrow(1, self.batches.start, self.batches.len())?;
        let Some(pairs) = self.pairs(&batches.detach().to_vec2::<f32>()?) else {
            return Ok(None);
        };
        let n = x.dim(0)?;
        let pairs = Tensor::from_vec(pairs, (n, n), x.device())?;
        let z = x.narrow(1, 0, self.dimensions)?;
        // Far from the origin, squared distances would lose their digits.
        let z = z.broadcast_sub(&z.mean_keepdim(0)?.detach())?;
        let distances = squared_distances(&z, &z)?;
        let mean = distances
            .sum_all()?
            .affine(1.0 / (n * (n - 1)) as f64, 1e-12)?;
        let distances = distances.broadcast_div(&mean)?;
        let mut sum = Tensor::zeros((), x.dtype(), x.device())?;
        for width in WIDTHS {
            let kernel = (&distances * (-0.5 / width))?.exp()?;
            sum = (sum + (kernel * &pairs)?.sum_all()?)?;
        }
        Ok(Some(sum))
    }
}

impl UserLayer for Discrepancy {
    fn name(&self) -> &'static str {
        "discrepancy"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn train(&self, _: &[Tensor], x: &Tensor, _: Seed) -> Result<Tensor> {
        match self.value(x)? {
            Some(value) => Ok(penalised(x, &(value * self.weight)?)?),
            None => Ok(x.clone()),
        }
    }
}

/// Squared distances of all rows of `a` to all rows of `b`, shape `(rows of a, rows of b)`.
pub(super) fn squared_distances(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (ours, theirs) = (a.sqr()?.sum_keepdim(D::Minus1)?, b.sqr()?.sum(D::Minus1)?);
    let products = a.matmul(&b.t()?)?;
    let distances = ours.broadcast_add(&theirs)?.sub(&(products * 2.0)?)?;
    Ok(distances.relu()?)
}

#[cfg(test)]
mod tests {
    use super::Discrepancy;
    use crate::Result;
    use crate::network::UserLayer;
    use crate::random::Seed;
    use candle_core::{DType, Device, Tensor, Var};

    /// Values by the formula in numpy and slopes by its differences, made by the script beside it.
    const GOLDEN: &str = include_str!("../../tests/golden/generative/discrepancy.tsv");
    const BATCHES: [u32; 10] = [0, 1, 2, 0, 1, 0, 2, 1, 1, 3];

    fn golden(name: &str) -> Vec<f64> {
        let mut lines = GOLDEN.lines().map(|line| line.split('\t'));
        let found = lines.find_map(|mut cells| {
            (cells.next() == Some(name)).then(|| cells.filter_map(|cell| cell.parse().ok()))
        });
        found.into_iter().flatten().collect()
    }

    /// Ten positions of three numbers that look random, far from the origin in one of them, and their batches.
    fn cells(batches: &[u32]) -> Result<(Var, Tensor)> {
        let n = batches.len();
        let z = (0..3 * n).map(|at| {
            let far = if at % 3 == 0 { 5.0 } else { 0.0 };
            (f64::from((1.3 * at as f32).sin()) + far) as f32
        });
        let z = Var::from_vec(z.collect::<Vec<f32>>(), (n, 3), &Device::Cpu)?;
        let batches = Tensor::from_slice(batches, n, &Device::Cpu)?;
        let batches = Tensor::eye(4, DType::F32, &Device::Cpu)?.index_select(&batches, 0)?;
        Ok((z, batches))
    }

    fn layer(reference: Option<usize>) -> Discrepancy {
        Discrepancy {
            dimensions: 3,
            batches: 3..7,
            reference,
            weight: 2.0,
        }
    }

    /// Within a hundred-thousandth of the largest number. The fourth batch is a single cell, which no batch of its own can be.
    #[test]
    fn values_and_slopes_are_those_of_the_formula() -> Result<()> {
        for (name, reference) in [("all", None), ("reference", Some(1))] {
            let (z, batches) = cells(&BATCHES)?;
            let x = Tensor::cat(&[z.as_tensor(), &batches], 1)?;
            let layer = layer(reference);
            let Some(value) = layer.value(&x)? else {
                panic!("batches can be compared");
            };
            let [expected] = golden(&format!("{name} value"))[..] else {
                panic!("one value");
            };
            let off = (f64::from(value.to_scalar::<f32>()?) - expected).abs();
            assert!(off < 1e-5 * expected.abs(), "{value} {expected}");
            let out = layer.train(&[], &x, Seed::default())?;
            assert_eq!(out.to_vec2::<f32>()?, x.to_vec2::<f32>()?);
            let gradients = (&out * out.zeros_like()?)?.sum_all()?.backward()?;
            let found = match gradients.get(&z) {
                Some(gradient) => gradient.flatten_all()?.to_vec1::<f32>()?,
                None => Vec::new(),
            };
            let slopes = golden(&format!("{name} slopes"));
            assert_eq!(found.len(), slopes.len());
            let largest = slopes.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
            for (found, slope) in found.iter().zip(&slopes) {
                let off = (f64::from(*found) - 2.0 * slope).abs();
                assert!(off < 2e-5 * largest, "{name}: {found} {slope}");
            }
        }
        Ok(())
    }

    #[test]
    fn cells_that_cannot_be_compared_are_left_alone() -> Result<()> {
        for (batches, reference) in [
            (&[0, 0, 0, 0][..], None),
            (&[0, 1, 2, 3], None),
            (&[0, 0, 0, 1], None),
            (&[0, 0, 2, 2], Some(1)),
            (&[0], None),
        ] {
            let (z, batches) = cells(batches)?;
            let x = Tensor::cat(&[z.as_tensor(), &batches], 1)?;
            assert!(layer(reference).value(&x)?.is_none());
        }
        // All at one place: no distance to measure by, and no slope that is no number.
        let batches = cells(&[0, 0, 1, 1])?.1;
        let z = Var::zeros((4, 3), DType::F32, &Device::Cpu)?;
        let x = Tensor::cat(&[z.as_tensor(), &batches], 1)?;
        let out = layer(None).train(&[], &x, Seed::default())?;
        let gradients = out.sum_all()?.backward()?;
        let slopes = gradients.get(&z).map(Tensor::to_vec2::<f32>).transpose()?;
        assert_eq!(slopes, Some(vec![vec![1.0; 3]; 4]));
        Ok(())
    }
}
