//! A memory that is carried along a sequence.

use super::initial::Initial;
use super::layer::Step;
use super::operation::recur;
use super::rules::{Rules, Usual};
use super::sizes::check_sizes;
use super::{Activation, Misfit, Parameter, Pass, Shape, is_ours};
use crate::{Error, Result};
use candle_core::{IndexOp, Tensor};
use std::fmt;

/// A long short-term memory: `(n, channels, length)` to `(n, hidden, length)`, or `(n, 2 hidden, length)` in both directions.
///
/// With `s` the logistic function, at every position, from the state `h` and the cell `c` of the position before (zeros at first):
///
/// ```text
/// i = s(W_i x + U_i h + b_i)       c' = f c + i g
/// f = s(W_f x + U_f h + b_f)       h' = o tanh(c')
/// g = tanh(W_g x + U_g h + b_g)
/// o = s(W_o x + U_o h + b_o)
/// ```
///
/// The output is `h` at every position; in both directions, first that of the memory which comes from the left, then that of the one
/// from the right. [`last`](Self::last) gives the final states only, `(n, hidden)` or `(n, 2 hidden)`.
///
/// Parameters are named and laid out as in `PyTorch`, gates in the order `i`, `f`, `g`, `o`: `weight_ih_l0` of shape
/// `(4 hidden, channels)`, `weight_hh_l0` of shape `(4 hidden, hidden)`, `bias_ih_l0` and `bias_hh_l0` of shape `(4 hidden)`, which are
/// added; for the direction from the right the same with `_reverse` behind. All are drawn uniformly from ±1/sqrt(hidden), as there.
/// Layers are stacked by adding more of them.
///
/// Checked against `nn.LSTM` of `PyTorch` 2.15. Hochreiter and Schmidhuber 1997, <https://doi.org/10.1162/neco.1997.9.8.1735>;
/// with forget gates Gers et al. 2000, <https://doi.org/10.1162/089976600300015015>.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, Lstm};
/// # fn main() -> genolens::Result<()> {
/// let network = Architecture::sequences(4).then(Lstm::new(8).bidirectional().last()).dense(1).build()?;
/// assert_eq!(network.weight("0.lstm.weight_hh_l0_reverse")?.shape(), [32, 8]);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lstm {
    hidden: usize,
    bidirectional: bool,
    last: bool,
}

/// The names of the weights of both directions.
const NAMES: [[&str; 4]; 2] = [
    ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"],
    [
        "weight_ih_l0_reverse",
        "weight_hh_l0_reverse",
        "bias_ih_l0_reverse",
        "bias_hh_l0_reverse",
    ],
];

impl Lstm {
    /// Describes a memory with so many units that reads from left to right.
    pub fn new(hidden: usize) -> Self {
        Self {
            hidden,
            bidirectional: false,
            last: false,
        }
    }

    /// Adds a second memory that reads from right to left.
    pub fn bidirectional(mut self) -> Self {
        self.bidirectional = true;
        self
    }

    /// Gives the final state of each memory instead of the states at all positions.
    pub fn last(mut self) -> Self {
        self.last = true;
        self
    }

    /// Returns the number of units in one direction.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    fn directions(self) -> usize {
        1 + usize::from(self.bidirectional)
    }

    /// Runs one memory over `x` `(n, length, channels)`; returns its states `(n, length, hidden)`.
    fn direct(
        x: &Tensor,
        weights: &[Tensor],
        (backwards, rules): (bool, Option<&dyn Rules>),
    ) -> Result<Tensor> {
        let [input, recurrent, bias, other_bias] = weights else {
            return Err(Error::value(
                "weights",
                "4 tensors a direction",
                weights.len(),
            ));
        };
        let (n, length, channels) = x.dims3()?;
        let projected = x.reshape((n * length, channels))?.matmul(&input.t()?)?;
        let projected = projected.reshape((n, length, ()))?;
        let bias = (bias + other_bias)?;
        if rules.is_none() && is_ours(x.device()) {
            return Ok(recur(&projected, (recurrent, &bias), backwards)?);
        }
        let rules = rules.unwrap_or(&Usual);
        Ok(compose(&projected, (recurrent, &bias), (backwards, rules))?)
    }
}

/// The recurrence from candle's operations.
fn compose(
    projected: &Tensor,
    (weight, bias): (&Tensor, &Tensor),
    (backwards, rules): (bool, &dyn Rules),
) -> candle_core::Result<Tensor> {
    let (n, length, wide) = projected.dims3()?;
    let hidden = wide / 4;
    let zeros = || Tensor::zeros((n, hidden), projected.dtype(), projected.device());
    let sigmoid = |x: Tensor| rules.activation(Activation::Sigmoid, &x);
    let tanh = |x: Tensor| rules.activation(Activation::Tanh, &x);
    let (mut state, mut cell) = (zeros()?, zeros()?);
    let (projected, weight) = (projected.broadcast_add(bias)?, weight.t()?);
    let mut states = Vec::with_capacity(length);
    for step in 0..length {
        let position = if backwards { length - 1 - step } else { step };
        let gates = (projected.i((.., position, ..))? + state.matmul(&weight)?)?;
        let gate = |index: usize| gates.narrow(1, index * hidden, hidden);
        let new = rules.product(&sigmoid(gate(0)?)?, &tanh(gate(2)?)?)?;
        cell = (rules.product(&sigmoid(gate(1)?)?, &cell)? + new)?;
        state = rules.product(&sigmoid(gate(3)?)?, &tanh(cell.clone())?)?;
        states.push(state.clone());
    }
    if backwards {
        states.reverse();
    }
    Tensor::stack(&states, 1)
}

impl fmt::Display for Lstm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LSTM {}", self.hidden)?;
        if self.bidirectional {
            f.write_str(", both directions")?;
        }
        if self.last {
            f.write_str(", last state")?;
        }
        Ok(())
    }
}

impl Step for Lstm {
    fn name(&self) -> &'static str {
        "lstm"
    }

    fn check(&self) -> Result<()> {
        check_sizes(&[("hidden", self.hidden)])
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        let Shape::Sequence { channels, length } = input else {
            return Err("(n, channels, length)".into());
        };
        if length == Some(0) {
            return Err(format!("(n, {channels}, length) with length at least 1").into());
        }
        let channels = self.hidden * self.directions();
        Ok(if self.last {
            Shape::Features(channels)
        } else {
            Shape::Sequence { channels, length }
        })
    }

    fn parameters(&self, input: Shape, _: bool) -> Vec<Parameter> {
        let Shape::Sequence { channels, .. } = input else {
            return Vec::new();
        };
        let bound = 1.0 / (self.hidden as f64).sqrt();
        let gates = 4 * self.hidden;
        let shapes: [&[usize]; 4] = [
            &[gates, channels],
            &[gates, self.hidden],
            &[gates],
            &[gates],
        ];
        NAMES[..self.directions()]
            .iter()
            .flat_map(|names| names.iter().zip(shapes))
            .map(|(name, shape)| Parameter::trained(name, shape, Initial::Uniform { bound }))
            .collect()
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let x = x.transpose(1, 2)?.contiguous()?;
        let length = x.dim(1)?;
        let rules = pass.rules();
        let mut states = Vec::new();
        for (direction, weights) in weights.chunks(NAMES[0].len()).enumerate() {
            let found = Self::direct(&x, weights, (direction == 1, rules.as_deref()))?;
            states.push(if self.last {
                let end = if direction == 1 { 0 } else { length - 1 };
                found.i((.., end, ..))?
            } else {
                found
            });
        }
        let states = Tensor::cat(&states, states[0].rank() - 1)?;
        if self.last {
            return Ok(states);
        }
        Ok(states.transpose(1, 2)?.contiguous()?)
    }
}
