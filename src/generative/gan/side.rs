//! One of the two networks while it learns.

use crate::Result;
use crate::network::{Network, Pass, Returned};
use crate::random::Seed;
use crate::training::{Descent, Limits, Optimizer};
use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};

pub(super) struct Side {
    network: Network,
    weights: Vec<Tensor>,
    descent: Descent,
    returned: Returned,
}

impl Side {
    /// Takes copies of the weights.
    pub(super) fn new(network: &Network, optimizer: Optimizer) -> Result<Self> {
        let (mut weights, mut variables) = (Vec::new(), Vec::new());
        for (weight, trained) in network.tensors().iter().zip(network.trained()) {
            let mut copy = weight.detach().copy()?;
            if trained {
                let variable = Var::from_tensor(&copy)?;
                copy = variable.as_tensor().clone();
                variables.push(variable);
            }
            weights.push(copy);
        }
        Ok(Self {
            network: network.with_tensors(weights.clone()),
            descent: Descent::new(optimizer, Limits::default(), &variables)?,
            weights,
            returned: Returned::default(),
        })
    }

    pub(super) fn weights(&self) -> &[Tensor] {
        &self.weights
    }

    /// Passes examples through, as while learning; what batch norms saw is noted if `observe`.
    pub(super) fn forward(&mut self, x: &Tensor, seed: Seed, observe: bool) -> Result<Tensor> {
        let mut pass = Pass::training(seed).returning(&self.returned);
        let out = self.network.run(x, self.network.len(), &mut pass)?;
        if observe {
            for (place, value) in pass.into_updates() {
                self.weights[place] = value;
            }
            self.network = self.network.with_tensors(self.weights.clone());
        }
        Ok(out)
    }

    /// Passes examples through weights of which no gradient is asked.
    pub(super) fn judge(&self, x: &Tensor) -> Result<Tensor> {
        let still = self.weights.iter().map(Tensor::detach).collect();
        let still = self.network.with_tensors(still);
        still.run(x, still.len(), &mut Pass::evaluation())
    }

    /// Returns where gradients of weights go that are found without candle.
    pub(super) fn returned(&self) -> &Returned {
        &self.returned
    }

    /// Takes a step by what candle found and by what came back besides.
    pub(super) fn step(&mut self, gradients: &mut GradStore, rate: f64) -> Result<()> {
        self.returned.hand_over(gradients)?;
        self.descent.step(gradients, (rate, None))
    }

    /// Returns the network with copies of the present weights, which the next step changes in place.
    pub(super) fn copy(&self) -> Result<Network> {
        let copies = self.weights.iter().map(|weight| weight.detach().copy());
        let copies = copies.collect::<candle_core::Result<Vec<_>>>()?;
        Ok(self.network.with_tensors(copies))
    }
}
