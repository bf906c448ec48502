//! The closed set of optimisers.

use super::tensor_step::TensorStep;
use super::update::Step;
use super::{Adadelta, Adam, AdamW, RmsProp, Sgd};
use crate::{Error, Result};
use candle_core::Tensor;

/// How gradients change weights; made from the optimiser with its options.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Optimizer {
    /// Adam, or `AdamW`.
    Adam(Adam),
    /// Gradient descent, with momentum or without.
    Sgd(Sgd),
    /// `RMSprop`.
    RmsProp(RmsProp),
    /// Adadelta.
    Adadelta(Adadelta),
}

impl Optimizer {
    /// Returns the learning rate that `PyTorch` takes when none is given.
    pub fn default_rate(&self) -> f64 {
        match self {
            Self::Adam(_) | Self::Sgd(_) => 1e-3,
            Self::RmsProp(_) => 1e-2,
            Self::Adadelta(_) => 1.0,
        }
    }

    pub(crate) fn weight_decay(&self) -> f64 {
        match self {
            Self::Adam(adam) => adam.weight_decay,
            Self::Sgd(sgd) => sgd.weight_decay,
            Self::RmsProp(rms) => rms.weight_decay,
            Self::Adadelta(delta) => delta.weight_decay,
        }
    }

    /// Returns how many numbers are remembered of every weight.
    pub(super) fn slots(&self) -> usize {
        match self {
            Self::Adam(adam) => adam.slots(),
            Self::Sgd(sgd) => sgd.slots(),
            Self::RmsProp(rms) => rms.slots(),
            Self::Adadelta(_) => 2,
        }
    }

    pub(super) fn update(&self, step: &mut Step<'_>) {
        match self {
            Self::Adam(adam) => adam.update(step),
            Self::Sgd(sgd) => sgd.update(step),
            Self::RmsProp(rms) => rms.update(step),
            Self::Adadelta(delta) => delta.update(step),
        }
    }

    /// Returns where the weights go.
    pub(super) fn move_tensor(&self, step: &mut TensorStep<'_>) -> candle_core::Result<Tensor> {
        match self {
            Self::Adam(adam) => adam.move_tensor(step),
            Self::Sgd(sgd) => sgd.move_tensor(step),
            Self::RmsProp(rms) => rms.move_tensor(step),
            Self::Adadelta(delta) => delta.move_tensor(step),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let share = |name: &str, value: f64| {
            if (0.0..1.0).contains(&value) {
                return Ok(());
            }
            Err(Error::value(name, "0 to below 1", value))
        };
        let size = |name: &str, value: f64| {
            if value.is_finite() && value >= 0.0 {
                return Ok(());
            }
            Err(Error::value(name, "at least 0", value))
        };
        size("weight_decay", self.weight_decay())?;
        match self {
            Self::Adam(adam) => {
                share("betas", adam.betas.0)?;
                share("betas", adam.betas.1)?;
                size("epsilon", adam.epsilon)
            }
            Self::Sgd(sgd) => {
                share("momentum", sgd.momentum)?;
                if !(0.0..=1.0).contains(&sgd.dampening) {
                    return Err(Error::value("dampening", "0 to 1", sgd.dampening));
                }
                if sgd.nesterov && (sgd.momentum == 0.0 || sgd.dampening != 0.0) {
                    let got = format!(
                        "true with momentum {}, dampening {}",
                        sgd.momentum, sgd.dampening
                    );
                    let expected = "false, or momentum above 0 and no dampening";
                    return Err(Error::value("nesterov", expected, got));
                }
                Ok(())
            }
            Self::RmsProp(rms) => {
                share("alpha", rms.alpha)?;
                share("momentum", rms.momentum)?;
                size("epsilon", rms.epsilon)
            }
            Self::Adadelta(delta) => {
                share("rho", delta.rho)?;
                size("epsilon", delta.epsilon)
            }
        }
    }
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::Adam(Adam::new())
    }
}

impl From<AdamW> for Optimizer {
    fn from(optimizer: AdamW) -> Self {
        Self::Adam(optimizer.0)
    }
}

macro_rules! from {
    ($($optimizer:ident)*) => {
        $(impl From<$optimizer> for Optimizer {
            fn from(optimizer: $optimizer) -> Self {
                Self::$optimizer(optimizer)
            }
        })*
    };
}

from!(Adam Sgd RmsProp Adadelta);
