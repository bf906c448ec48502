//! Adam, with weight decay in the gradient or beside it.

use super::tensor_step::TensorStep;
use super::update::{Step, each};
use candle_core::{Result, Tensor};

/// Adam: steps as long as the mean gradient is large beside its own size (Kingma and Ba 2015, <https://arxiv.org/abs/1412.6980>).
///
/// Defaults as `torch.optim.Adam`: decay rates 0.9 and 0.999, epsilon 1e-8, no weight decay, not the variant of Reddi et al.; learning rate 0.001.
///
/// # Examples
///
/// ```
/// use genolens::training::{Adam, Fit};
/// let fitting = Fit::new().optimizer(Adam::new().betas(0.9, 0.99).weight_decay(1e-4)).learning_rate(0.001);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    pub(super) betas: (f64, f64),
    pub(super) epsilon: f64,
    pub(super) weight_decay: f64,
    pub(super) amsgrad: bool,
    /// Whether weight decay stays out of the gradient.
    pub(super) decoupled: bool,
}

impl Adam {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self {
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
            decoupled: false,
        }
    }

    /// Sets what the means of the gradient and of its square keep of themselves at every step, each 0 to below 1.
    pub fn betas(mut self, gradient: f64, square: f64) -> Self {
        self.betas = (gradient, square);
        self
    }

    /// Sets what is added to the size of the gradient.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Sets the share of every weight that is added to its gradient.
    pub fn weight_decay(mut self, decay: f64) -> Self {
        self.weight_decay = decay;
        self
    }

    /// Divides by the largest size so far in place of the present one (Reddi et al. 2018, <https://arxiv.org/abs/1904.09237>).
    pub fn amsgrad(mut self, amsgrad: bool) -> Self {
        self.amsgrad = amsgrad;
        self
    }

    pub(super) fn slots(self) -> usize {
        if self.amsgrad { 3 } else { 2 }
    }

    pub(super) fn update(self, step: &mut Step<'_>) {
        let momentum = step.momentum.unwrap_or(self.betas.0);
        let keep2 = self.betas.1 as f32;
        // Rounded once: one minus a rounded 0.999 is off by a part in 20,000.
        let (new1, new2) = ((1.0 - momentum) as f32, (1.0 - self.betas.1) as f32);
        let unbias1 = 1.0 - momentum.powf(step.number as f64);
        let unbias2 = 1.0 - self.betas.1.powf(step.number as f64);
        let (rate, root) = ((step.rate / unbias1) as f32, unbias2.sqrt() as f32);
        let epsilon = self.epsilon as f32;
        let (shrink, pull) = if self.decoupled {
            (1.0 - (step.rate * step.decay) as f32, 0.0)
        } else {
            (1.0, step.decay as f32)
        };
        let means = move |w: f32, g: f32, m: f32, v: f32| {
            let g = g + pull * w;
            (m + (g - m) * new1, keep2 * v + new2 * g * g)
        };
        let moved =
            move |w: f32, m: f32, v: f32| w * shrink - rate * m / (v.sqrt() / root + epsilon);
        let (weight, gradient) = (&mut step.weight[..], step.gradient);
        match &mut step.memory[..] {
            [first, second] => each(weight, gradient, [first, second], move |w, g, [m, v]| {
                let (m, v) = means(w, g, m, v);
                (moved(w, m, v), [m, v])
            }),
            [first, second, largest] => {
                let memory: [&mut [f32]; 3] = [first, second, largest];
                each(weight, gradient, memory, move |w, g, [m, v, top]| {
                    let (m, v) = means(w, g, m, v);
                    let top = top.max(v);
                    (moved(w, m, top), [m, v, top])
                });
            }
            _ => {}
        }
    }

    /// The same, for all numbers of a tensor at once.
    pub(super) fn move_tensor(self, step: &mut TensorStep<'_>) -> Result<Tensor> {
        let (keep1, keep2) = (step.momentum.unwrap_or(self.betas.0), self.betas.1);
        let unbias1 = 1.0 - keep1.powf(step.number as f64);
        let unbias2 = 1.0 - keep2.powf(step.number as f64);
        let (shrink, pull) = if self.decoupled {
            (1.0 - step.rate * step.decay, 0.0)
        } else {
            (1.0, step.decay)
        };
        let g = step.pulled(pull)?;
        let [first, second, rest @ ..] = step.memory else {
            return step.unchanged();
        };
        *first = (&*first + (&g - &*first)?.affine(1.0 - keep1, 0.0)?)?;
        *second = (second.affine(keep2, 0.0)? + g.sqr()?.affine(1.0 - keep2, 0.0)?)?;
        let size = match rest {
            [largest, ..] => {
                *largest = largest.maximum(&*second)?;
                &*largest
            }
            [] => &*second,
        };
        let size = size.sqrt()?.affine(1.0 / unbias2.sqrt(), self.epsilon)?;
        let by = (&*first / size)?.affine(step.rate / unbias1, 0.0)?;
        step.weight.affine(shrink, 0.0)? - by
    }
}

impl Default for Adam {
    fn default() -> Self {
        Self::new()
    }
}

/// Adam with weight decay beside the gradient: weights shrink by the learning rate times the decay, whatever their gradient
/// (Loshchilov and Hutter 2019, <https://arxiv.org/abs/1711.05101>).
///
/// Defaults as `torch.optim.AdamW`: those of [`Adam`], and weight decay 0.01.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW(pub(super) Adam);

impl AdamW {
    /// Takes the defaults.
    pub fn new() -> Self {
        let adam = Adam::new().weight_decay(0.01);
        Self(Adam {
            decoupled: true,
            ..adam
        })
    }

    /// Sets what the means of the gradient and of its square keep of themselves at every step, each 0 to below 1.
    pub fn betas(self, gradient: f64, square: f64) -> Self {
        Self(self.0.betas(gradient, square))
    }

    /// Sets what is added to the size of the gradient.
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self(self.0.epsilon(epsilon))
    }

    /// Sets by what share, times the learning rate, weights shrink at every step.
    pub fn weight_decay(self, decay: f64) -> Self {
        Self(self.0.weight_decay(decay))
    }

    /// Divides by the largest size so far in place of the present one.
    pub fn amsgrad(self, amsgrad: bool) -> Self {
        Self(self.0.amsgrad(amsgrad))
    }
}

impl Default for AdamW {
    fn default() -> Self {
        Self::new()
    }
}
