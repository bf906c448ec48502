//! Dense layers, over features and over flattened positions.

use super::changes::Changes;
use super::level::Level;
use super::product::add_product;
use super::state::Rows;
use crate::network::kernel::{Lanes, Work, run};

/// Up to so many rows are mixed feature by feature: a product of matrices has more to prepare than to do.
const FEW: usize = 4;

/// The weights of a dense layer behind features.
#[derive(Clone, Debug)]
pub(super) struct Mixed {
    /// `(inputs, outputs)`.
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Mixed {
    /// Takes a weight `(outputs, inputs)`.
    pub(super) fn new(weight: &[f32], bias: Vec<f32>) -> Self {
        let inputs = weight.len() / bias.len().max(1);
        let mut turned = Vec::with_capacity(weight.len());
        for input in 0..inputs {
            turned.extend(weight.iter().skip(input).step_by(inputs));
        }
        Self {
            weight: turned,
            bias,
        }
    }

    pub(super) fn mix(&self, x: &Rows) -> Rows {
        let outputs = self.bias.len();
        let mut out = Rows::new(self.bias.repeat(x.count()), outputs);
        if x.count() > FEW {
            add_product(&mut out.values, &x.values, &self.weight, outputs);
        } else {
            run(Few {
                layer: self,
                x,
                out: &mut out,
            });
        }
        out
    }
}

/// Adds what every feature makes of every output.
struct Few<'a> {
    layer: &'a Mixed,
    x: &'a Rows,
    out: &'a mut Rows,
}

#[expect(unsafe_code, reason = "compiled for registers of several widths")]
#[expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
impl Work<f32> for Few<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<Number = f32>>(self) {
        let Self { layer, x, out } = self;
        let outputs = out.features;
        let rows = x.values.chunks_exact(x.features.max(1));
        for (x, out) in rows.zip(out.values.chunks_exact_mut(outputs.max(1))) {
            for (&x, weights) in x.iter().zip(layer.weight.chunks_exact(outputs)) {
                // Behind a rectifier many features are zero.
                if x != 0.0 {
                    let both = out.iter_mut().zip(weights);
                    both.for_each(|(out, &weight)| *out += x * weight);
                }
            }
        }
    }
}

/// The weights of a dense layer behind a flattened sequence, position by position.
#[derive(Clone, Debug)]
pub(super) struct Positions {
    /// `(positions, channels, outputs)`.
    weight: Vec<f32>,
    bias: Vec<f32>,
    channels: usize,
}

impl Positions {
    /// Takes a weight `(outputs, channels * length)` in which the positions of a channel stand side by side.
    pub(super) fn new(weight: &[f32], bias: Vec<f32>, (channels, length): (usize, usize)) -> Self {
        let outputs = bias.len();
        let mut turned = vec![0.0; weight.len()];
        let features = channels * length;
        for feature in 0..features {
            let (channel, position) = (feature / length, feature % length);
            let row = (position * channels + channel) * outputs;
            let weights = weight.iter().skip(feature).step_by(features);
            let row = turned[row..row + outputs].iter_mut().zip(weights);
            row.for_each(|(turned, &weight)| *turned = weight);
        }
        Self {
            weight: turned,
            bias,
            channels,
        }
    }

    pub(super) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Adds what the differences make to what the layer gave before, `(edits, outputs)`; without an origin, mixes the whole of what came.
    pub(super) fn mix(&self, x: Changes, input: Option<&Level>, output: Option<&Level>) -> Rows {
        let x = x.bounded(input).less(input);
        let (edits, channels, outputs) = (x.edits(), self.channels, self.bias.len());
        let before = output.map_or(&self.bias[..], |output| output.row(0));
        let mut out = before.repeat(edits);
        let mut rows = Vec::new();
        let weights = self.weight.chunks_exact((channels * outputs).max(1));
        for (position, weight) in weights.enumerate() {
            let place = |edit: &usize| {
                let place = position as isize - x.starts[*edit];
                (0..x.width as isize)
                    .contains(&place)
                    .then_some(place as usize)
            };
            // Edits come in order, so that those that reach a position stand side by side.
            let first = (0..edits).find(|edit| place(edit).is_some());
            let last = (0..edits).rfind(|edit| place(edit).is_some());
            let (Some(first), Some(last)) = (first, last) else {
                continue;
            };
            rows.clear();
            rows.resize((last + 1 - first) * channels, 0.0);
            for (edit, row) in (first..).zip(rows.chunks_exact_mut(channels)) {
                if let Some(place) = place(&edit) {
                    let at = (place * edits + edit) * channels;
                    row.copy_from_slice(&x.values[at..at + channels]);
                }
            }
            let out = &mut out[first * outputs..(last + 1) * outputs];
            add_product(out, &rows, weight, outputs);
        }
        Rows::new(out, outputs)
    }
}
