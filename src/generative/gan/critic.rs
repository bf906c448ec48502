//! What a critic says, and how it learns: dense layers with leaky rectifiers between them, there and back without candle's tape.

use crate::Result;
use crate::network::{Activation, Returned, mix};
use candle_core::Tensor;

/// The slope of the critic's rectifiers below 0.
const LEAK: f32 = 0.2;

/// What stands between its layers.
pub(super) const BEND: Activation = Activation::LeakyRelu(LEAK);

/// The present weights of a critic.
pub(super) struct Critic<'a> {
    weights: &'a [Tensor],
    /// Weight and bias of every layer, of which candle notes nothing.
    layers: Vec<(Tensor, Tensor)>,
}

/// What the layers made, shape `(n, outputs)` each, before and after the rectifier behind all but the last.
pub(super) struct Seen {
    made: Vec<Tensor>,
    bent: Vec<Tensor>,
}

impl Seen {
    /// Returns the scores, shape `(n, kinds)`.
    pub(super) fn scores(&self) -> &Tensor {
        &self.made[self.made.len() - 1]
    }

    /// Takes a gradient back through the rectifier behind a layer; the last layer has none.
    fn unbend(&self, layer: usize, gradient: Tensor) -> Result<Tensor> {
        if layer + 1 == self.made.len() {
            return Ok(gradient);
        }
        Ok(BEND.pull_back(&self.made[layer], &gradient)?)
    }
}

impl<'a> Critic<'a> {
    /// Takes weight and bias of every layer in turn.
    pub(super) fn new(weights: &'a [Tensor]) -> Self {
        let layers = weights.chunks_exact(2);
        let layers = layers.map(|layer| (layer[0].detach(), layer[1].detach()));
        Self {
            weights,
            layers: layers.collect(),
        }
    }

    pub(super) fn see(&self, x: &Tensor) -> Result<Seen> {
        let (weight, bias) = &self.layers[0];
        self.go_on(mix(x, weight, bias)?)
    }

    /// Sees the mixtures of the first half of what was seen with the other half, of which the first has these shares, shape `(n, 1)`.
    ///
    /// The first layer, by far the largest, makes of a mixture the mixture of what it made.
    pub(super) fn see_between(&self, seen: &Seen, shares: &Tensor) -> Result<Seen> {
        let n = shares.dim(0)?;
        let mixture = |both: &Tensor| -> Result<Tensor> {
            let (one, other) = (both.narrow(0, 0, n)?, both.narrow(0, n, n)?);
            Ok((&other + (one - &other)?.broadcast_mul(shares)?)?)
        };
        self.go_on(mixture(&seen.made[0])?)
    }

    /// Passes what the first layer made of its input through the others.
    fn go_on(&self, made: Tensor) -> Result<Seen> {
        let (mut made, mut bent) = (vec![made], Vec::new());
        for (at, (weight, bias)) in self.layers.iter().enumerate().skip(1) {
            let x = BEND.apply(&made[at - 1])?;
            made.push(mix(&x, weight, bias)?);
            bent.push(x);
        }
        Ok(Seen { made, bent })
    }

    /// Adds the gradient of the weights, where that of the scores is `gradient`.
    pub(super) fn teach(
        &self,
        (x, seen): (&Tensor, &Seen),
        gradient: &Tensor,
        returned: &Returned,
    ) -> Result<()> {
        let mut gradient = gradient.clone();
        for (at, (weight, _)) in self.layers.iter().enumerate().rev() {
            gradient = seen.unbend(at, gradient)?;
            let read = if at == 0 { x } else { &seen.bent[at - 1] };
            returned.add_product(&self.weights[2 * at], (&gradient, read))?;
            returned.add_sum(&self.weights[2 * at + 1], &gradient)?;
            if at > 0 {
                gradient = gradient.matmul(weight)?;
            }
        }
        Ok(())
    }

    /// Returns the mean over examples of `(length of the slopes - 1)^2` (Gulrajani et al. 2017), and adds its gradient, so many times.
    ///
    /// Slopes are those of the scores by what was seen, of which `kinds`, shape `(n, kinds)`, says how much each counts: a product of weight
    /// matrices with masks between them. The masks do not change where weights change a little, so that no second derivative is needed: what
    /// comes down through the layers meets what goes up again.
    pub(super) fn penalty(
        &self,
        (seen, kinds): (&Seen, &Tensor),
        (times, returned): (f64, &Returned),
    ) -> Result<f64> {
        let mut down = Vec::with_capacity(self.layers.len());
        let mut slopes = kinds.clone();
        for (at, (weight, _)) in self.layers.iter().enumerate().rev() {
            let come = seen.unbend(at, slopes)?;
            slopes = come.matmul(weight)?;
            down.push(come);
        }
        // The length has no slope at 0.
        let lengths = slopes.sqr()?.sum_keepdim(1)?.affine(1.0, 1e-12)?.sqrt()?;
        let off = lengths.affine(1.0, -1.0)?;
        let mean = f64::from(off.sqr()?.mean_all()?.to_scalar::<f32>()?);
        let pull = (off / lengths)?.affine(2.0 * times / kinds.dim(0)? as f64, 0.0)?;
        let mut up = slopes.broadcast_mul(&pull)?;
        for (at, come) in down.iter().rev().enumerate() {
            returned.add_product(&self.weights[2 * at], (come, &up))?;
            if at + 1 < down.len() {
                up = seen.unbend(at, up.matmul(&self.layers[at].0.t()?)?)?;
            }
        }
        Ok(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::Critic;
    use crate::Result;
    use crate::network::{Returned, plainly};
    use candle_core::{DType, Device, Tensor, Var};

    /// What `PyTorch` finds by differentiating twice, made by the script beside it.
    const GOLDEN: &str = include_str!("../../../tests/golden/generative/wgan_gp.tsv");
    const SIZES: [usize; 4] = [5, 4, 3, 2];

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

    struct Example {
        weights: Vec<Var>,
        x: Tensor,
        kinds: Tensor,
    }

    impl Example {
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

        /// The penalty and its gradient by the weight of every layer.
        fn penalty(&self) -> Result<(f64, Vec<Tensor>)> {
            let weights: Vec<Tensor> = self.weights.iter().map(|w| w.as_tensor().clone()).collect();
            let (critic, returned) = (Critic::new(&weights), Returned::default());
            let seen = critic.see(&self.x)?;
            let mean = critic.penalty((&seen, &self.kinds), (1.0, &returned))?;
            Ok((
                mean,
                self.gradients(&returned)?.into_iter().flatten().collect(),
            ))
        }

        /// What has come back to weights and biases in turn.
        fn gradients(&self, returned: &Returned) -> Result<Vec<Option<Tensor>>> {
            let mut gradients = Tensor::zeros((), DType::F32, &Device::Cpu)?.backward()?;
            returned.hand_over(&mut gradients)?;
            let all = self.weights.iter();
            Ok(all.map(|weight| gradients.get(weight).cloned()).collect())
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
        let (mean, gradients) = Example::new()?.penalty()?;
        let mean = Tensor::new(mean as f32, &Device::Cpu)?;
        near(&mean, &golden("penalty"), 1e-5)?;
        assert_eq!(gradients.len(), SIZES.len() - 1);
        for (layer, gradient) in gradients.iter().enumerate() {
            near(gradient, &golden(&format!("weight {layer}")), 1e-5)?;
        }
        Ok(())
    }

    /// Differences of single-precision numbers: 1 % of the largest.
    #[test]
    fn the_gradient_is_what_differences_say() -> Result<()> {
        let example = Example::new()?;
        let (_, gradients) = example.penalty()?;
        for (pair, gradient) in example.weights.chunks(2).zip(&gradients) {
            let weight = &pair[0];
            let known = weight.as_tensor().flatten_all()?.to_vec1::<f32>()?;
            let mut found = Vec::new();
            for place in 0..known.len() {
                let mut ends = [0.0, 0.0];
                for (end, step) in ends.iter_mut().zip([1e-3_f32, -1e-3]) {
                    let mut moved = known.clone();
                    moved[place] += step;
                    weight.set(&Tensor::from_vec(moved, weight.shape(), &Device::Cpu)?)?;
                    *end = example.penalty()?.0;
                }
                found.push((ends[0] - ends[1]) / 2e-3);
            }
            weight.set(&Tensor::from_vec(known, weight.shape(), &Device::Cpu)?)?;
            near(gradient, &found, 1e-2)?;
        }
        Ok(())
    }

    /// The scores and the gradient of what is taught are those of candle's tape; taught twice, twice as much comes back. To single
    /// precision: 1e-5 of the largest number. Ours and what a GPU is asked to do.
    #[test]
    fn what_is_taught_is_what_the_tape_says() -> Result<()> {
        let example = Example::new()?;
        let weights: Vec<Tensor> = example
            .weights
            .iter()
            .map(|w| w.as_tensor().clone())
            .collect();
        let mut out = example.x.clone();
        for (layer, pair) in weights.chunks(2).enumerate() {
            if layer > 0 {
                let below = out.affine(0.2, 0.0)?;
                out = out.gt(0.0)?.where_cond(&out, &below)?;
            }
            out = out.matmul(&pair[0].t()?)?.broadcast_add(&pair[1])?;
        }
        let slopes = numbers(&[6, SIZES[SIZES.len() - 1]], 3.0)?;
        let tape = (&out * &slopes)?.sum_all()?.backward()?;
        let teach = || -> Result<()> {
            let (critic, returned) = (Critic::new(&weights), Returned::default());
            let seen = critic.see(&example.x)?;
            near(seen.scores(), &doubles(&out)?, 1e-5)?;
            critic.teach((&example.x, &seen), &slopes, &returned)?;
            critic.teach((&example.x, &seen), &slopes, &returned)?;
            for (weight, found) in weights.iter().zip(example.gradients(&returned)?) {
                let expected = tape.get(weight).map(|known| known.affine(2.0, 0.0));
                let (Some(found), Some(expected)) = (found, expected.transpose()?) else {
                    panic!("a weight has no gradient");
                };
                near(&found, &doubles(&expected)?, 1e-5)?;
            }
            // The next pass begins anew.
            critic.teach((&example.x, &seen), &slopes.zeros_like()?, &returned)?;
            for found in example.gradients(&returned)?.iter().flatten() {
                assert!(doubles(found)?.iter().all(|&number| number == 0.0));
            }
            Ok(())
        };
        teach()?;
        plainly(teach)
    }

    /// To single precision: 1e-5 of the largest number.
    #[test]
    fn mixtures_are_seen_as_if_they_had_been_mixed_before() -> Result<()> {
        let example = Example::new()?;
        let weights: Vec<Tensor> = example
            .weights
            .iter()
            .map(|w| w.as_tensor().clone())
            .collect();
        let critic = Critic::new(&weights);
        let shares = Tensor::new(&[[0.0_f32], [0.3], [1.0]], &Device::Cpu)?;
        let (one, other) = (example.x.narrow(0, 0, 3)?, example.x.narrow(0, 3, 3)?);
        let mixed = (&other + (one - &other)?.broadcast_mul(&shares)?)?;
        let found = critic.see_between(&critic.see(&example.x)?, &shares)?;
        for (found, expected) in found.made.iter().zip(&critic.see(&mixed)?.made) {
            near(found, &doubles(expected)?, 1e-5)?;
        }
        Ok(())
    }

    fn doubles(tensor: &Tensor) -> Result<Vec<f64>> {
        let numbers = tensor.flatten_all()?.to_vec1::<f32>()?;
        Ok(numbers.into_iter().map(f64::from).collect())
    }
}
