//! How far the slopes of a critic are from 1, as a function of its weights.

use crate::Result;
use candle_core::{DType, Tensor};

/// Computes the slopes of the scores by the input, shape `(n, inputs)`, of a dense network with leaky rectifiers.
///
/// `weights` are those of the layers, weight and bias in turn; `kinds`, shape `(n, outputs)`, says how much every output counts. With
/// leaky rectifiers the slopes are a product of weight matrices with masks between them. The masks do not change where weights change a
/// little, so that the gradient of anything made of the slopes is that of this product: one more plain pass, and no second derivative.
pub(super) fn slopes(
    weights: &[Tensor],
    (x, kinds): (&Tensor, &Tensor),
    leak: f64,
) -> Result<Tensor> {
    let mut masks = Vec::new();
    let mut seen = x.clone();
    let layers: Vec<&[Tensor]> = weights.chunks_exact(2).collect();
    let (hidden, last) = layers.split_at(layers.len().saturating_sub(1));
    for layer in hidden {
        let out = seen.matmul(&layer[0].detach().t()?)?;
        let out = out.broadcast_add(&layer[1].detach())?;
        let mask = out.gt(0.0)?.to_dtype(DType::F32)?;
        let mask = mask.affine(1.0 - leak, leak)?;
        seen = (out * &mask)?;
        masks.push(mask);
    }
    let mut slopes = kinds.clone();
    for layer in last {
        slopes = slopes.matmul(&layer[0])?;
    }
    for (layer, mask) in hidden.iter().zip(&masks).rev() {
        slopes = (slopes * mask)?.matmul(&layer[0])?;
    }
    Ok(slopes)
}

/// Computes the mean over examples of `(length of the slopes - 1)^2` (Gulrajani et al. 2017).
pub(super) fn penalty(slopes: &Tensor) -> Result<Tensor> {
    // The length has no slope at 0.
    let lengths = slopes.sqr()?.sum(1)?.affine(1.0, 1e-12)?.sqrt()?;
    Ok(lengths.affine(1.0, -1.0)?.sqr()?.mean_all()?)
}

#[cfg(test)]
mod tests {
    use super::{penalty, slopes};
    use crate::Result;
    use candle_core::{DType, Device, Tensor, Var};

    /// What `PyTorch` finds by differentiating twice, made by the script beside it.
    const GOLDEN: &str = include_str!("../../../tests/golden/generative/wgan_gp.tsv");
    const SIZES: [usize; 4] = [5, 4, 3, 2];
    const LEAK: f64 = 0.2;

    fn golden(name: &str) -> Vec<f64> {
        let mut lines = GOLDEN.lines().map(|line| line.split('\t'));
        let found = lines.find_map(|mut cells| {
            (cells.next() == Some(name)).then(|| cells.filter_map(|cell| cell.parse().ok()))
        });
        found.into_iter().flatten().collect()
    }

    fn numbers(shape: &[usize], shift: f64) -> Result<Tensor> {
        let count: usize = shape.iter().product();
        let values = (0..count).map(|i| (1.7 * i as f64 + shift).sin() as f32);
        Ok(Tensor::from_vec(
            values.collect::<Vec<_>>(),
            shape,
            &Device::Cpu,
        )?)
    }

    struct Critic {
        weights: Vec<Var>,
        x: Tensor,
        kinds: Tensor,
    }

    impl Critic {
        fn new() -> Result<Self> {
            let mut weights = Vec::new();
            for (layer, sizes) in SIZES.windows(2).enumerate() {
                let shift = layer as f64;
                weights.push(Var::from_tensor(&numbers(&[sizes[1], sizes[0]], shift)?)?);
                let bias = numbers(&[sizes[1]], shift + 0.5)?.affine(0.1, 0.0)?;
                weights.push(Var::from_tensor(&bias)?);
            }
            let kinds = Tensor::new(&[0_u32, 1, 1, 0, 1, 0], &Device::Cpu)?;
            let kinds = Tensor::eye(2, DType::F32, &Device::Cpu)?.index_select(&kinds, 0)?;
            let x = numbers(&[6, SIZES[0]], 10.0)?;
            Ok(Self { weights, x, kinds })
        }

        fn slopes(&self) -> Result<Tensor> {
            let weights: Vec<Tensor> = self.weights.iter().map(|w| w.as_tensor().clone()).collect();
            slopes(&weights, (&self.x, &self.kinds), LEAK)
        }
    }

    fn near(found: &Tensor, golden: &[f64], tolerance: f64) -> Result<()> {
        let found = found.flatten_all()?.to_vec1::<f32>()?;
        assert_eq!(found.len(), golden.len());
        let largest = golden.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        for (found, golden) in found.iter().zip(golden) {
            let off = (f64::from(*found) - golden).abs();
            assert!(off <= tolerance * largest, "{found}, not {golden}");
        }
        Ok(())
    }

    /// To single precision: 1e-5 of the largest number.
    #[test]
    fn the_penalty_and_its_gradient_are_those_of_double_backward() -> Result<()> {
        let critic = Critic::new()?;
        let slopes = critic.slopes()?;
        near(&slopes, &golden("slopes"), 1e-5)?;
        let penalty = penalty(&slopes)?;
        near(&penalty, &golden("penalty"), 1e-5)?;
        let gradients = penalty.backward()?;
        for (layer, pair) in critic.weights.chunks(2).enumerate() {
            let gradient = gradients.get(pair[0].as_tensor());
            let expected = golden(&format!("weight {layer}"));
            near(gradient.unwrap_or(&slopes), &expected, 1e-5)?;
            assert!(gradients.get(pair[1].as_tensor()).is_none());
        }
        Ok(())
    }

    /// Differences of single-precision numbers: 1 % of the largest.
    #[test]
    fn the_gradient_is_what_differences_say() -> Result<()> {
        let critic = Critic::new()?;
        let gradients = penalty(&critic.slopes()?)?.backward()?;
        for pair in critic.weights.chunks(2) {
            let weight = &pair[0];
            let known = weight.as_tensor().flatten_all()?.to_vec1::<f32>()?;
            let mut found = Vec::new();
            for place in 0..known.len() {
                let mut ends = [0.0, 0.0];
                for (end, step) in ends.iter_mut().zip([1e-3_f32, -1e-3]) {
                    let mut moved = known.clone();
                    moved[place] += step;
                    weight.set(&Tensor::from_vec(moved, weight.shape(), &Device::Cpu)?)?;
                    *end = f64::from(penalty(&critic.slopes()?)?.to_scalar::<f32>()?);
                }
                found.push((ends[0] - ends[1]) / 2e-3);
            }
            weight.set(&Tensor::from_vec(known, weight.shape(), &Device::Cpu)?)?;
            let gradient = gradients.get(weight.as_tensor());
            near(gradient.unwrap_or(&critic.x), &found, 1e-2)?;
        }
        Ok(())
    }
}
