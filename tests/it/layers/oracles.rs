//! Layers with weights against their definitions, written down as directly as can be, over random shapes.

use super::case::{Case, flat, wave};
use crate::device::on_every_device;
use genolens::candle_core::{DType, Tensor};
use genolens::network::{
    Attention, BatchNorm, Convolution, Dense, Layer, LayerNorm, Lstm, Padding, RmsNorm, Softmax,
    TransposedConvolution,
};
use proptest::prelude::*;

/// Numbers with axes.
struct Values {
    shape: Vec<usize>,
    numbers: Vec<f64>,
}

impl Values {
    fn zeros(shape: &[usize]) -> Self {
        let numbers = vec![0.0; shape.iter().product()];
        Self {
            shape: shape.to_vec(),
            numbers,
        }
    }

    fn place(&self, at: &[usize]) -> usize {
        assert_eq!(at.len(), self.shape.len());
        at.iter().zip(&self.shape).fold(0, |place, (at, size)| {
            assert!(at < size);
            place * size + at
        })
    }

    fn at(&self, at: &[usize]) -> f64 {
        self.numbers[self.place(at)]
    }

    fn set(&mut self, at: &[usize], value: f64) {
        let place = self.place(at);
        self.numbers[place] = value;
    }
}

impl From<&Tensor> for Values {
    fn from(tensor: &Tensor) -> Self {
        Self {
            shape: tensor.dims().to_vec(),
            numbers: flat(tensor),
        }
    }
}

/// Passes numbers through one layer and through its definition, which gets the input and the weights.
fn compare(
    layer: impl Into<Layer>,
    (shape, phase): (&[usize], f64),
    define: impl Fn(&Values, &[Values]) -> Values,
) -> Result<(), TestCaseError> {
    let layer = layer.into();
    let numbers = wave(shape.iter().product(), phase, 64.0);
    let case = Case::new(layer.clone(), (numbers, shape), DType::F64);
    let weights: Vec<Values> = case
        .weights
        .iter()
        .map(|(_, var)| Values::from(var.as_tensor()))
        .collect();
    let expected = define(&Values::from(case.x.as_tensor()), &weights);
    let found = flat(&case.out(&expected.shape));
    for (place, (found, expected)) in found.iter().zip(&expected.numbers).enumerate() {
        prop_assert!(
            (found - expected).abs() < 1e-10,
            "{layer}, {place}: {found}, expected {expected}"
        );
    }
    Ok(())
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// One example's states, position by position.
fn remember(x: &Values, example: usize, weights: &[Values], backwards: bool) -> Vec<Vec<f64>> {
    let [_, channels, length] = x.shape[..] else {
        panic!()
    };
    let hidden = weights[1].shape[1];
    let (mut state, mut cell) = (vec![0.0; hidden], vec![0.0; hidden]);
    let mut states = vec![Vec::new(); length];
    for step in 0..length {
        let position = if backwards { length - 1 - step } else { step };
        let gate = |row: usize| {
            let inputs = (0..channels).map(|channel| {
                weights[0].at(&[row, channel]) * x.at(&[example, channel, position])
            });
            let memory = (0..hidden).map(|unit| weights[1].at(&[row, unit]) * state[unit]);
            inputs.chain(memory).sum::<f64>() + weights[2].at(&[row]) + weights[3].at(&[row])
        };
        let gates: Vec<f64> = (0..4 * hidden).map(gate).collect();
        for unit in 0..hidden {
            let new = sigmoid(gates[unit]) * gates[2 * hidden + unit].tanh();
            cell[unit] = sigmoid(gates[hidden + unit]) * cell[unit] + new;
        }
        state = (0..hidden)
            .map(|unit| sigmoid(gates[3 * hidden + unit]) * cell[unit].tanh())
            .collect();
        states[position].clone_from(&state);
    }
    states
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    fn convolutions_in_groups(
        (n, length, groups) in (1_usize..4, 1_usize..16, 1_usize..5), (per_group, filters) in (1_usize..3, 1_usize..4),
        (width, stride, dilation, zeros) in (1_usize..6, 1_usize..4, 1_usize..4, 0_usize..6), phase in 0.0..7.0,
    ) {
        prop_assume!(length + 2 * zeros > dilation * (width - 1));
        let layer = Convolution::new(groups * filters, width).groups(groups).stride(stride).dilation(dilation);
        let layer = layer.padding(Padding::Zeros(zeros));
        compare(layer, (&[n, groups * per_group, length], phase), |x, weights| {
            let positions = (length + 2 * zeros - dilation * (width - 1) - 1) / stride + 1;
            let mut out = Values::zeros(&[n, groups * filters, positions]);
            for example in 0..n {
                for filter in 0..groups * filters {
                    for position in 0..positions {
                        let mut sum = weights[1].at(&[filter]);
                        for channel in 0..per_group {
                            for tap in 0..width {
                                let seen = position * stride + tap * dilation;
                                if seen >= zeros && seen - zeros < length {
                                    let from = filter / filters * per_group + channel;
                                    sum += weights[0].at(&[filter, channel, tap]) * x.at(&[example, from, seen - zeros]);
                                }
                            }
                        }
                        out.set(&[example, filter, position], sum);
                    }
                }
            }
            out
        })?;
    }

    fn transposed_convolutions(
        (n, length, groups) in (1_usize..4, 1_usize..9, 1_usize..4), (per_group, filters) in (1_usize..3, 1_usize..4),
        (width, stride, dilation, cut, rest) in (1_usize..6, 1_usize..4, 1_usize..4, 0_usize..5, 0_usize..3), phase in 0.0..7.0,
    ) {
        let rest = rest.min(stride.max(dilation) - 1);
        let whole = (length - 1) * stride + dilation * (width - 1) + 1 + rest;
        prop_assume!(whole > 2 * cut);
        let layer = TransposedConvolution::new(groups * filters, width).groups(groups).stride(stride).dilation(dilation);
        let layer = layer.padding(cut).rest(rest);
        compare(layer, (&[n, groups * per_group, length], phase), |x, weights| {
            let positions = whole - 2 * cut;
            let mut out = Values::zeros(&[n, groups * filters, positions]);
            for example in 0..n {
                for filter in 0..groups * filters {
                    for position in 0..positions {
                        out.set(&[example, filter, position], weights[1].at(&[filter]));
                    }
                }
                for channel in 0..groups * per_group {
                    for position in 0..length {
                        for filter in 0..filters {
                            for tap in 0..width {
                                let to = position * stride + tap * dilation;
                                if to >= cut && to - cut < positions {
                                    let at = [example, channel / per_group * filters + filter, to - cut];
                                    let part = x.at(&[example, channel, position]) * weights[0].at(&[channel, filter, tap]);
                                    out.set(&at, out.at(&at) + part);
                                }
                            }
                        }
                    }
                }
            }
            out
        })?;
    }

    fn dense_layers((n, inputs, outputs) in (1_usize..5, 1_usize..9, 1_usize..6), phase in 0.0..7.0) {
        compare(Dense::new(outputs), (&[n, inputs], phase), |x, weights| {
            let mut out = Values::zeros(&[n, outputs]);
            for example in 0..n {
                for output in 0..outputs {
                    let sum: f64 = (0..inputs).map(|input| x.at(&[example, input]) * weights[0].at(&[output, input])).sum();
                    out.set(&[example, output], sum + weights[1].at(&[output]));
                }
            }
            out
        })?;
    }

    fn norms((n, channels, length) in (1_usize..5, 1_usize..9, 1_usize..9), sequence in any::<bool>(), phase in 0.0..7.0) {
        let length = if sequence { length } else { 1 };
        let shape: &[usize] = if sequence { &[n, channels, length] } else { &[n, channels] };
        let each = |x: &Values, of: &dyn Fn(&[f64], usize) -> f64| {
            let mut out = Values::zeros(shape);
            for example in 0..n {
                for position in 0..length {
                    let place = |channel: usize| (example * channels + channel) * length + position;
                    let column: Vec<f64> = (0..channels).map(|channel| x.numbers[place(channel)]).collect();
                    for channel in 0..channels {
                        out.numbers[place(channel)] = of(&column, channel);
                    }
                }
            }
            out
        };
        let mean = |x: &mut dyn Iterator<Item = f64>| x.sum::<f64>() / channels as f64;
        compare(LayerNorm::new().epsilon(0.01), (shape, phase), |x, weights| {
            each(x, &|x, channel| {
                let center = mean(&mut x.iter().copied());
                let spread = (mean(&mut x.iter().map(|x| (x - center).powi(2))) + 0.01).sqrt();
                (x[channel] - center) / spread * weights[0].at(&[channel]) + weights[1].at(&[channel])
            })
        })?;
        compare(RmsNorm::new().epsilon(0.01), (shape, phase), |x, weights| {
            each(x, &|x, channel| {
                x[channel] / (mean(&mut x.iter().map(|x| x * x)) + 0.01).sqrt() * weights[0].at(&[channel])
            })
        })?;
        compare(BatchNorm::new().epsilon(0.01), (shape, phase), |x, weights| {
            let [scale, shift, center, variance] = weights else { panic!() };
            each(x, &|x, channel| {
                let standard = (x[channel] - center.at(&[channel])) / (variance.at(&[channel]) + 0.01).sqrt();
                standard * scale.at(&[channel]) + shift.at(&[channel])
            })
        })?;
        compare(Softmax, (shape, phase), |x, _| {
            each(x, &|x, channel| x[channel].exp() / x.iter().map(|x| x.exp()).sum::<f64>())
        })?;
    }

    fn memories(
        // More examples than go through side by side, too.
        (n, channels, length) in (prop_oneof![1_usize..4, 30_usize..40], 1_usize..4, 1_usize..6),
        hidden in 1_usize..5, (both, last) in any::<(bool, bool)>(), phase in 0.0..7.0,
    ) {
        let layer = Lstm::new(hidden);
        let layer = if both { layer.bidirectional() } else { layer };
        let layer = if last { layer.last() } else { layer };
        compare(layer, (&[n, channels, length], phase), |x, weights| {
            let wide = if both { 2 * hidden } else { hidden };
            let mut out = Values::zeros(&[n, wide, if last { 1 } else { length }]);
            for example in 0..n {
                for (direction, weights) in weights.chunks(4).enumerate() {
                    let states = remember(x, example, weights, direction == 1);
                    for unit in 0..hidden {
                        if last {
                            let end = if direction == 1 { 0 } else { length - 1 };
                            out.set(&[example, direction * hidden + unit, 0], states[end][unit]);
                            continue;
                        }
                        for (position, state) in states.iter().enumerate() {
                            out.set(&[example, direction * hidden + unit, position], state[unit]);
                        }
                    }
                }
            }
            out
        })?;
    }

    fn attention((n, heads, size, length) in (1_usize..4, 1_usize..4, 1_usize..4, 1_usize..7), phase in 0.0..7.0) {
        let channels = heads * size;
        compare(Attention::new(heads), (&[n, channels, length], phase), |x, weights| {
            let mut out = Values::zeros(&[n, channels, length]);
            for example in 0..n {
                // Row `row` of the inner map at a position.
                let inner = |row: usize, position: usize| {
                    let parts = (0..channels).map(|channel| weights[0].at(&[row, channel]) * x.at(&[example, channel, position]));
                    parts.sum::<f64>() + weights[1].at(&[row])
                };
                for position in 0..length {
                    let mut mixed = Vec::new();
                    for channel in 0..channels {
                        let head = channel / size * size..channel / size * size + size;
                        let likeness = |other: usize| {
                            let products = head.clone().map(|row| inner(row, position) * inner(channels + row, other));
                            (products.sum::<f64>() / (size as f64).sqrt()).exp()
                        };
                        let whole: f64 = (0..length).map(likeness).sum();
                        let seen = (0..length).map(|other| likeness(other) * inner(2 * channels + channel, other));
                        mixed.push(seen.sum::<f64>() / whole);
                    }
                    for channel in 0..channels {
                        let parts = (0..channels).map(|from| weights[2].at(&[channel, from]) * mixed[from]);
                        out.set(&[example, channel, position], parts.sum::<f64>() + weights[3].at(&[channel]));
                    }
                }
            }
            out
        })?;
    }
}

on_every_device!(
    convolutions_in_groups,
    transposed_convolutions,
    dense_layers,
    norms,
    memories,
    attention,
);
