//! How far a sequence is from the one that is explained, in the eyes of a model.

use crate::{Error, Result};

/// What of the model the samples keep as it is for the input: the energy of a sequence is how far it is from that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Energy {
    /// What the last dense layer reads, every feature weighing what the layer makes of it for the target:
    /// `sqrt(sum_j (w_j (phi_j(x) - phi_j(x0)))^2)`, as published. Needs a [`Network`](crate::network::Network) whose last layer is dense;
    /// activations and dropout may follow it.
    #[default]
    Penultimate,
    /// The target alone, or its difference to another output: `|f(x) - f(x0)|`. For any model.
    Target,
    /// All outputs, each weighing the same, whatever the target: the Euclidean distance. For any model.
    Outputs,
}

/// Measures the energy from what a model says.
#[derive(Clone, Debug)]
pub(super) enum Measure {
    /// The weight of every feature, and the features of the input.
    Features { weights: Vec<f64>, input: Vec<f64> },
    /// The target, perhaps less another output, and that of the input.
    Target {
        outputs: (usize, Option<usize>),
        input: f64,
    },
}

impl Measure {
    /// Measures the distance to the features of an input, given what every one weighs.
    pub(super) fn features(weights: Vec<f64>, input: &[f32]) -> Self {
        let input = input.iter().copied().map(f64::from).collect();
        Self::Features { weights, input }
    }

    /// Measures the distance to what a model says of an input.
    pub(super) fn target(outputs: (usize, Option<usize>), input: &[f32]) -> Self {
        let input = contrast(outputs, input);
        Self::Target { outputs, input }
    }

    /// Returns the energy.
    ///
    /// # Errors
    ///
    /// Fails when it is infinite or no number.
    pub(super) fn energy(&self, said: &[f32]) -> Result<f64> {
        let energy = match self {
            Self::Features { weights, input } => {
                let pairs = said.iter().zip(input).zip(weights);
                let squares = pairs.map(|((&x, &input), &weight)| {
                    let distance = weight * (f64::from(x) - input);
                    distance * distance
                });
                squares.sum::<f64>().sqrt()
            }
            Self::Target { outputs, input } => (contrast(*outputs, said) - input).abs(),
        };
        if energy.is_finite() {
            return Ok(energy);
        }
        Err(Error::value("energy", "a finite number", energy))
    }
}

fn contrast((target, against): (usize, Option<usize>), outputs: &[f32]) -> f64 {
    let other = against.map_or(0.0, |against| f64::from(outputs[against]));
    f64::from(outputs[target]) - other
}
