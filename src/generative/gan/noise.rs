//! What a generator reads: noise, and the kind of cell that is asked for.

use crate::Result;
use crate::generative::noise::standard_normal;
use crate::random::Seed;
use candle_core::{Device, Tensor};

/// Draws `(n, dimensions)` numbers of the standard normal distribution, the kinds behind them; every row has a seed of its own.
pub(super) fn noise(
    seed: Seed,
    (dimensions, first): (usize, usize),
    (kinds, count): (&[usize], usize),
) -> Result<Tensor> {
    let drawn = standard_normal((kinds.len(), dimensions), (seed, first));
    let mut values = Vec::with_capacity(kinds.len() * (dimensions + count));
    for (row, &kind) in drawn.chunks_exact(dimensions).zip(kinds) {
        values.extend(row);
        one_hot(kind, count, &mut values);
    }
    let shape = (kinds.len(), dimensions + count);
    Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
}

/// Says for every row which output of the critic counts, shape `(n, kinds)`; without kinds there is one output.
pub(super) fn choice(kinds: &[usize], count: usize) -> Result<Tensor> {
    let count = count.max(1);
    let mut values = Vec::with_capacity(kinds.len() * count);
    for &kind in kinds {
        one_hot(kind, count, &mut values);
    }
    Ok(Tensor::from_vec(
        values,
        (kinds.len(), count),
        &Device::Cpu,
    )?)
}

fn one_hot(kind: usize, count: usize, out: &mut Vec<f32>) {
    out.extend((0..count).map(|other| f32::from(u8::from(other == kind))));
}
