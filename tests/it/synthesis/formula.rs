//! Small models that everybody can write down.

use genolens::Result;
use genolens::candle_core::{Device, Tensor};
use genolens::ndarray::{Array2, Array3};
use genolens::network::{Architecture, Model, Network, to_tensor};

/// `tanh(x A) B`, as in `tests/golden/synthesis/make.py`.
pub(super) struct Formula;

impl Model for Formula {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let a = Array2::from_shape_fn((6, 8), |(i, j)| {
            (1.0 + 7.0 * i as f32 + 3.0 * j as f32).sin()
        });
        let b = Array2::from_shape_fn((8, 3), |(i, j)| (2.0 + 5.0 * i as f32 + j as f32).cos());
        let hidden = x.matmul(&to_tensor(&a, x.device())?)?.tanh()?;
        Ok(hidden.matmul(&to_tensor(&b, x.device())?)?)
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

/// The rows that go with it.
pub(super) fn rows() -> Array2<f32> {
    Array2::from_shape_fn((4, 6), |(i, j)| (4.0 * i as f32 + j as f32).sin() / 2.0)
}

/// Adds up a weight for every letter at every position, shape `(letters, length)`, in each of its outputs.
pub(super) struct Linear(pub(super) Vec<Array2<f32>>);

impl Linear {
    /// Weights without a pattern, for so many positions.
    pub(super) fn drawn(length: usize, seed: usize) -> Self {
        Self(vec![Array2::from_shape_fn((4, length), |(i, j)| {
            ((seed + 1) as f32 * 1.7 + 2.3 * i as f32 + 4.1 * j as f32).sin()
        })])
    }

    /// The letter with the largest weight at every position.
    pub(super) fn best(&self) -> String {
        (self.0[0].columns().into_iter())
            .map(|column| {
                let best = (0..4).max_by(|&a, &b| column[a].total_cmp(&column[b]));
                char::from(b"ACGT"[best.unwrap()])
            })
            .collect()
    }
}

impl Model for Linear {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let outputs = self.0.iter().map(|weights| {
            let weights = to_tensor(weights, x.device())?;
            Ok(x.broadcast_mul(&weights)?.flatten_from(1)?.sum(1)?)
        });
        let outputs = outputs.collect::<Result<Vec<_>>>()?;
        Ok(Tensor::stack(&outputs, 1)?)
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

/// The same for images of one channel: how bright a stripe is, less the rest.
pub(super) struct Stripe;

impl Model for Stripe {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (_, _, height, width) = x.dims4()?;
        let weights = Array3::from_shape_fn((1, height, width), |(_, _, column)| {
            if column == width / 2 { 1.0 } else { -1.0 }
        });
        let weights = to_tensor(&weights, x.device())?;
        Ok(x.broadcast_mul(&weights)?.flatten_from(1)?.sum_keepdim(1)?)
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

/// One filter that likes a word, the strongest match, and a score: 1.5 for the word, 2 less for every other letter, and at least 1.5 less the length.
pub(super) fn looks_for(word: &str) -> Network {
    filter_of(word, -1.0)
}

/// The same with 1 less for every other letter, so that its rectifier is never off.
pub(super) fn counts(word: &str) -> Network {
    filter_of(word, 0.0)
}

fn filter_of(word: &str, other: f32) -> Network {
    let filter: Vec<f32> = (0..4)
        .flat_map(|letter| {
            let own = word.bytes();
            own.map(move |is| if is == b"ACGT"[letter] { 1.0 } else { other })
        })
        .collect();
    let mut network = Architecture::sequences(4)
        .convolution(1, word.len())
        .relu()
        .global_max_pool()
        .dense(1)
        .build()
        .unwrap();
    for name in network.weight_names() {
        let shape = network.tensor(&name).unwrap().dims().to_vec();
        let numbers = match name.as_str() {
            "0.convolution.kernel" => filter.clone(),
            "0.convolution.bias" => vec![0.0],
            "3.dense.weight" => vec![1.0],
            _ => vec![1.5 - word.len() as f32],
        };
        let tensor = Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap();
        network = network.with_tensor(&name, &tensor).unwrap();
    }
    network
}
